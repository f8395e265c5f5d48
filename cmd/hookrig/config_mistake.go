package main

import (
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
)

// configMistake is the first mistake of a configuration file, by its place. It
// never repeats what may be a secret.
func configMistake(doc *schema.Document, root *schema.Node, broken []schema.Violation) error {
	in := func(v schema.Violation, def string) bool {
		return strings.HasPrefix(v.SchemaPointer, "/$defs/"+def+"/")
	}
	return doc.Mistake(root, broken, schema.Explanation{
		Hint: "hookrig config --schema",
		Say: func(v schema.Violation) string {
			if v.Rule == "type" && in(v, "reference") {
				return "secrets do not stand in this file, it says where they are"
			}
			return ""
		},
		Hide: func(v schema.Violation) bool {
			return in(v, "reference") || in(v, "text") || in(v, "environment") || strings.HasSuffix(v.Pointer, "/secret")
		},
	})
}

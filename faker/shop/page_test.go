package shop_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/faker/shop"
)

var update = flag.Bool("update", false, "rewrite the tables of the page from the vocabulary")

const (
	page  = "../../docs/world.md"
	begin = "<!-- vocabulary: begin, written by go test ./faker/shop -update -->\n"
	end   = "<!-- vocabulary: end -->\n"
)

// docs/world.md has the vocabulary as it is.
func TestVocabularyIsDocumented(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), begin)
	old, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no marks", page)
	}
	now := vocabulary()
	if now == old {
		return
	}
	if !*update {
		t.Fatalf("%s is not as the vocabulary is; rewrite it: go test ./faker/shop -update", page)
	}
	if err := os.WriteFile(page, []byte(head+begin+now+end+tail), 0o600); err != nil {
		t.Fatal(err)
	}
}

// shared are the properties that every kind has.
const shared = 5

func vocabulary() string {
	var b strings.Builder
	b.WriteString("\n## Kinds\n\nWhat is marked [set] or [one's own] is what a world can be told. Every kind has\n\n")
	b.WriteString("| property | type | says |\n|---|---|---|\n")
	for _, p := range shop.Kinds()[0].Properties[:shared] {
		row(&b, p)
	}
	for _, k := range shop.Kinds() {
		fmt.Fprintf(&b, "\n### %s\n\n%s.\n\n| property | type | says |\n|---|---|---|\n", k.Kind, capital(k.Doc))
		for _, p := range k.Properties[shared:] {
			row(&b, p)
		}
	}
	b.WriteString("\n## Actions\n\n| action | about | says |\n|---|---|---|\n")
	for _, a := range shop.Actions() {
		var kinds []string
		for _, k := range a.Kinds {
			kinds = append(kinds, string(k))
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", a.Name, strings.Join(kinds, ", "), a.Doc)
	}
	b.WriteString("\n")
	return b.String()
}

func row(b *strings.Builder, p *shop.Property) {
	typ := p.Type.String()
	switch p.Type {
	case shop.One:
		typ = "one " + string(p.Of)
	case shop.Many:
		typ = "many " + string(p.Of)
	}
	doc := p.Doc
	if p.Type == shop.Choice {
		doc = strings.TrimPrefix(doc+": ", ": ") + strings.Join(p.Values, ", ")
	}
	switch {
	case p.Own:
		doc += " [one's own]"
	case p.Write != nil:
		doc += " [set]"
	}
	fmt.Fprintf(b, "| `%s` | %s | %s |\n", p.Name, typ, strings.TrimSpace(doc))
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// Names are unique, kinds that are named exist, and each property can be read
// of the wrong entity without harm.
func TestVocabularyHolds(t *testing.T) {
	kinds := map[shop.Kind]bool{}
	for _, k := range shop.Kinds() {
		if kinds[k.Kind] {
			t.Errorf("two kinds are named %q", k.Kind)
		}
		kinds[k.Kind] = true
		seen := map[string]bool{}
		for _, p := range k.Properties {
			if seen[p.Name] {
				t.Errorf("%s has two properties %q", k.Kind, p.Name)
			}
			seen[p.Name] = true
			if (p.Type == shop.One || p.Type == shop.Many) && shop.KindOf(p.Of) == nil {
				t.Errorf("%s.%s leads to %q, which is no kind", k.Kind, p.Name, p.Of)
			}
			if (p.Type == shop.Choice) != (len(p.Values) > 0) {
				t.Errorf("%s.%s is a %s with %d values", k.Kind, p.Name, p.Type, len(p.Values))
			}
		}
	}
	seen := map[string]bool{}
	for _, a := range shop.Actions() {
		if seen[a.Name] {
			t.Errorf("two actions are named %q", a.Name)
		}
		seen[a.Name] = true
		for _, k := range a.Kinds {
			if !kinds[k] {
				t.Errorf("%s is about %q, which is no kind", a.Name, k)
			}
		}
	}
}

package schema

import (
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

var drafts = map[Dialect]*jsonschema.Draft{
	Draft4: jsonschema.Draft4, Draft6: jsonschema.Draft6, Draft7: jsonschema.Draft7,
	Draft19: jsonschema.Draft2019, Draft20: jsonschema.Draft2020,
}

// dialects in their order, for messages.
var dialects = []string{string(Draft4), string(Draft6), string(Draft7), string(Draft19), string(Draft20)}

// url is the "$schema" of a dialect.
func (d Dialect) url() string {
	if d.old() {
		return "http://json-schema.org/" + string(d) + "/schema#"
	}
	return "https://json-schema.org/draft/" + string(d) + "/schema"
}

// old dialects ignore what stands beside a "$ref".
func (d Dialect) old() bool { return d == Draft4 || d == Draft6 || d == Draft7 }

func (d Dialect) idKeyword() string {
	if d == Draft4 {
		return "id"
	}
	return "$id"
}

// defsKeyword is where a dialect keeps schemas that are only referred to.
func (d Dialect) defsKeyword() string {
	if d.old() {
		return "definitions"
	}
	return "$defs"
}

// standardDialect reads a "$schema".
func standardDialect(u string) (Dialect, bool) {
	rest, ok := standardPath(strings.TrimSuffix(u, "#"))
	if rest == "schema" {
		return Draft20, ok
	}
	for d := range drafts {
		if trimmed, _ := standardPath(strings.TrimSuffix(d.url(), "#")); trimmed == rest {
			return d, ok
		}
	}
	return "", false
}

// isStandard reports whether a URL names a schema of a standard dialect.
func isStandard(u string) bool {
	if _, ok := standardDialect(u); ok {
		return true
	}
	rest, ok := standardPath(u)
	return ok && (strings.HasPrefix(rest, "draft/2019-09/meta/") || strings.HasPrefix(rest, "draft/2020-12/meta/"))
}

func standardPath(u string) (string, bool) {
	if rest, ok := strings.CutPrefix(u, "http://json-schema.org/"); ok {
		return rest, true
	}
	return strings.CutPrefix(u, "https://json-schema.org/")
}

package schema

import (
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

var drafts = map[Dialect]*jsonschema.Draft{
	Draft4: jsonschema.Draft4, Draft6: jsonschema.Draft6, Draft7: jsonschema.Draft7,
	Draft19: jsonschema.Draft2019, Draft20: jsonschema.Draft2020,
	OpenAPI30: jsonschema.Draft4, OpenAPI31: jsonschema.Draft2020,
}

// dialectNames are for messages.
func dialectNames() []string {
	var names []string
	for _, d := range Dialects() {
		names = append(names, string(d))
	}
	return names
}

// standard is the dialect of JSON Schema that a dialect is made of.
func (d Dialect) standard() Dialect {
	switch d {
	case OpenAPI30:
		return Draft4
	case OpenAPI31:
		return Draft20
	}
	return d
}

// url is the "$schema" of a dialect, or of the one that it is made of.
func (d Dialect) url() string {
	if d = d.standard(); d.old() {
		return "http://json-schema.org/" + string(d) + "/schema#"
	}
	return "https://json-schema.org/draft/" + string(d) + "/schema"
}

// old dialects ignore what stands beside a "$ref".
func (d Dialect) old() bool { return d == Draft4 || d == Draft6 || d == Draft7 || d == OpenAPI30 }

// idKeyword is the keyword by which a schema names itself, "" where it cannot.
func (d Dialect) idKeyword() string {
	switch d {
	case OpenAPI30:
		return ""
	case Draft4:
		return "id"
	}
	return "$id"
}

// id is how a schema names itself.
func (d Dialect) id(object map[string]any) string {
	if keyword := d.idKeyword(); keyword != "" {
		return stringAt(object, keyword)
	}
	return ""
}

// defsKeyword is where a dialect keeps schemas that are only referred to.
func (d Dialect) defsKeyword() string {
	if d.old() {
		return "definitions"
	}
	return "$defs"
}

// openAPIDialect begins the "$schema" of OpenAPI 3.1's dialects, which are told
// apart by a date.
const openAPIDialect = "https://spec.openapis.org/oas/3.1/dialect/"

// standardDialect reads a "$schema".
func standardDialect(u string) (Dialect, bool) {
	if strings.HasPrefix(u, openAPIDialect) {
		return OpenAPI31, true
	}
	rest, ok := standardPath(strings.TrimSuffix(u, "#"))
	if rest == "schema" {
		return Draft20, ok
	}
	for _, d := range []Dialect{Draft4, Draft6, Draft7, Draft19, Draft20} {
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

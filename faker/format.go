package faker

import (
	"strconv"

	"github.com/hookrig/hookrig/contracts/schema"
)

// knows reports whether the compiled schemas assert the format.
func (j *judge) knows(format string) bool {
	_, ok := formats[format]
	return ok
}

// format judges a string by the schema engine's own idea of a format.
func (j *judge) format(format, s string) bool {
	check, ok := j.formats[format]
	if !ok {
		check = func(string) bool { return true }
		if _, known := formats[format]; known {
			check = compileFormat(format)
		}
		j.formats[format] = check
	}
	return check(s)
}

// compileFormat asks the engine itself, so that the faker and the validator
// can never differ.
func compileFormat(format string) func(string) bool {
	d, err := schema.Read("format", []byte(`{"format":`+strconv.Quote(format)+`}`), schema.Limits{})
	if err != nil {
		return func(string) bool { return false }
	}
	s, err := schema.Compile(d, "", schema.Options{Dialect: schema.Draft20})
	if err != nil {
		return func(string) bool { return false }
	}
	return func(text string) bool { return len(s.Validate(quoted(text))) == 0 }
}

// formats has for each format a pattern all of whose words are of the format,
// though not the other way round. It is what strings are made of when a format
// comes with a length or a pattern; without one a semantic maker is used.
var formats = map[string]string{
	"date-time":             `^20[0-4][0-9]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-](0[0-9]|1[0-2]):(00|30))$`,
	"date":                  `^20[0-4][0-9]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$`,
	"time":                  `^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-](0[0-9]|1[0-2]):(00|30))$`,
	"duration":              `^P([1-9][0-9]?D|[1-9]W|([1-9]Y)?([1-9]M)?[1-9]D|([1-9]D)?T([1-9]H)?[1-5]?[1-9]M([1-9]S)?)$`,
	"email":                 `^[a-z]{1,30}(\.[a-z]{1,30})?@([a-z]{1,60}\.){0,3}example\.(com|org|net)$`,
	"idn-email":             `^[a-z]{1,30}(\.[a-z]{1,30})?@([a-z]{1,60}\.){0,3}example\.(com|org|net)$`,
	"hostname":              `^([a-z]([a-z0-9-]{0,58}[a-z0-9])?\.){0,3}[a-z]{1,60}$`,
	"idn-hostname":          `^([a-z]([a-z0-9]{0,58}[a-z0-9])?\.){0,3}[a-z]{1,60}$`,
	"ipv4":                  `^((1?[1-9]?|2[0-4])[0-9]\.){3}(1?[1-9]?|2[0-4])[0-9]$`,
	"ipv6":                  `^2001:db8(:[1-9a-f][0-9a-f]{0,3}){6}$|^2001:db8::([1-9a-f][0-9a-f]{0,3})(:[1-9a-f][0-9a-f]{0,3}){0,4}$|^::[1-9a-f]?$`,
	"uri":                   `^(https?://([a-z]{1,20}\.)?example\.(com|org|net)(/[a-z0-9-]+)*|[a-z]{1,8}:[a-z0-9]+)$`,
	"iri":                   `^(https?://([a-z]{1,20}\.)?example\.(com|org|net)(/[a-z0-9-]+)*|[a-z]{1,8}:[a-z0-9]+)$`,
	"uri-reference":         `^(/[a-z0-9-]+)*$`,
	"iri-reference":         `^(/[a-z0-9-]+)*$`,
	"uri-template":          `^(/[a-z0-9-]+)*(/\{[a-z]{1,20}\})?$`,
	"uuid":                  `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`,
	"json-pointer":          `^(/[a-z0-9]+)*$`,
	"relative-json-pointer": `^[0-9](/[a-z0-9]+)*$`,
	"regex":                 `^\^?[a-z]*(\[0-9\][+*]?)?\$?$`,
	"period":                ``,
	"semver":                `^(0|[1-9][0-9]{0,9})\.(0|[1-9][0-9]{0,9})\.(0|[1-9][0-9]{0,9})$`,
}

func formatExpr(format string) string { return formats[format] }

// formatSamples are members of a format that its pattern does not make.
func formatSamples(format string) []string { return formatExtras[format] }

var formatExtras = map[string][]string{
	"period":       {"2026-01-15T10:00:00Z/P1D", "2026-01-15T10:00:00Z/2026-01-16T10:00:00Z"},
	"date-time":    {"2026-01-15T10:00:00Z", "2026-01-15T10:00:00.123456789+01:00"},
	"ipv6":         {"::", "::1", "2001:db8::1", "2001:db8:0:0:0:0:0:1", "2001:db8:ffff:ffff:ffff:ffff:192.0.2.128"},
	"uri":          {"a:b", "https://example.com/", "urn:example:a"},
	"email":        {"a@b.c", "ab@example.com", "a@b"},
	"idn-email":    {"a@b.c"},
	"hostname":     {"a", "a.b", "localhost"},
	"idn-hostname": {"a", "a.b", "localhost"},
}

package verifier

import (
	"encoding/json"
	"slices"
	"testing"
)

// TestWithout: a member is cut out of the text, and nothing else changes.
func TestWithout(t *testing.T) {
	const body = `{ "a":1 , "b":{"c":[{"d":"x","e":null}], "f":2},"g":[]}`
	for pointer, want := range map[string]string{
		"/a":       `{ "b":{"c":[{"d":"x","e":null}], "f":2},"g":[]}`,
		"/b":       `{ "a":1,"g":[]}`,
		"/b/c":     `{ "a":1 , "b":{ "f":2},"g":[]}`,
		"/b/f":     `{ "a":1 , "b":{"c":[{"d":"x","e":null}]},"g":[]}`,
		"/b/c/0/d": `{ "a":1 , "b":{"c":[{"e":null}], "f":2},"g":[]}`,
		"/b/c/0/e": `{ "a":1 , "b":{"c":[{"d":"x"}], "f":2},"g":[]}`,
		"/g":       `{ "a":1 , "b":{"c":[{"d":"x","e":null}], "f":2}}`,
		"/b/c/0":   "",
		"":         "",
	} {
		list := places([]byte(body))
		i := slices.IndexFunc(list, func(p place) bool { return p.pointer == pointer })
		got, ok := without([]byte(body), list, i)
		if ok != (want != "") || ok && string(got) != want || ok && !json.Valid(got) {
			t.Errorf("%s: %s, %v", pointer, got, ok)
		}
	}
}

func TestPatterns(t *testing.T) {
	list := places([]byte(`{"a":[{"1":[2]},{"1":[]}],"3":{"4":5}}`))
	want := []string{"", "/a", "/a/*", "/a/*/1", "/a/*/1/*", "/a/*", "/a/*/1", "/3", "/3/4"}
	if got := patternsOf(list); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

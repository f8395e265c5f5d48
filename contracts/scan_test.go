package contracts

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestLocateAgreesWithEncodingJSON walks generated values along every way and
// compares what stands there with what encoding/json read.
func TestLocateAgreesWithEncodingJSON(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var spaces bytes.Buffer
		plain, err := json.Marshal(anyJSON(3).Draw(rt, "value"))
		if err != nil {
			rt.Fatal(err)
		}
		if err := json.Indent(&spaces, plain, " ", "\t"); err != nil {
			rt.Fatal(err)
		}
		for _, body := range [][]byte{plain, spaces.Bytes()} {
			var v any
			if err := json.Unmarshal(body, &v); err != nil {
				rt.Fatal(err)
			}
			compare(rt, body, v, nil)
		}
	})
}

func anyJSON(depth int) *rapid.Generator[any] {
	name := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "0", "1", "a", `"`, `\`, "}", "],", "a/b", "~"}))
	leaf := rapid.OneOf(rapid.Map(name, func(s string) any { return s }), rapid.Map(rapid.Float64(), func(f float64) any { return f }),
		rapid.SampledFrom([]any{nil, true, false, 0, -1e-7}))
	if depth == 0 {
		return leaf
	}
	return rapid.OneOf(leaf,
		rapid.Map(rapid.SliceOfN(anyJSON(depth-1), 0, 4), func(l []any) any { return l }),
		rapid.Map(rapid.MapOfN(name, anyJSON(depth-1), 0, 4), func(m map[string]any) any { return m }))
}

func compare(t *rapid.T, body []byte, v any, tokens []string) {
	at, ok := locate(body, tokens)
	var got any
	if !ok || json.Unmarshal(at.of(body), &got) != nil {
		t.Fatalf("%s at %q: %s, %v", body, tokens, at.of(body), ok)
	}
	want, _ := json.Marshal(v)
	if again, _ := json.Marshal(got); !bytes.Equal(again, want) {
		t.Fatalf("%s at %q: found %s, want %s", body, tokens, again, want)
	}
	for _, not := range []string{"not there", "99", "01", "-"} {
		m, _ := v.(map[string]any)
		if _, named := m[not]; named {
			continue
		}
		if _, ok := locate(body, append(tokens, not)); ok {
			t.Fatalf("%s: found something at %q/%s", body, tokens, not)
		}
	}
	switch v := v.(type) {
	case map[string]any:
		for name, child := range v {
			compare(t, body, child, append(bytesOf(tokens), name))
		}
	case []any:
		for i, child := range v {
			index, _ := json.Marshal(i)
			compare(t, body, child, append(bytesOf(tokens), string(index)))
		}
		if _, ok := locate(body, append(tokens, "")); ok {
			t.Fatalf("%s: an item without an index", body)
		}
	}
}

func bytesOf(tokens []string) []string { return append([]string{}, tokens...) }

// TestLocateTakesTheLastOfTwo: as most readers do.
func TestLocateTakesTheLastOfTwo(t *testing.T) {
	if got, ok := textAt([]byte(`{"a":"1","\u0061":"2"}`), []string{"a"}); !ok || got != "2" {
		t.Errorf("%q, %v", got, ok)
	}
}

// FuzzLocate: whatever the bytes, the scan ends inside of them.
func FuzzLocate(f *testing.F) {
	for _, body := range []string{`{"a":[1,{"b":"c"}]}`, `{"a`, `[`, `{"a":}`, `{"a"`, `"\`, ` [1,2 `, `{]`, `[}`, `{"a":[1,{"b`, "\xff", `{:}`, `{"a"::1}`} {
		f.Add([]byte(body), "/a/1/b")
	}
	f.Fuzz(func(t *testing.T, body []byte, pointer string) {
		at, _ := locate(body, tokensOf(pointer))
		if at.from < 0 || at.to < at.from || at.to > len(body) {
			t.Errorf("%q in %q: %v", pointer, body, at)
		}
		textAt(body, tokensOf(pointer))
	})
}

// TestSamePathKeepsItsSegments: other spellings of a path are that path, other
// paths are not.
func TestSamePathKeepsItsSegments(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{"/a%40b", "/a@b", true},
		{"/%61", "/a", true},
		{"/a%2fb", "/a%2Fb", true},
		{"/a%2Fb", "/a/b", false},
		{"/a%20b", "/a+b", false},
		{"/a", "/A", false},
	} {
		if got := samePath(tt.a) == samePath(tt.b); got != tt.same {
			t.Errorf("%s and %s: %v", tt.a, tt.b, got)
		}
	}
	if strings.HasSuffix(samePath("/in/xin"), samePath("/in")) {
		t.Error("half a segment")
	}
}

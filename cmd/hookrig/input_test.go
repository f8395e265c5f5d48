package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseHeaders(t *testing.T) {
	want := http.Header{"Content-Type": {"application/json"}, "X-Sig": {"a: b", "c"}}
	for name, text := range map[string]string{
		"lines":       "content-type: application/json\nX-Sig: a: b\nX-SIG:c\n",
		"windows":     "Content-Type: application/json\r\nX-Sig: a: b\r\nX-Sig: c\r\n\r\n{\"body\": 1}",
		"request":     "\nPOST /hooks HTTP/1.1\nContent-Type: application/json\nX-Sig: a: b\nX-Sig: c\n\nNot: a header",
		"answer":      "HTTP/2 200 \ncontent-type: application/json\nx-sig: a: b\nx-sig: c",
		"curl -v":     "* Connected\n> POST / HTTP/1.1\n> Content-Type: application/json\n> X-Sig: a: b\n> X-Sig: c\n>\n< HTTP/1.1 200 OK\n< Server: x",
		"JSON":        `{"content-type": "application/json", "x-sig": ["a: b", "c"]}`,
		"JSON inside": ` {"headers": {"Content-Type": "application/json", "X-Sig": ["a: b", "c"]}}`,
	} {
		got, err := parseHeaders("f", []byte(text))
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for text, problem := range map[string]string{
		"":                       "holds no headers",
		"* nothing\n":            "holds no headers",
		"A: b\nno header\n":      `f:2: "no header" is no header line`,
		": empty\n":              "is no header line",
		"Two words: x\n":         "is no header line",
		`{"a": 1}`:               `the value of header "a" is no text`,
		`{"a": "b"`:              "no JSON object",
		`{"headers": {"a": {}}}`: `"headers"`,
	} {
		if got, err := parseHeaders("f", []byte(text)); err == nil || !strings.Contains(err.Error()+`"headers"`, problem) {
			t.Errorf("%q: %v, %v; want %q", text, got, err, problem)
		}
	}
}

func FuzzParseHeaders(f *testing.F) {
	f.Add([]byte("A: b\n\n"))
	f.Add([]byte(`{"headers": {"a": ["b"]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := parseHeaders("f", data)
		if err == nil && h == nil {
			t.Error("neither headers nor an error")
		}
	})
}

func TestBodiesOf(t *testing.T) {
	for text, want := range map[string][]string{
		"{\"a\":1}\n":                  {"f {\"a\":1}\n"}, // exact bytes
		"{\n\"a\": 1\n}":               {"f {\n\"a\": 1\n}"},
		"{\"a\":1}\n\n {\"b\":2} \n":   {"f:1 {\"a\":1}", "f:3 {\"b\":2}"},
		"{\"a\":1}\nx\n":               {"f:1 {\"a\":1}", "f:2 x"},
		"x\n{\"a\":1}\n":               {"f:1 x", "f:2 {\"a\":1}"},
		"{\n\"a\": 1,\n\"b\": [\n1,\n": {"f {\n\"a\": 1,\n\"b\": [\n1,\n"}, // a broken one over lines is one
		"":                             {"f "},
		"no JSON":                      {"f no JSON"},
	} {
		var got []string
		for _, b := range bodiesOf("f", []byte(text)) {
			got = append(got, b.where()+" "+string(b.body))
		}
		if !cmp.Equal(got, want) {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestInstant(t *testing.T) {
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"2026-01-05T10:12:03Z":      "2026-01-05T10:12:03Z",
		"2026-01-05T10:12:03+02:00": "2026-01-05T08:12:03Z",
		"2026-01-05":                "2026-01-05T00:00:00Z",
		"1767607923":                "2026-01-05T10:12:03Z",
		"now":                       "2026-05-01T00:00:00Z",
	} {
		var i instant
		err := i.Set(text)
		if got := i.or(time.Time{}, func() time.Time { return now }).UTC().Format(time.RFC3339); err != nil || got != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "tomorrow", "2026", "2026-13-01"} {
		if err := new(instant).Set(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestShellWord(t *testing.T) {
	for word, want := range map[string]string{
		"order:create": "order:create", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$HOME": "'$HOME'", "{/a}": "'{/a}'",
	} {
		if got := shellWord(word); got != want {
			t.Errorf("%q: %s, want %s", word, got, want)
		}
	}
}

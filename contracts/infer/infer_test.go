package infer_test

import (
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hookrig/hookrig/contracts/infer"
)

// payload is the part of a document that says what one event's body is.
func payload(t *testing.T, document []byte) string {
	t.Helper()
	_, after, ok := strings.Cut(string(document), "      payload:")
	if !ok {
		t.Fatalf("no payload:\n%s", document)
	}
	return strings.TrimSpace(after)
}

func repeat(n int, bodies ...string) (out [][]byte) {
	for i := range n {
		for _, b := range bodies {
			out = append(out, []byte(strings.ReplaceAll(b, "%d", fmt.Sprint(i))))
		}
	}
	return out
}

// TestSchemas: what is inferred of a member v from its samples.
func TestSchemas(t *testing.T) {
	for _, tt := range []struct {
		name   string
		bodies [][]byte
		want   string
	}{
		{"one sample requires nothing", repeat(1, `{"v":"a b"}`), `{type: object, properties: {v: {type: string}}}`},
		{"in every body", repeat(3, `{"v":1}`), `{type: object, required: [v], properties: {v: {type: integer}}}`},
		{"optional", repeat(3, `{"v":1}`, `{}`), `{type: object, properties: {v: {type: integer, description: in 3 of 6}}}`},
		{"nullable", repeat(3, `{"v":1}`, `{"v":null}`), `{type: object, required: [v], properties: {v: {type: [integer, "null"]}}}`},
		{"only null", repeat(3, `{"v":null}`), `{type: object, required: [v], properties: {v: {description: "only null was seen, or nothing"}}}`},
		{"decimals", repeat(3, `{"v":1}`, `{"v":1.5}`), `{type: object, required: [v], properties: {v: {type: number}}}`},
		{"mixed", repeat(3, `{"v":1}`, `{"v":"x"}`, `{"v":true}`), `{type: object, required: [v], properties: {v: {type: [string, integer, boolean]}}}`},
		{"format", repeat(3, `{"v":"2026-01-0%d"}`, `{"v":"2026-02-1%d"}`)[1:], `{type: object, required: [v], properties: {v: {type: string, format: date}}}`},
		{"not all have the format", repeat(3, `{"v":"2026-01-11"}`, `{"v":""}`), `{type: object, required: [v], properties: {v: {type: string}}}`},
		{"moment", repeat(1, `{"v":"2026-01-11T10:00:00+01:00"}`), `{type: object, properties: {v: {type: string, format: date-time}}}`},
		{"no moment", repeat(3, `{"v":"2026-01-11T10:00:00"}`), `{type: object, required: [v], properties: {v: {type: string}}}`},
		{"listed", repeat(20, `{"v":"new"}`, `{"v":"paid"}`), `{type: object, required: [v], properties: {v: {type: string, enum: [new, paid]}}}`},
		{"always the same", repeat(40, `{"v":"new"}`), `{type: object, required: [v], properties: {v: {type: string}}}`},
		{"one was seen once", append(repeat(20, `{"v":"new"}`, `{"v":"paid"}`), []byte(`{"v":"lost"}`)), `{type: object, required: [v], properties: {v: {type: string}}}`},
		{"names are not listed", repeat(20, `{"v":"Eva Malá"}`, `{"v":"Jan Novák"}`), `{type: object, required: [v], properties: {v: {type: string}}}`},
		{"numbers are not listed", repeat(20, `{"v":"12"}`, `{"v":"13"}`), `{type: object, required: [v], properties: {v: {type: string}}}`},
		{"decimals as text", repeat(20, `{"v":"%d.00"}`), `{type: object, required: [v], properties: {v: {type: string, pattern: "^-?[0-9]+\\.[0-9]+$"}}}`},
		{"list", repeat(3, `{"v":[]}`, `{"v":[1,2.5]}`), `{type: object, required: [v], properties: {v: {type: array, items: {type: number}}}}`},
		{"empty list", repeat(3, `{"v":[]}`), `{type: object, required: [v], properties: {v: {type: array}}}`},
		{"map by numbers", repeat(3, `{"v":{"1%d":{"id":1},"2%d":{"id":2}}}`),
			`{type: object, required: [v], properties: {v: {type: object, additionalProperties: {type: object, required: [id], properties: {id: {type: integer}}}}}}`},
		{"map by languages", repeat(3, `{"v":{"cs_CZ":"a","en_GB":"b"}}`), `{type: object, required: [v], properties: {v: {type: object, additionalProperties: {type: string}}}}`},
		{"an object in a list", repeat(3, `{"v":[{"a":1},{"b":"x"}]}`),
			`{type: object, required: [v], properties: {v: {type: array, items: {type: object, properties: {a: {type: integer, description: in 3 of 6}, b: {type: string, description: in 3 of 6}}}}}}`},
		{"odd names", repeat(3, `{"no":1,"a b: c":1,"":1,"é\u0007":1}`),
			`{type: object, required: ["no", "a b: c", "", "é\u0007"], properties: {"no": {type: integer}, "a b: c": {type: integer}, "": {type: integer}, "é\u0007": {type: integer}}}`},
		{"no object", repeat(3, `[1]`, `"x"`), `{type: [array, string], items: {type: integer}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, c := inferred(t, tt.bodies, infer.Options{Event: "e"})
			if d := cmp.Diff(tt.want, flowed(payload(t, got.Document))); d != "" {
				t.Error(d)
			}
			for _, body := range tt.bodies {
				if rule := firstRule(t, c.EventTypes()[0], body); rule != "" {
					t.Errorf("%s is refused: %s", body, rule)
				}
			}
		})
	}
}

// flowed writes an object in blocks on one line.
func flowed(text string) string {
	if !strings.Contains(text, "\n") {
		return text
	}
	lines := strings.Split(text, "\n")
	var read func(indent int) string
	read = func(indent int) string {
		var parts []string
		for len(lines) > 0 {
			line := lines[0]
			body := strings.TrimLeft(line, " ")
			if len(parts) > 0 && len(line)-len(body) < indent {
				break
			}
			own := len(line) - len(body)
			lines = lines[1:]
			if strings.HasSuffix(body, ":") {
				body += " " + read(own+1)
			}
			parts = append(parts, body)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return read(0)
}

// TestGuess: where bodies, or headers, name their event.
func TestGuess(t *testing.T) {
	header := func(name string) http.Header {
		return http.Header{"X-Shop-Event": {name}, "X-Request-Id": {"r" + name}, "X-Shop-Signature": {"00"}}
	}
	var headed []infer.Sample
	for i := range 9 {
		headed = append(headed, infer.Sample{Body: []byte(`{"id":1}`), Header: header([]string{"order.made", "order.paid", "order.sent"}[i%3])})
	}
	for _, tt := range []struct {
		name       string
		samples    []infer.Sample
		at, header string
		events     int
	}{
		{"member", bare(repeat(2, `{"event":"a.b","id":"x"}`, `{"event":"a.c","id":"y"}`)), "/event", "", 2},
		{"the better name", bare(repeat(4, `{"type":"order","event_type":"a"}`, `{"type":"order","event_type":"b"}`)), "/event_type", "", 2},
		{"within", bare(repeat(2, `{"meta":{"topic":"a"}}`, `{"meta":{"topic":"b"}}`)), "/meta/topic", "", 2},
		{"a name with few values", bare(repeat(6, `{"name":"made"}`, `{"name":"paid"}`)), "/name", "", 2},
		{"a name with many values", bare(repeat(9, `{"name":"n%d"}`)), "", "", 1},
		{"not in all", bare(repeat(3, `{"event":"a"}`, `{"id":1}`)), "", "", 1},
		{"no name at all", bare(repeat(3, `{"event":"it came at 5 o'clock"}`)), "", "", 1},
		{"header", headed, "", "X-Shop-Event", 3},
		{"as recorded", []infer.Sample{{Body: []byte(`{"type":"x","what":"a"}`), Event: "a"}, {Body: []byte(`{"type":"x","what":"b"}`), Event: "b"}}, "/what", "", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := infer.Infer(listed(tt.samples), infer.Options{})
			if err != nil {
				t.Fatal(err)
			}
			load(t, got.Document)
			if got.At != tt.at || got.Header != tt.header || len(got.Events) != tt.events || got.Guessed != (tt.at+tt.header != "") {
				t.Errorf("at %q, header %q, guessed %v, events %v", got.At, got.Header, got.Guessed, got.Events)
			}
		})
	}
}

func bare(bodies [][]byte) (out []infer.Sample) {
	for _, b := range bodies {
		out = append(out, infer.Sample{Body: b})
	}
	return out
}

func listed(all []infer.Sample) func(func(infer.Sample, error) bool) {
	return func(yield func(infer.Sample, error) bool) {
		for i, s := range all {
			s.Where = fmt.Sprintf("f:%d", i+1)
			if !yield(s, nil) {
				return
			}
		}
	}
}

// TestOfNoUse: what is no body is told and passed over.
func TestOfNoUse(t *testing.T) {
	bad := []string{`{"event":`, `{"event":"a"} x`, `{"event":"a","event":"b"}`, "{\"event\":\"\xff\"}", `{"id":1}`, `{"event":"a\nb"}`, `[]`, ``,
		strings.Repeat("[", 300) + strings.Repeat("]", 300)}
	all := bare(repeat(1, append(bad, `{"event":"a"}`)...))
	got, err := infer.Infer(listed(all), infer.Options{At: "/event"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"f:1: it is no JSON: it ends too early", "f:2: it is no JSON: something follows the value", `f:3: it is no JSON: the member "event" is there twice`,
		"f:4: it is no UTF-8", "f:5: there is no event's name at /event (a name is one line of at most 300 bytes)",
		"f:6: there is no event's name at /event (a name is one line of at most 300 bytes)", "f:7: there is no event's name at /event (a name is one line of at most 300 bytes)",
		"f:8: it is no JSON: it ends too early", "f:9: it is no JSON: more than 200 levels",
	}
	if d := cmp.Diff(want, got.Problems); d != "" || got.Bodies != 1 || got.Skipped != len(bad) {
		t.Errorf("%d bodies, %d skipped: %s", got.Bodies, got.Skipped, d)
	}
	if _, err := infer.Infer(listed(all[:1]), infer.Options{}); !errors.Is(err, infer.ErrNothing) {
		t.Error(err)
	}
	boom := errors.New("boom")
	broken := func(yield func(infer.Sample, error) bool) { yield(infer.Sample{}, boom) }
	for _, o := range []infer.Options{{}, {Event: "e"}} {
		if _, err := infer.Infer(broken, o); !errors.Is(err, boom) {
			t.Error(err)
		}
	}
	var crowd *infer.EventsError
	if _, err := infer.Infer(samples(repeat(2100, `{"id":"n%d"}`)), infer.Options{At: "/id"}); !errors.As(err, &crowd) {
		t.Error(err)
	}
}

// TestBounded: memory does not grow with the number of bodies, nor without end
// with what is in them, and the contract loads all the same.
func TestBounded(t *testing.T) {
	name := strings.Repeat("n", 150)
	hostile := func(yield func(infer.Sample, error) bool) {
		for i := range 3000 {
			var b strings.Builder
			b.WriteString(`{"event":"a"`)
			for j := range 40 {
				fmt.Fprintf(&b, `,"%s%d-%d":{"x%d":"%d"}`, name, i, j, i*j, i)
			}
			fmt.Fprintf(&b, `,"deep":%s1%s}`, strings.Repeat(`{"d":[`, 90), strings.Repeat(`]}`, 90))
			if !yield(infer.Sample{Body: []byte(b.String())}, nil) {
				return
			}
		}
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	got, err := infer.Infer(hostile, infer.Options{At: "/event"})
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 32<<20 {
		t.Errorf("%d MB are kept", grown>>20)
	}
	c := load(t, got.Document)
	if _, err := c.EventTypes()[0].Schema(); err != nil {
		t.Error(err)
	}
}

func TestExamples(t *testing.T) {
	got, c := inferred(t, repeat(5, `{"type":"a","n":%d}`), infer.Options{Examples: 2, Provider: "shop"})
	if n := len(c.EventTypes()[0].Examples()); n != 2 || c.Provider() != "shop" {
		t.Errorf("%d examples:\n%s", n, got.Document)
	}
}

// FuzzInfer: whatever is recorded, what is inferred is a contract that takes it.
func FuzzInfer(f *testing.F) {
	f.Add([]byte(`{"event":"a","v":[{"x":null},{"x":"2026-01-01"}]}`), []byte(`{"event":"b","1":{"a":1e5}}`))
	f.Add([]byte(`{"a/b~":"\ud800","on":"no: #","":{"null":null}}`), []byte(`[[],["- x"],[{"? ":"\u2028"}]]`))
	f.Fuzz(func(t *testing.T, one, other []byte) {
		all := [][]byte{one, other, one, one, other}
		got, err := infer.Infer(samples(all), infer.Options{})
		if errors.Is(err, infer.ErrNothing) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		c := load(t, got.Document)
		if got.Skipped > 0 || len(c.EventTypes()) != 1 {
			return
		}
		for _, body := range all {
			if rule := firstRule(t, c.EventTypes()[0], body); rule != "" && rule != "json" {
				t.Fatalf("%s is refused: %s\n%s", body, rule, got.Document)
			}
		}
	})
}

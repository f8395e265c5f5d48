package verifier

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/hookrig/hookrig/contracts"
)

// Bodies that are no JSON, or none that anybody expects.

// body is a family of acts: a valid event whose body becomes another text.
func body(name string, change func(body []byte) []byte) act {
	return func(ctx context.Context, s *session) error {
		ev := s.event()
		return s.unlike(ctx, name, ev, change(ev.Body), nil)
	}
}

func instead(text string) func([]byte) []byte {
	return func([]byte) []byte { return []byte(text) }
}

func before(text string) func([]byte) []byte {
	return func(body []byte) []byte { return slices.Concat([]byte(text), body) }
}

func after(text string) func([]byte) []byte {
	return func(body []byte) []byte { return slices.Concat(body, []byte(text)) }
}

// asMember adds a member that no contract knows.
func asMember(value string) func([]byte) []byte {
	return func(body []byte) []byte {
		list := places(body)
		if len(list) == 0 || list[0].kind() != '{' {
			return body
		}
		return add(body, list[0], `"hookrigUnknown":`+value)
	}
}

// trailingComma stands before the last bracket.
func trailingComma(body []byte) []byte {
	end := len(strings.TrimRight(string(body), " \r\n\t")) - 1
	return slices.Concat(body[:end], []byte(","), body[end:])
}

// memberTwice has the first member of the body a second time, with the same value:
// whichever a parser takes, the event is the same.
func memberTwice(body []byte) []byte {
	list := places(body)
	if len(list) < 2 {
		return body
	}
	member := string(body[list[0].start+1 : list[1].end])
	return add(body, list[0], strings.TrimSpace(member))
}

// deep is so many lists within each other.
func deep(levels int) string { return strings.Repeat("[", levels) + strings.Repeat("]", levels) }

func inUTF16(body []byte) []byte {
	out := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(string(body))) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return out
}

func utf16Body(ctx context.Context, s *session) error {
	ev := s.event()
	return s.unlike(ctx, "utf-16", ev, inUTF16(ev.Body), func(r *contracts.Request) {
		r.Header.Set("Content-Type", ev.Type.ContentType()+"; charset=utf-16")
	})
}

// otherRoots are JSON texts that are no events.
func otherRoots(ctx context.Context, s *session) error {
	for _, root := range []string{"null", "[]", `"hookrig"`, "0"} {
		ev := s.event()
		if violations, err := ev.Type.Validate([]byte(root)); err != nil || len(violations) == 0 {
			continue
		}
		if err := s.unlike(ctx, root, ev, []byte(root), nil); err != nil {
			return err
		}
	}
	return nil
}

// sizes are bodies that grow by a member that nobody knows: a list of texts.
func sizes(ctx context.Context, s *session) error {
	piece := quote(strings.Repeat("x", 125)) + ","
	for _, kilobytes := range []int{20, 100, 256, 1024} {
		ev := s.event()
		list := "[" + strings.TrimSuffix(strings.Repeat(piece, kilobytes<<10/len(piece)), ",") + "]"
		if err := s.unlike(ctx, fmt.Sprintf("%d KiB", kilobytes), ev, asMember(list)(ev.Body), nil); err != nil {
			return err
		}
	}
	return nil
}

// Events that the provider may well send one day.

// varied sends an event with one value replaced by what the contract allows as
// well.
func varied(missing string, change func(place) (string, bool)) act {
	return func(ctx context.Context, s *session) error {
		v, err := s.vary(missing, change)
		if err != nil {
			return err
		}
		return s.plainProbe(ctx, v.pointer, v.event)
	}
}

// longText is longer than the columns that people make.
var longText = strings.Repeat("long ", 60)

const anyText = "a member that takes any text"

func someText(value string) act { return varied(anyText, text(func(string) string { return value })) }

// escaped is a string with an escape in it, which quote would write as a
// character.
func escaped(escape string) act {
	return varied(anyText, func(p place) (string, bool) {
		was, ok := text(func(was string) string { return was })(p)
		return strings.TrimSuffix(was, `"`) + escape + `"`, ok
	})
}

func bigInteger(value string) func(place) (string, bool) {
	whole := regexp.MustCompile(`^\d+$`)
	return func(p place) (string, bool) { return value, whole.MatchString(p.text) }
}

func emptyList(p place) (string, bool) { return "[]", p.kind() == '[' && len(p.text) > 2 }

// otherTime writes the same moment in another legal way: to the nanosecond, and
// in another zone.
func otherTime(p place) (string, bool) {
	was, _ := p.str()
	moment, err := time.Parse(time.RFC3339, was)
	if err != nil {
		return "", false
	}
	zone := time.FixedZone("", 5*3600+45*60)
	return quote(moment.Add(123456789).In(zone).Format(time.RFC3339Nano)), true
}

// otherOrder has the first member of the body last.
func otherOrder(ctx context.Context, s *session) error {
	ev := s.event()
	list := places(ev.Body)
	if len(list) < 2 || list[0].kind() != '{' {
		return notApplicable("the body is no object")
	}
	first, rest, found := members(ev.Body, list)
	if !found {
		return notApplicable("the body has one member at most")
	}
	ev.Body = []byte("{" + rest + "," + first + "}")
	return s.plainProbe(ctx, "the first member last", ev)
}

// members are the first member of a body and all others, as they are written.
func members(body []byte, list []place) (first, rest string, found bool) {
	inner := string(body[list[0].start+1 : list[0].end-1])
	split := list[1].end - list[0].start - 1
	first, rest = strings.TrimSpace(inner[:split]), strings.TrimSpace(inner[split:])
	return first, strings.TrimSpace(strings.TrimPrefix(rest, ",")), strings.HasPrefix(rest, ",")
}

// reflected is a text that would do harm where a page shows it as it is.
const reflected = `<script>hookrig("x")</script>`

// judgeReflection looks for a text that was sent in what came back as a page.
func judgeReflection(h *hearing) finding {
	return onProbe(func(_ *hearing, x *exchange) finding {
		a := x.attempt
		f := finding{verdict: Pass, because: "what was sent is not shown as a page", expected: "no answer that a browser would run"}
		kind := strings.ToLower(a.Header.Get("Content-Type"))
		page := kind == "" || strings.Contains(kind, "html") || strings.Contains(kind, "xml")
		if page && strings.Contains(string(a.Body), "<script>hookrig(") {
			f.verdict, f.because = Fail, "a script that was sent stands in the page that came back"
		}
		return f
	})(h)
}

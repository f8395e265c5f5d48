package receivers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/hookrig/hookrig/contracts"
)

// How receivers read wrongly what was sent.
const (
	AcceptsMalformed     Defect = "accepts-malformed"       // answers before it parses, and drops what does not parse
	BreaksOnMalformed    Defect = "breaks-on-malformed"     // 500 when the JSON does not parse
	BreaksOnEmptyBody    Defect = "breaks-on-empty-body"    // 500 where there is no body
	ReadsFirstValue      Defect = "reads-first-value"       // decodes one value of a stream and leaves the rest
	ForgivesCommas       Defect = "forgives-commas"         // a lenient parser
	AcceptsNaN           Defect = "accepts-nan"             // a parser that knows NaN and Infinity
	BreaksOnOtherRoots   Defect = "breaks-on-other-roots"   // reaches into null
	AcceptsInvalidUTF8   Defect = "accepts-invalid-utf8"    // replaces what it cannot read
	BreaksOnInvalidUTF8  Defect = "breaks-on-invalid-utf8"  // throws where it cannot read
	BreaksOnCharsets     Defect = "breaks-on-charsets"      // looks a charset up and finds none
	StripsMark           Defect = "strips-mark"             // middleware takes the byte order mark away before the check
	BreaksOnMark         Defect = "breaks-on-mark"          // 500 for a byte order mark
	BreaksOnTwins        Defect = "breaks-on-twins"         // a strict parser throws on a member that stands twice
	BreaksOnDepth        Defect = "breaks-on-depth"         // the recursion of the parser ends in an exception
	LimitsTo100KB        Defect = "limits-to-100kb"         // 413 above the default of a body parser
	CutsAt100KB          Defect = "cuts-at-100kb"           // reads so much and no more
	BreaksOnUnknownEvent Defect = "breaks-on-unknown-event" // 500 for an event that it does not know
	RefusesUnknownFields Defect = "refuses-unknown-fields"  // 422 for members that it does not know
	RefusesInnerFields   Defect = "refuses-inner-fields"    // the same in inner objects alone
	BreaksOnUnknownEnum  Defect = "breaks-on-unknown-enum"  // an enumeration in code throws
	BreaksOnNull         Defect = "breaks-on-null"          // calls a method of null
	NeedsOptionalMembers Defect = "needs-optional-members"  // 500 for an event with required members alone
	BreaksOnEmptyList    Defect = "breaks-on-empty-list"    // takes the first of none
	NeedsFirstMember     Defect = "needs-first-member"      // a parser that wants the type to come first
	ShortColumns         Defect = "short-columns"           // VARCHAR(255)
	NarrowIntegers       Defect = "narrow-integers"         // 32 bits
	ThreeByteText        Defect = "three-byte-text"         // MySQL's utf8
	BreaksOnNUL          Defect = "breaks-on-nul"           // PostgreSQL's text
	BreaksOnSurrogate    Defect = "breaks-on-surrogate"     // cannot write again what it has read
	BuildsQueries        Defect = "builds-queries"          // puts texts into SQL as they are
	EchoesAsHTML         Defect = "echoes-as-html"          // says what it received, as a page
	KnowsOneTimeFormat   Defect = "knows-one-time-format"   // a pattern without fractions
)

const broken = http.StatusInternalServerError

// bodyHas breaks receivers on what a body holds.
func bodyHas(so func(body []byte) bool) habit {
	return habit{stumble: when(broken, func(_ *Receiver, d *delivery) bool { return so(d.body) })}
}

func matches(pattern string) func([]byte) bool { return regexp.MustCompile(pattern).Match }

// early breaks receivers before they check who sends; most read the body in a
// middleware.
func early(so func(body []byte) bool) habit {
	return habit{early: when(broken, func(_ *Receiver, d *delivery) bool { return so(d.body) })}
}

// orderMark is the byte order mark.
var orderMark = []byte("\ufeff")

var payloadBugs = []bug{
	{AcceptsMalformed, habit{form: func([]byte) bool { return true }}},
	{BreaksOnMalformed, habit{media: anyMedia, form: func([]byte) bool { return true }, stumble: when(broken, func(_ *Receiver, d *delivery) bool { return !wellFormed(d.body) })}},
	{BreaksOnEmptyBody, early(func(body []byte) bool { return len(body) == 0 })},
	{ReadsFirstValue, habit{form: func(body []byte) bool {
		var first json.RawMessage
		return json.NewDecoder(bytes.NewReader(body)).Decode(&first) == nil && wellFormed(first)
	}}},
	{ForgivesCommas, habit{form: func(body []byte) bool {
		return wellFormed(regexp.MustCompile(`,\s*([}\]])`).ReplaceAll(body, []byte("$1")))
	}}},
	{AcceptsNaN, habit{form: func(body []byte) bool {
		return wellFormed(regexp.MustCompile(`:\s*(NaN|-?Infinity)`).ReplaceAll(body, []byte(":0")))
	}}},
	{BreaksOnOtherRoots, habit{form: json.Valid, stumble: when(broken, func(_ *Receiver, d *delivery) bool { return !wellFormed(d.body) && utf8.Valid(d.body) })}},
	{AcceptsInvalidUTF8, habit{form: func(body []byte) bool { return wellFormed(bytes.ToValidUTF8(body, []byte("\ufffd"))) }}},
	{BreaksOnInvalidUTF8, habit{form: func(body []byte) bool { return !utf8.Valid(body) || wellFormed(body) }, stumble: when(broken, func(_ *Receiver, d *delivery) bool { return !utf8.Valid(d.body) })}},
	{BreaksOnCharsets, habit{early: when(broken, func(_ *Receiver, d *delivery) bool {
		return strings.Contains(strings.ToLower(d.Header.Get("Content-Type")), "charset=utf-16")
	})}},
	{StripsMark, habit{trusts: func(r *Receiver, d *delivery, right bool) bool {
		if !bytes.HasPrefix(d.body, orderMark) {
			return right
		}
		return r.verified(d.Header, bytes.TrimPrefix(d.body, orderMark))
	}}},
	{BreaksOnMark, early(func(body []byte) bool { return bytes.HasPrefix(body, orderMark) })},
	{BreaksOnTwins, bodyHas(hasTwins)},
	{BreaksOnDepth, bodyHas(func(body []byte) bool { return bytes.Contains(body, bytes.Repeat([]byte("["), 500)) })},
	{LimitsTo100KB, habit{front: func(_ *Receiver, w http.ResponseWriter, req *http.Request) bool {
		if req.ContentLength <= 100<<10 {
			return false
		}
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return true
	}}},
	{CutsAt100KB, habit{read: func(req *http.Request) ([]byte, error) { return io.ReadAll(io.LimitReader(req.Body, 100<<10)) }}},
	{BreaksOnUnknownEvent, habit{stumble: when(broken, func(_ *Receiver, d *delivery) bool { return len(d.opened.Events) == 0 })}},
	{RefusesUnknownFields, habit{stumble: when(http.StatusUnprocessableEntity, func(_ *Receiver, d *delivery) bool { return unknownMember(d, 0) })}},
	{RefusesInnerFields, habit{stumble: when(http.StatusUnprocessableEntity, func(_ *Receiver, d *delivery) bool { return unknownMember(d, 1) })}},
	{BreaksOnUnknownEnum, habit{stumble: when(broken, func(_ *Receiver, d *delivery) bool { return breaksRule(d, "enum") })}},
	{BreaksOnNull, habit{stumble: when(broken, func(_ *Receiver, d *delivery) bool {
		return bytes.Contains(d.body, []byte("null")) && breaksRule(d, "type")
	})}},
	{NeedsOptionalMembers, habit{stumble: when(broken, lacksOptional)}},
	{BreaksOnEmptyList, bodyHas(matches(`:\s*\[\s*\]`))},
	{NeedsFirstMember, habit{stumble: when(http.StatusBadRequest, otherFirstMember)}},
	{ShortColumns, bodyHas(matches(`"[^"]{256,}"`))},
	{NarrowIntegers, bodyHas(matches(`:\s*\d{10,}\s*[,}]`))},
	{ThreeByteText, bodyHas(matches(`[\x{10000}-\x{10FFFF}]`))},
	{BreaksOnNUL, bodyHas(matches(`\\u0000`))},
	{BreaksOnSurrogate, bodyHas(matches(`(?i)\\ud83d"`))},
	{BuildsQueries, bodyHas(matches(`'[^'"]*\\"|'[^']*;`))},
	{EchoesAsHTML, habit{answer: instead(func(w http.ResponseWriter, d *delivery) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, "received: %s", d.body)
	})}},
	{KnowsOneTimeFormat, bodyHas(matches(`\d\d:\d\d:\d\d\.\d`))},
}

func anyMedia(http.Header) int { return 0 }

// unknownMember reports whether a body has members, so deep, that the contract
// does not name.
func unknownMember(d *delivery, depth int) bool {
	for _, ev := range d.opened.Events {
		s, err := ev.Type.Schema()
		if err != nil {
			continue
		}
		for _, v := range s.Undocumented(ev.Body) {
			if strings.Count(v.Pointer, "/") > depth {
				return true
			}
		}
	}
	return false
}

func breaksRule(d *delivery, rule string) bool {
	for _, ev := range d.opened.Events {
		violations, _ := ev.Type.Validate(ev.Body)
		for _, v := range violations {
			if v.Rule == rule {
				return true
			}
		}
	}
	return false
}

// hasTwins reports whether the outer object has a member twice.
func hasTwins(body []byte) bool {
	var members map[string]json.RawMessage
	dec := json.NewDecoder(bytes.NewReader(body))
	if json.Unmarshal(body, &members) != nil {
		return false
	}
	n := 0
	_, _ = dec.Token() // the bracket: the text has just been read
	for dec.More() {
		n++
		_, _ = dec.Token()
		var skipped json.RawMessage
		_ = dec.Decode(&skipped)
	}
	return n > len(members)
}

// lacksOptional reports whether an event has no member that it could do without,
// where those before it had: the program was written with them.
func lacksOptional(r *Receiver, d *delivery) bool {
	for _, ev := range d.opened.Events {
		r.mu.Lock()
		used := r.marked[ev.Type.Name()]
		if hasSpare(ev) {
			mark(&r.marked, ev.Type.Name())
		} else if used {
			r.mu.Unlock()
			return true
		}
		r.mu.Unlock()
	}
	return false
}

// hasSpare reports whether an event stays one without some member.
func hasSpare(ev contracts.Event) bool {
	var body any
	if json.Unmarshal(ev.Body, &body) != nil {
		return true
	}
	fits := func() bool {
		text, err := json.Marshal(body)
		if err != nil {
			return false
		}
		violations, err := ev.Type.Validate(text)
		return err == nil && len(violations) == 0
	}
	var spare func(v any) bool
	spare = func(v any) bool {
		at, _ := v.(map[string]any)
		for name, value := range at {
			if spare(value) {
				return true
			}
			delete(at, name)
			if fits() {
				return true
			}
			at[name] = value
		}
		return false
	}
	return spare(body)
}

// otherFirstMember remembers how bodies begin.
func otherFirstMember(r *Receiver, d *delivery) bool {
	dec := json.NewDecoder(bytes.NewReader(d.body))
	_, _ = dec.Token()
	token, _ := dec.Token()
	name, _ := token.(string)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.first == "" {
		r.first = name
	}
	return name != r.first
}

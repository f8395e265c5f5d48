package infer

import (
	"cmp"
	"iter"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
)

// candidate is a place whose texts may name events.
type candidate struct {
	seen   int
	texts  map[string]bool // nil: too many
	says   int             // how often it is what the recorder called the event
	refuse bool            // a text there cannot be an event's name
}

const (
	mostCandidates = 500
	mostTexts      = 300
	guessDepth     = 3
)

// words are the names of members that name events, with how sure that is.
var words = map[string]int{
	"event": 10, "eventtype": 10, "eventname": 10, "webhookevent": 10, "type": 8, "topic": 8, "messagetype": 8, "trigger": 7,
	"notificationtype": 8, "action": 5, "kind": 5, "subject": 4, "operation": 4, "name": 3, "hook": 4,
}

var eventName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.:/\-]{0,99}$`)

// guess looks where bodies, or headers, name their event.
func (in *inference) guess(samples iter.Seq2[Sample, error]) error {
	bodies, headers := map[string]*candidate{}, map[string]*candidate{}
	n, known := 0, 0
	for s, err := range samples {
		if err != nil {
			return err
		}
		v, err := parse(s.Body)
		if err != nil {
			continue
		}
		n++
		if s.Event != "" {
			known++
		}
		look(bodies, v, "", s.Event, 0)
		lookAtHeaders(headers, s.Header, s.Event)
	}
	if at := best(bodies, n, known, func(pointer string) int { return sureness(last(pointer)) - strings.Count(pointer, "/") }); at != "" {
		in.result.At, in.result.Guessed = at, true
		return nil
	}
	header := best(headers, n, known, func(name string) int {
		if low := strings.ToLower(name); strings.Contains(low, "event") || strings.Contains(low, "topic") {
			return 9
		}
		return 0
	})
	in.result.Header, in.result.Guessed = header, header != ""
	return nil
}

// look notes the texts of an object and of those within it.
func look(all map[string]*candidate, v any, pointer, event string, depth int) {
	of, ok := v.(*object)
	if !ok || depth == guessDepth {
		return
	}
	for _, name := range of.names {
		here := pointer + "/" + schema.Escape(name)
		if text, ok := of.values[name].(string); ok {
			note(all, here, text, event)
		} else {
			look(all, of.values[name], here, event, depth+1)
		}
	}
}

func lookAtHeaders(all map[string]*candidate, h http.Header, event string) {
	for name, values := range h {
		if len(values) == 1 && !strings.Contains(strings.ToLower(name), "content") {
			note(all, http.CanonicalHeaderKey(name), values[0], event)
		}
	}
}

func note(all map[string]*candidate, place, text, event string) {
	c := all[place]
	if c == nil {
		if len(all) == mostCandidates {
			return
		}
		c = &candidate{texts: map[string]bool{}}
		all[place] = c
	}
	c.seen++
	c.refuse = c.refuse || !eventName.MatchString(text)
	if event != "" && text == event {
		c.says++
	}
	if c.texts != nil && !c.refuse {
		c.texts[text] = true
		if len(c.texts) > mostTexts {
			c.texts = nil
		}
	}
}

// best is the candidate that nine of ten samples have and that is most like the name of
// an event; "" if none is.
func best(all map[string]*candidate, n, known int, sure func(place string) int) string {
	score := func(place string) int {
		c := all[place]
		switch points := sure(place); {
		case n == 0 || c.seen*10 < n*9 || c.refuse || c.texts == nil:
			return 0
		case known == n && c.says == n:
			return 100 + points
		case points <= 0:
			return 0
		case points >= 6 || len(c.texts)*3 <= n:
			return points
		}
		return 0
	}
	places := slices.Sorted(maps.Keys(all))
	if len(places) == 0 {
		return ""
	}
	top := slices.MaxFunc(places, func(a, b string) int {
		return cmp.Or(cmp.Compare(score(a), score(b)), cmp.Compare(len(all[a].texts), len(all[b].texts)))
	})
	if score(top) == 0 {
		return ""
	}
	return top
}

func last(pointer string) string { return pointer[strings.LastIndexByte(pointer, '/')+1:] }

// sureness is how much a member's name says that it names events.
func sureness(name string) int {
	return words[strings.ToLower(strings.NewReplacer("_", "", "-", "", ".", "").Replace(name))]
}

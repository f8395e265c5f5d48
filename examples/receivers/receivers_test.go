package receivers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/faker"
)

// secrets fit every way of signing; credentials have a colon.
var secrets = []signature.Secret{signature.NewSecret("user:s3cr3t")}

// stage is a receiver and one event that is new to it.
type stage struct {
	t        *testing.T
	contract *contracts.Contract
	receiver *receivers.Receiver
	event    contracts.Event
}

func play(t *testing.T, provider string, defect receivers.Defect) *stage {
	t.Helper()
	c, err := catalog.Load(provider)
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, contract: c, receiver: receivers.New(c, defect, secrets...)}
	s.event = s.make(c.EventTypes()[0])
	return s
}

func (s *stage) make(kind *contracts.EventType) contracts.Event {
	s.t.Helper()
	f, err := faker.New(s.contract, faker.Options{Events: []string{kind.Name()}, Shape: faker.Minimal})
	if err != nil {
		s.t.Fatal(err)
	}
	ev, err := f.Event(kind.Name())
	if err != nil {
		s.t.Fatal(err)
	}
	return ev
}

// deliver sends a body under the stage's event type, changed after it was
// sealed, and returns the status.
func (s *stage) deliver(body []byte, change func(*http.Request)) int {
	s.t.Helper()
	r, err := s.contract.Seal(contracts.Event{Type: s.event.Type, Body: body}, contracts.SealOptions{
		URL: "http://shop.test/hooks", Secrets: secrets, ID: "dlv_1", Time: time.Now(),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	req := httptest.NewRequest(r.Method, r.URL, bytes.NewReader(r.Body))
	req.Header = r.Header
	req.Header.Set("User-Agent", "the provider's")
	if change != nil {
		change(req)
	}
	answer := httptest.NewRecorder()
	s.receiver.ServeHTTP(answer, req)
	return answer.Code
}

// proof is the name of the header that has to be right.
func (s *stage) proof() string {
	if scheme, _ := s.contract.Signature(); scheme.Header != "" {
		return scheme.Header
	}
	return "Authorization"
}

// deeds are what tells receivers apart. Each returns the last status and the
// number of effects.
var deeds = map[string]func(*stage) (status, effects int){
	"deliver": func(s *stage) (int, int) {
		return s.deliver(s.event.Body, nil), s.receiver.Effects(s.event)
	},
	"deliver twice": func(s *stage) (int, int) {
		s.deliver(s.event.Body, nil)
		return s.deliver(s.event.Body, nil), s.receiver.Effects(s.event)
	},
	"deliver unsigned": func(s *stage) (int, int) {
		status := s.deliver(s.event.Body, func(r *http.Request) { r.Header.Del(s.proof()) })
		return status, s.receiver.Effects(s.event)
	},
	"deliver with an empty signature": func(s *stage) (int, int) {
		status := s.deliver(s.event.Body, func(r *http.Request) { r.Header.Set(s.proof(), "") })
		return status, s.receiver.Effects(s.event)
	},
	"deliver with half a signature": func(s *stage) (int, int) {
		status := s.deliver(s.event.Body, func(r *http.Request) {
			whole := r.Header.Get(s.proof())
			r.Header.Set(s.proof(), whole[:len(whole)/2])
		})
		return status, s.receiver.Effects(s.event)
	},
	"deliver with another signature": func(s *stage) (int, int) {
		status := s.deliver(s.event.Body, func(r *http.Request) {
			whole := r.Header.Get(s.proof())
			r.Header.Set(s.proof(), strings.Repeat("0", len(whole)))
		})
		return status, s.receiver.Effects(s.event)
	},
	"deliver with a space": func(s *stage) (int, int) {
		return s.deliver(append([]byte(" "), s.event.Body...), nil), len(s.receiver.Book())
	},
	"deliver half": func(s *stage) (int, int) {
		return s.deliver(s.event.Body[:len(s.event.Body)/2], nil), s.receiver.Effects(s.event)
	},
	"deliver an unknown event": func(s *stage) (int, int) {
		return s.deliver(bytes.Replace(s.event.Body, []byte(s.event.Type.Name()), []byte("unheard:of"), 1), nil), len(s.receiver.Book())
	},
	"deliver an unknown member": func(s *stage) (int, int) {
		return s.deliver(append([]byte(`{"unheard":1,`), s.event.Body[1:]...), nil), len(s.receiver.Book())
	},
	"deliver the last event": func(s *stage) (int, int) {
		types := s.contract.EventTypes()
		s.event = s.make(types[len(types)-1])
		return s.deliver(s.event.Body, nil), s.receiver.Effects(s.event)
	},
	"deliver and wait": func(s *stage) (int, int) {
		start := time.Now()
		s.deliver(s.event.Body, nil)
		return int(time.Since(start).Milliseconds()), s.receiver.Effects(s.event)
	},
}

type outcome struct{ status, effects int }

// right is what the right receiver of Shoptet does.
var right = map[string]outcome{
	"deliver":                         {200, 1},
	"deliver twice":                   {200, 1},
	"deliver unsigned":                {401, 0},
	"deliver with an empty signature": {401, 0},
	"deliver with half a signature":   {401, 0},
	"deliver with another signature":  {401, 0},
	"deliver with a space":            {200, 1},
	"deliver half":                    {400, 0},
	"deliver an unknown event":        {200, 0},
	"deliver an unknown member":       {200, 1},
	"deliver the last event":          {200, 1},
	"deliver and wait":                {0, 1},
}

// TestDefects: each receiver differs from the right one in the way that its
// defect says, and in nothing else.
func TestDefects(t *testing.T) {
	all := func(o outcome, but ...string) map[string]outcome {
		out := map[string]outcome{}
		for name := range right {
			if !slices.Contains(but, name) {
				out[name] = o
			}
		}
		return out
	}
	working := map[string]outcome{"deliver and wait": {20, 1}}
	differs := map[receivers.Defect]map[string]outcome{
		receivers.None:         {},
		receivers.DoubleEffect: {"deliver twice": {200, 2}},
		receivers.NoSignatureCheck: {
			"deliver unsigned": {200, 1}, "deliver with an empty signature": {200, 1},
			"deliver with half a signature": {200, 1}, "deliver with another signature": {200, 1},
		},
		receivers.MissingMeansTrusted: {"deliver unsigned": {200, 1}},
		receivers.EmptyMeansTrusted:   {"deliver with an empty signature": {200, 1}},
		receivers.PrefixCompare:       {"deliver with half a signature": {200, 1}},
		receivers.ReserialisesBody:    {"deliver with a space": {401, 0}},
		receivers.EffectBeforeCheck: {
			"deliver unsigned": {401, 1}, "deliver with an empty signature": {401, 1},
			"deliver with half a signature": {401, 1}, "deliver with another signature": {401, 1},
		},
		receivers.BreaksOnUnknownEvent: {"deliver an unknown event": {500, 0}},
		receivers.RefusesUnknownFields: {"deliver an unknown member": {422, 0}},
		receivers.AcceptsMalformed:     {"deliver half": {200, 0}},
		receivers.BreaksOnMalformed:    {"deliver half": {500, 0}},
		receivers.RefusesDuplicates:    {"deliver twice": {409, 1}},
		receivers.RedirectsToSlash:     all(outcome{308, 0}, "deliver and wait"),
		receivers.AnswersNoContent: {
			"deliver": {204, 1}, "deliver twice": {204, 1}, "deliver with a space": {204, 1}, "deliver an unknown event": {204, 0},
			"deliver an unknown member": {204, 1}, "deliver the last event": {204, 1},
		},
		receivers.StumblesOverOneEvent: {"deliver the last event": {500, 0}},
		receivers.SlowToAnswer:         {"deliver and wait": {1100, 1}},
		receivers.HidesErrors:          {"deliver the last event": {200, 0}},
		receivers.BreaksOnOtherLength:  {"deliver with half a signature": {500, 0}},
		receivers.ThrottlesInSilence:   working,
		receivers.BreaksOnUniqueKey:    working,
		receivers.LooksThenWrites:      working,
		receivers.DropsWhenBusy:        working,
		receivers.OneAtATime:           working,
		receivers.BreaksUnderBurst:     working,
	}
	differs[receivers.RedirectsToSlash]["deliver and wait"] = outcome{0, 0}
	for _, defect := range append([]receivers.Defect{receivers.None}, receivers.Defects...) {
		t.Run(fmt.Sprintf("%q", defect), func(t *testing.T) {
			difference := differs[defect] // none: what it does wrong, none of these deeds shows
			for name, deed := range deeds {
				want, ok := difference[name]
				if !ok {
					want = right[name]
				}
				synctest.Test(t, func(t *testing.T) {
					status, effects := deed(play(t, "shoptet", defect))
					if got := (outcome{status, effects}); got != want {
						t.Errorf("%s: %+v, want %+v", name, got, want)
					}
				})
			}
		})
	}
}

// TestRight: the right receiver of each provider takes every event, once.
func TestRight(t *testing.T) {
	for _, name := range catalog.Names {
		s := play(t, name, receivers.None)
		for _, kind := range s.contract.EventTypes() {
			s.event = s.make(kind)
			for range 2 {
				if status := s.deliver(s.event.Body, nil); !kind.Policy().Accepts(status) {
					t.Errorf("%s %s: answered %d", name, kind.Name(), status)
				}
			}
			if n := s.receiver.Effects(s.event); n != 1 {
				t.Errorf("%s %s: %d effects", name, kind.Name(), n)
			}
		}
		if got, want := len(s.receiver.Book()), len(s.contract.EventTypes()); got != want {
			t.Errorf("%s: the book has %d lines, want %d", name, got, want)
		}
	}
}

// A signature over an old time is yesterday's.
func TestStale(t *testing.T) {
	s := play(t, "xentral", receivers.None)
	for age, want := range map[time.Duration]int{0: 200, 4 * time.Minute: 200, time.Hour: 401, -time.Hour: 401} {
		r, err := s.contract.Seal(s.event, contracts.SealOptions{URL: "http://shop.test/", Secrets: secrets, ID: "dlv_1", Time: time.Now().Add(-age)})
		if err != nil {
			t.Fatal(err)
		}
		req, answer := httptest.NewRequest(r.Method, r.URL, bytes.NewReader(r.Body)), httptest.NewRecorder()
		req.Header = r.Header
		if s.receiver.ServeHTTP(answer, req); answer.Code != want {
			t.Errorf("%v old: answered %d, want %d", age, answer.Code, want)
		}
	}
}

func TestWhatItShows(t *testing.T) {
	s := play(t, "shoptet", receivers.DoubleEffect)
	s.deliver(s.event.Body, nil)
	s.deliver(s.event.Body, nil)
	var body struct{ EventInstance, Event string }
	if err := json.Unmarshal(s.event.Body, &body); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int{
		"/eventInstance=" + body.EventInstance:                              2,
		"/eventInstance=" + body.EventInstance + "&/event=" + body.Event:    2,
		"/eventInstance=" + body.EventInstance + "&/event=order:unheard-of": 0,
		"/eventInstance=nobody":                                             0,
		"/no/such/member=nobody":                                            0,
		"eventInstance=x":                                                   0,
		"":                                                                  0,
	} {
		answer := httptest.NewRecorder()
		s.receiver.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/hooks/effects?"+query, nil))
		if got := strings.TrimSpace(answer.Body.String()); got != fmt.Sprintf(`{"count":%d}`, want) {
			t.Errorf("%s: %s", query, got)
		}
	}
	book := httptest.NewRecorder()
	s.receiver.ServeHTTP(book, httptest.NewRequest(http.MethodGet, "/book", nil))
	if line := s.event.Type.Name() + " " + string(s.event.Body) + "\n"; book.Body.String() != line+line {
		t.Errorf("the book:\n%s", book.Body)
	}
	other := httptest.NewRecorder()
	if s.receiver.ServeHTTP(other, httptest.NewRequest(http.MethodDelete, "/book", nil)); other.Code != http.StatusMethodNotAllowed {
		t.Errorf("DELETE was answered with %d", other.Code)
	}
	huge := httptest.NewRecorder()
	s.receiver.ServeHTTP(huge, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat(" ", 5<<20))))
	if huge.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("5 MiB were answered with %d", huge.Code)
	}
}

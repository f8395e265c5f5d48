// Package receivers is a gallery of webhook receivers: one that is right, and
// wrong ones with exactly one defect each, modelled on bugs that receivers
// really have. They keep an order book in memory and show it, so that the
// verifier's oracle can count what was done.
//
// A receiver answers
//
//	POST or PUT  anywhere                   a delivery
//	GET          /effects?/eventInstance=X  {"count": n}: how many effects events had whose
//	                                        body holds X at that JSON Pointer; several
//	                                        parameters must all match
//	GET          anywhere else              what was done, one line each
//
// The right one checks the signature over the bytes as they came, and the time
// that was signed, before it looks at them; refuses what is no JSON; does each
// event once, known by the provider's identity or, where nobody says what that
// is, by its bytes; acknowledges what it does not know and what it has seen; and
// answers with the provider's own success code.
package receivers

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
)

// Defect is what is wrong with a receiver.
type Defect string

// The defects. The zero Defect is none.
const (
	None                 Defect = ""
	DoubleEffect         Defect = "double-effect"           // does it again when it is delivered again
	NoSignatureCheck     Defect = "no-signature-check"      // believes everything
	MissingMeansTrusted  Defect = "missing-means-trusted"   // checks a signature only if there is one
	EmptyMeansTrusted    Defect = "empty-means-trusted"     // compares with an empty value and finds it equal
	PrefixCompare        Defect = "prefix-compare"          // compares as far as the received value goes (no tokens)
	ReserialisesBody     Defect = "reserialises-body"       // parses and writes the JSON before it checks
	EffectBeforeCheck    Defect = "effect-before-check"     // works first, checks afterwards
	BreaksOnUnknownEvent Defect = "breaks-on-unknown-event" // 500 for an event that it does not know
	RefusesUnknownFields Defect = "refuses-unknown-fields"  // 422 for members that it does not know
	AcceptsMalformed     Defect = "accepts-malformed"       // answers before it parses, and drops what does not parse
	BreaksOnMalformed    Defect = "breaks-on-malformed"     // 500 when the JSON does not parse
	RefusesDuplicates    Defect = "refuses-duplicates"      // 409 for a delivery that it has seen
	RedirectsToSlash     Defect = "redirects-to-slash"      // 308 to the URL with a trailing slash
	AnswersNoContent     Defect = "answers-no-content"      // 204, whatever the provider wants
	StumblesOverOneEvent Defect = "stumbles-over-one-event" // 500 for the last event type of the contract
	SlowToAnswer         Defect = "slow-to-answer"          // works before it answers, longer than good practice
)

// Defects lists every defect but None.
var Defects = []Defect{
	DoubleEffect, NoSignatureCheck, MissingMeansTrusted, EmptyMeansTrusted, PrefixCompare, ReserialisesBody, EffectBeforeCheck,
	BreaksOnUnknownEvent, RefusesUnknownFields, AcceptsMalformed, BreaksOnMalformed, RefusesDuplicates, RedirectsToSlash,
	AnswersNoContent, StumblesOverOneEvent, SlowToAnswer,
}

// Receiver is a webhook receiver with an order book. It is an http.Handler.
type Receiver struct {
	contract *contracts.Contract
	secrets  []signature.Secret
	defect   Defect

	mu   sync.Mutex
	done map[string]int // effects by event
	book []Effect
}

// Effect is one thing that was done: the event that asked for it.
type Effect struct {
	Event string // its type
	Body  []byte
}

// New makes a receiver for a provider's deliveries with one defect, or None.
// Secrets are those shared with the provider; a contract that does not sign
// needs none.
func New(c *contracts.Contract, defect Defect, secrets ...signature.Secret) *Receiver {
	return &Receiver{contract: c, secrets: secrets, defect: defect, done: map[string]int{}}
}

// slowness of SlowToAnswer: above what good receivers need, below what
// providers wait.
const slowness = 1100 * time.Millisecond

// maxBody is far above what any provider sends.
const maxBody = 4 << 20

// ServeHTTP takes a delivery or shows the book.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	switch {
	case req.Method == http.MethodGet && strings.HasSuffix(req.URL.Path, "/effects"):
		r.showEffects(w, req.URL.Query())
	case req.Method == http.MethodGet:
		r.showBook(w)
	case req.Method != http.MethodPost && req.Method != http.MethodPut:
		w.Header().Set("Allow", "GET, POST, PUT")
		w.WriteHeader(http.StatusMethodNotAllowed)
	case r.defect == RedirectsToSlash && !strings.HasSuffix(req.URL.Path, "/"):
		http.Redirect(w, req, req.URL.Path+"/", http.StatusPermanentRedirect)
	default:
		w.WriteHeader(r.take(w, req))
	}
}

// take is a delivery's way through a receiver: read, check, parse, do, answer.
func (r *Receiver) take(w http.ResponseWriter, req *http.Request) int {
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxBody))
	if err != nil {
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			return http.StatusRequestEntityTooLarge
		}
		return http.StatusBadRequest
	}
	opened, err := r.contract.Open(&contracts.Request{
		Method: req.Method, URL: req.URL.RequestURI(), Header: req.Header, Body: body,
	}, contracts.OpenOptions{Secrets: r.secrets, Now: time.Now()})
	if err != nil {
		return http.StatusInternalServerError // our own set-up: a missing secret
	}
	if r.defect == EffectBeforeCheck {
		r.act(opened.Events)
	}
	if !r.trusts(req.Header, body, opened) {
		return http.StatusUnauthorized
	}
	if !json.Valid(body) {
		return r.malformed()
	}
	if status := r.stumbles(opened.Events); status != 0 {
		return status
	}
	if r.defect == SlowToAnswer {
		pause := time.NewTimer(slowness)
		defer pause.Stop()
		<-pause.C
	}
	if again := r.act(opened.Events); again && r.defect == RefusesDuplicates {
		return http.StatusConflict
	}
	return r.success()
}

// malformed is the answer to a body that is no JSON.
func (r *Receiver) malformed() int {
	switch r.defect {
	case AcceptsMalformed:
		return r.success()
	case BreaksOnMalformed:
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// trusts judges the proof that a delivery carries. One that is missing or empty
// cannot be fresh, so that those who trust it do not look.
func (r *Receiver) trusts(h http.Header, body []byte, opened contracts.Opened) bool {
	scheme, _ := r.contract.Signature()
	header := scheme.Header
	if scheme.Algorithm == signature.Basic {
		header = "Authorization"
	}
	values, received := h.Values(header), h.Get(header)
	right := opened.Signature.OK()
	switch r.defect {
	case NoSignatureCheck:
		return true
	case MissingMeansTrusted:
		if len(values) == 0 {
			return true
		}
	case EmptyMeansTrusted:
		if len(values) > 0 && received == "" {
			return true
		}
	case PrefixCompare:
		if received != "" && len(r.secrets) > 0 {
			why, err := scheme.Explain(h, body, time.Now(), r.secrets[0])
			right = err == nil && strings.HasPrefix(why.Expected, received)
		}
	case ReserialisesBody:
		var again bytes.Buffer // keeps the order of members, as most languages do, but no white space
		if json.Compact(&again, body) == nil && scheme.Signs() {
			found, err := scheme.Verify(h, again.Bytes(), time.Now(), r.secrets...)
			right = err == nil && found.OK()
		}
	}
	return right && fresh(scheme, h)
}

// freshness is how old a signed time may be. It is wide enough for clocks that
// differ; a provider signs every attempt anew.
const freshness = 5 * time.Minute

func fresh(s signature.Scheme, h http.Header) bool {
	if s.TimestampHeader == "" {
		return true
	}
	seconds, err := strconv.ParseInt(h.Get(s.TimestampHeader), 10, 64)
	return err == nil && time.Since(time.Unix(seconds, 0)).Abs() < freshness
}

// stumbles is for receivers that know better than the provider what it sends:
// it is their answer, 0 where they find nothing.
func (r *Receiver) stumbles(events []contracts.Event) int {
	if len(events) == 0 && r.defect == BreaksOnUnknownEvent {
		return http.StatusInternalServerError
	}
	types := r.contract.EventTypes()
	for _, ev := range events {
		switch {
		case r.defect == StumblesOverOneEvent && ev.Type == types[len(types)-1]:
			return http.StatusInternalServerError
		case r.defect == RefusesUnknownFields && !known(ev):
			return http.StatusUnprocessableEntity
		}
	}
	return 0
}

// known reports whether the contract names every member of an event.
func known(ev contracts.Event) bool {
	s, err := ev.Type.Schema()
	return err != nil || len(s.Undocumented(ev.Body)) == 0 && len(s.Validate(ev.Body)) == 0
}

// act does what the events ask for, once each, and reports whether any of them
// had been done before.
func (r *Receiver) act(events []contracts.Event) (again bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, ev := range events {
		key := identityOf(ev)
		if r.done[key] > 0 {
			again = true
			if r.defect != DoubleEffect {
				continue
			}
		}
		r.done[key]++
		r.book = append(r.book, Effect{Event: ev.Type.Name(), Body: ev.Body})
	}
	return again
}

// identityOf is what makes two deliveries the same event. Where nobody says, or
// says it in a header, it is the bytes: a retry repeats them.
func identityOf(ev contracts.Event) string {
	id := ev.Type.Identity()
	if len(id.Members) == 0 || id.Header != "" || id.Provenance.Level == contracts.Assumed {
		return fmt.Sprintf("%s %x", ev.Type.Name(), sha256.Sum256(ev.Body))
	}
	parts := []string{ev.Type.Name()}
	for _, pointer := range id.Members {
		v, _ := valueAt(ev.Body, pointer)
		parts = append(parts, v)
	}
	return strings.Join(parts, "\x00")
}

// success is the first code that the provider takes for one.
func (r *Receiver) success() int {
	if r.defect == AnswersNoContent {
		return http.StatusNoContent
	}
	for _, t := range r.contract.EventTypes() {
		if ranges := t.Policy().Success; len(ranges) > 0 {
			return ranges[0].From
		}
	}
	return http.StatusOK
}

func (r *Receiver) showEffects(w http.ResponseWriter, query url.Values) {
	n := 0
	for _, e := range r.Book() {
		matches := len(query) > 0
		for pointer, values := range query {
			got, ok := valueAt(e.Body, pointer)
			matches = matches && ok && slices.Contains(values, got)
		}
		if matches {
			n++
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]int{"count": n})
}

func (r *Receiver) showBook(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	for _, e := range r.Book() {
		fmt.Fprintf(w, "%s %s\n", e.Event, e.Body)
	}
}

// Book is what was done so far, in order.
func (r *Receiver) Book() []Effect {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.book)
}

// Effects counts how often exactly this event was done: an oracle for tests
// that hold the receiver in their hands.
func (r *Receiver) Effects(ev contracts.Event) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.done[identityOf(ev)]
}

// valueAt is the text of the value at a JSON Pointer.
func valueAt(body []byte, pointer string) (string, bool) {
	var v any
	dec := json.NewDecoder(strings.NewReader(string(body)))
	dec.UseNumber()
	if dec.Decode(&v) != nil || !strings.HasPrefix(pointer, "/") {
		return "", false
	}
	for _, token := range strings.Split(pointer[1:], "/") {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		switch at := v.(type) {
		case map[string]any:
			v = at[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(at) {
				return "", false
			}
			v = at[i]
		default:
			return "", false
		}
	}
	if v == nil {
		return "", false
	}
	return fmt.Sprint(v), true
}

// Package receivers is a gallery of webhook receivers: one that is right, and
// wrong ones with exactly one defect each, modelled on bugs that receivers
// really have. They keep an order book in memory and show it, so that the
// verifier's oracle can count what was done.
//
// A receiver answers
//
//	POST or PUT  anywhere              a delivery
//	GET  /effects?/eventInstance=X     {"count": n}: how many effects events had whose
//	                                   body holds X at that JSON Pointer; several
//	                                   parameters must all match
//	GET  /book                         what was done, one line each
package receivers

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
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
	PrefixCompare        Defect = "prefix-compare"          // compares as far as the received value goes
	ReserialisesBody     Defect = "reserialises-body"       // parses and writes the JSON before it checks
	EffectBeforeCheck    Defect = "effect-before-check"     // works first, checks afterwards
	BreaksOnUnknownEvent Defect = "breaks-on-unknown-event" // 500 for an event that it does not know
	RefusesUnknownFields Defect = "refuses-unknown-fields"  // decodes strictly
	AcceptsMalformed     Defect = "accepts-malformed"       // answers before it parses, and drops what does not parse
	BreaksOnMalformed    Defect = "breaks-on-malformed"     // 500 when the JSON does not parse
	RefusesDuplicates    Defect = "refuses-duplicates"      // 409 for a delivery that it has seen
	RedirectsToSlash     Defect = "redirects-to-slash"      // 308 to the URL with a trailing slash
	AnswersNoContent     Defect = "answers-no-content"      // 204, whatever the provider wants
	StumblesOverOneEvent Defect = "stumbles-over-one-event" // 500 for the last event of the contract
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

// Effect is one thing that was done, and the delivery that asked for it.
type Effect struct {
	Event string
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
	case r.defect == RedirectsToSlash && !strings.HasSuffix(req.URL.Path, "/"):
		http.Redirect(w, req, req.URL.Path+"/", http.StatusPermanentRedirect)
	default:
		w.WriteHeader(r.take(w, req))
	}
}

// take is a delivery's way through a receiver: read, check, parse, remember,
// do, answer.
func (r *Receiver) take(w http.ResponseWriter, req *http.Request) int {
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxBody))
	if err != nil {
		return http.StatusRequestEntityTooLarge
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
		switch r.defect {
		case AcceptsMalformed:
			return r.success()
		case BreaksOnMalformed:
			return http.StatusInternalServerError
		}
		return http.StatusBadRequest
	}
	if len(opened.Events) == 0 && r.defect == BreaksOnUnknownEvent {
		return http.StatusInternalServerError
	}
	if r.refuses(opened) {
		return http.StatusUnprocessableEntity
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

// trusts judges the signature, each defect in its own way.
func (r *Receiver) trusts(h http.Header, body []byte, opened contracts.Opened) bool {
	scheme, _ := r.contract.Signature()
	header := scheme.Header
	if scheme.Algorithm == signature.Basic {
		header = "Authorization"
	}
	received := h.Get(header)
	switch r.defect {
	case NoSignatureCheck:
		return true
	case MissingMeansTrusted:
		if len(h.Values(header)) == 0 {
			return true
		}
	case EmptyMeansTrusted:
		if len(h.Values(header)) > 0 && received == "" {
			return true
		}
	case PrefixCompare:
		if received != "" && len(r.secrets) > 0 {
			why, err := scheme.Explain(h, body, time.Now(), r.secrets[0])
			return err == nil && strings.HasPrefix(why.Expected, received)
		}
	case ReserialisesBody:
		var again bytes.Buffer // keeps the order of members, as most languages do, but no white space
		if json.Compact(&again, body) == nil {
			found, err := scheme.Verify(h, again.Bytes(), time.Now(), r.secrets...)
			return err == nil && found.OK()
		}
	}
	return opened.Signature.OK() && fresh(scheme, h)
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

// refuses is for receivers that know better than the provider what it sends.
func (r *Receiver) refuses(opened contracts.Opened) bool {
	types := r.contract.EventTypes()
	for _, ev := range opened.Events {
		switch r.defect {
		case RefusesUnknownFields:
			s, err := ev.Type.Schema()
			if err == nil && (len(s.Undocumented(ev.Body)) > 0 || len(s.Validate(ev.Body)) > 0) {
				return true
			}
		case StumblesOverOneEvent:
			if ev.Type == types[len(types)-1] {
				return true
			}
		}
	}
	return false
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

// identityOf is what makes two deliveries the same event. Where no provider
// says, it is the bytes: a retry repeats them.
func identityOf(ev contracts.Event) string {
	id := ev.Type.Identity()
	if id.Provenance.Level == contracts.Assumed || len(id.Members) == 0 {
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

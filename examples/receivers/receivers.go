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
//	GET          /state?/eventInstance=X    what the record holds whose last event matches
//	                                        likewise, 404 for none
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
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
)

// Receiver is a webhook receiver with an order book. It is an http.Handler.
type Receiver struct {
	contract *contracts.Contract
	secrets  []signature.Secret
	habit    habit

	mu      sync.Mutex
	done    map[string]int // effects by what it knows events by
	book    []Effect
	effects map[string]int       // of the book, by identity
	doneAt  map[string]time.Time // when, by the same
	records map[string]record    // what events told of, by entity
	memory
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
	r := &Receiver{contract: c, secrets: secrets, done: map[string]int{}, effects: map[string]int{}, doneAt: map[string]time.Time{}, records: map[string]record{}}
	for _, b := range bugs {
		if b.defect == defect {
			r.habit = b.habit
		}
	}
	return r
}

// maxBody is far above what any provider sends.
const maxBody = 4 << 20

// habit is what a receiver does in a way of its own; nil, as the right one does.
// A defect is one habit.
type habit struct {
	front   func(*Receiver, http.ResponseWriter, *http.Request) (answered bool) // before the receiver
	method  func(method string) bool                                            // takes it for a delivery
	read    func(*http.Request) ([]byte, error)
	early   func(*Receiver, *delivery) int // between reading and checking; a status ends it
	trusts  func(r *Receiver, d *delivery, right bool) bool
	media   func(http.Header) int                   // judges the content type; 0: well
	form    func(body []byte) bool                  // whether the body parses
	stumble func(*Receiver, *delivery) int          // what it makes of an authentic body; 0: nothing
	key     func(*delivery, contracts.Event) string // what it knows an event by
	act     func(*Receiver, *delivery) int          // does the work; 0: done
	keep    func(was, news record) bool             // whether news change a record that is there
	forgets time.Duration                           // after so long what was done is forgotten; 0: never
	// volatile says that what was done is kept in memory alone.
	volatile bool
	answer   func(*Receiver, http.ResponseWriter, *delivery, int) (answered bool)
	server   func(*http.Server)     // changes the server of Serve
	reader   func(name string) bool // an HTTP reader of its own: the headers that it finds
	once     bool                   // of a header that comes twice that reader takes the first
}

// delivery is a request on its way through a receiver.
type delivery struct {
	*http.Request
	body   []byte
	opened contracts.Opened
	again  bool // it had been seen before
}

// ServeHTTP takes a delivery or shows the book.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	takes := r.takes
	if r.habit.method != nil {
		takes = r.habit.method
	}
	switch {
	case r.habit.front != nil && r.habit.front(r, w, req):
	case takes(req.Method):
		d := &delivery{Request: req}
		status := r.take(w, d)
		if r.habit.answer == nil || !r.habit.answer(r, w, d, status) {
			w.WriteHeader(status)
		}
	case req.Method == http.MethodGet && strings.HasSuffix(req.URL.Path, "/effects"):
		r.showEffects(w, req.URL.Query())
	case req.Method == http.MethodGet && strings.HasSuffix(req.URL.Path, "/state"):
		r.showState(w, req.URL.Query())
	case req.Method == http.MethodGet:
		r.showBook(w)
	default:
		w.Header().Set("Allow", "GET, POST, PUT")
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

func (r *Receiver) takes(method string) bool {
	return method == http.MethodPost || method == http.MethodPut
}

// take is a delivery's way through a receiver: read, check, parse, do, answer.
func (r *Receiver) take(w http.ResponseWriter, d *delivery) int {
	read := readAll
	if r.habit.read != nil {
		read = r.habit.read
	}
	d.Body = http.MaxBytesReader(w, d.Body, maxBody)
	var err error
	if d.body, err = read(d.Request); err != nil {
		if errors.Is(err, errStuck) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.stuck = true
		}
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			return http.StatusRequestEntityTooLarge
		}
		return http.StatusBadRequest
	}
	d.opened, err = r.contract.Open(&contracts.Request{
		Method: d.Method, URL: d.URL.RequestURI(), Header: d.Header, Body: d.body,
	}, contracts.OpenOptions{Secrets: r.secrets, Now: time.Now()})
	if err != nil {
		return http.StatusInternalServerError // our own set-up: a missing secret
	}
	if r.habit.early != nil {
		if status := r.habit.early(r, d); status != 0 {
			return status
		}
	}
	if !r.trusts(d) {
		return http.StatusUnauthorized
	}
	if status := r.parse(d); status != 0 {
		return status
	}
	if r.habit.stumble != nil {
		if status := r.habit.stumble(r, d); status != 0 {
			return status
		}
	}
	if r.habit.act != nil {
		if status := r.habit.act(r, d); status != 0 {
			return status
		}
		return r.success()
	}
	r.act(d)
	return r.success()
}

func readAll(req *http.Request) ([]byte, error) { return io.ReadAll(req.Body) }

// trusts judges the proof that a delivery carries.
func (r *Receiver) trusts(d *delivery) bool {
	scheme, _ := r.contract.Signature()
	right := d.opened.Signature.OK() && fresh(scheme, d.Header)
	if r.habit.trusts != nil {
		return r.habit.trusts(r, d, right)
	}
	return right
}

// verified judges another header or body than those that came.
func (r *Receiver) verified(h http.Header, body []byte) bool {
	scheme, _ := r.contract.Signature()
	return r.verifiedBy(scheme, h, body) && fresh(scheme, h)
}

func (r *Receiver) verifiedBy(s signature.Scheme, h http.Header, body []byte) bool {
	if !s.Signs() || len(r.secrets) == 0 {
		return true
	}
	found, err := s.Verify(h, body, time.Now(), r.secrets...)
	return err == nil && found.OK()
}

// proof is the header that has to be right.
func (r *Receiver) proof() string {
	scheme, _ := r.contract.Signature()
	if scheme.Algorithm == signature.Basic {
		return "Authorization"
	}
	return http.CanonicalHeaderKey(scheme.Header)
}

// parse refuses what is no JSON object in UTF-8. It is a status, 0 where all is well.
func (r *Receiver) parse(d *delivery) int {
	media, form := mediaType, wellFormed
	if r.habit.media != nil {
		media = r.habit.media
	}
	if r.habit.form != nil {
		form = r.habit.form
	}
	if status := media(d.Header); status != 0 {
		return status
	}
	if !form(d.body) {
		return http.StatusBadRequest
	}
	return 0
}

// mediaType takes JSON in UTF-8, and a body that does not say what it is.
func mediaType(h http.Header) int {
	if h.Get("Content-Encoding") != "" {
		return http.StatusUnsupportedMediaType
	}
	value := h.Get("Content-Type")
	if value == "" {
		return 0
	}
	media, params, err := mime.ParseMediaType(value)
	charset, ok := params["charset"]
	if err != nil || media != "application/json" && !strings.HasSuffix(media, "+json") || ok && !strings.EqualFold(charset, "utf-8") {
		return http.StatusUnsupportedMediaType
	}
	return 0
}

func wellFormed(body []byte) bool {
	return utf8.Valid(body) && json.Valid(body) && bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{"))
}

// freshness is how old a signed time may be. It is wide enough for clocks that
// differ; a provider signs every attempt anew.
const freshness = 5 * time.Minute

func fresh(s signature.Scheme, h http.Header) bool { return freshWithin(s, h, freshness) }

func freshWithin(s signature.Scheme, h http.Header, window time.Duration) bool {
	if s.TimestampHeader == "" {
		return true
	}
	seconds, err := strconv.ParseInt(h.Get(s.TimestampHeader), 10, 64)
	return err == nil && time.Since(time.Unix(seconds, 0)).Abs() < window
}

// act does what the events ask for, once each.
func (r *Receiver) act(d *delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, ev := range d.opened.Events {
		key := r.keyOf(d, ev)
		if r.done[key] > 0 && !r.forgotten(key) {
			d.again = true
			continue
		}
		r.do(key, ev)
	}
}

// do has the effect of one event. The caller holds the lock.
func (r *Receiver) do(key string, ev contracts.Event) {
	r.done[key]++
	r.doneAt[key] = time.Now()
	r.track(ev)
	r.book = append(r.book, Effect{Event: ev.Type.Name(), Body: ev.Body})
	r.effects[identityOf(ev)]++
}

func (r *Receiver) keyOf(d *delivery, ev contracts.Event) string {
	if r.habit.key != nil {
		return r.habit.key(d, ev)
	}
	return identityOf(ev)
}

// identityOf is what makes two deliveries the same event. Where nobody says, or
// says it in a header, it is the bytes: a retry repeats them.
func identityOf(ev contracts.Event) string {
	id := ev.Type.Identity()
	if len(id.Members) == 0 || id.Header != "" || id.Provenance.Level == contracts.Assumed {
		return fmt.Sprintf("%s %x", ev.Type.Name(), sha256.Sum256(ev.Body))
	}
	parts, body := []string{ev.Type.Name()}, decoded(ev.Body)
	for _, pointer := range id.Members {
		v, _ := valueAt(body, pointer)
		parts = append(parts, v)
	}
	return strings.Join(parts, "\x00")
}

// success is the first code that the provider takes for one.
func (r *Receiver) success() int {
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
		if holds(e.Body, query) {
			n++
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]int{"count": n})
}

// holds reports whether a body holds all of the values, by JSON Pointer.
func holds(body []byte, query url.Values) bool {
	root := decoded(body)
	for pointer, values := range query {
		got, ok := valueAt(root, pointer)
		if !ok || !slices.Contains(values, got) {
			return false
		}
	}
	return len(query) > 0
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
	identity := identityOf(ev)
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.effects[identity]
}

// decoded is the value that a body holds, nil for what is no JSON.
func decoded(body []byte) (v any) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	_ = dec.Decode(&v) // what is no JSON has no values
	return v
}

// valueAt is the text of the value at a JSON Pointer.
func valueAt(v any, pointer string) (string, bool) {
	if !strings.HasPrefix(pointer, "/") {
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

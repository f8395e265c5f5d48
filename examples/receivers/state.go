package receivers

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
)

// record is what a receiver holds of one entity that events tell of.
type record struct {
	entity, key string
	event       string // the last that changed it
	version     string
	phase       contracts.Phase
	body        json.RawMessage
	erased      bool
}

// track lets an event change its record. The caller holds the lock. The right
// receiver takes the newest news, whenever they come, and remembers what was
// deleted.
func (r *Receiver) track(ev contracts.Event) {
	news, ok := recordIn(ev)
	if !ok {
		return
	}
	at := news.entity + "\x00" + news.key
	was, known := r.records[at]
	keep := newestWins
	if r.habit.keep != nil {
		keep = r.habit.keep
	}
	if known && !keep(was, news) {
		return
	}
	news.erased = news.phase == contracts.Ends
	r.records[at] = news
}

// newestWins is the right habit. Times of one provider are written alike, so that
// their texts are in the order of time; without a version the last one wins.
func newestWins(was, news record) bool { return news.version == "" || news.version >= was.version }

// recordIn reads which entity an event tells of; ok is false where the contract
// does not say.
func recordIn(ev contracts.Event) (news record, ok bool) {
	life, stage := ev.Type.Contract().EntityOf(ev.Type)
	if life == nil {
		return news, false
	}
	var key []string
	body := decoded(ev.Body)
	for _, pointer := range stage.Key {
		v, found := valueAt(body, pointer)
		if !found {
			return news, false
		}
		key = append(key, v)
	}
	version, _ := valueAt(body, stage.Version)
	return record{entity: life.Entity, key: strings.Join(key, "\x00"), event: ev.Type.Name(), version: version, phase: stage.Phase, body: ev.Body}, true
}

// knownRecord reports whether the entity of an event is there.
func (r *Receiver) knownRecord(ev contracts.Event) bool {
	news, ok := recordIn(ev)
	r.mu.Lock()
	defer r.mu.Unlock()
	_, known := r.records[news.entity+"\x00"+news.key]
	return !ok || known
}

// State is what the receiver holds of the entity that an event tells of, nil for
// nothing: an oracle for tests that hold the receiver in their hands.
func (r *Receiver) State(ev contracts.Event) json.RawMessage {
	news, ok := recordIn(ev)
	if !ok {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.records[news.entity+"\x00"+news.key].json()
}

func (r record) json() json.RawMessage {
	if r.entity == "" || r.erased {
		return nil
	}
	text, _ := json.Marshal(struct {
		Event   string          `json:"event"`
		Version string          `json:"version,omitempty"`
		Body    json.RawMessage `json:"body"`
	}{r.event, r.version, r.body}) // the body was JSON when it came
	return text
}

// showState shows the record whose last event holds all of the values, by JSON
// Pointer, as showEffects counts effects.
func (r *Receiver) showState(w http.ResponseWriter, query url.Values) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rec := range r.records {
		if text := rec.json(); text != nil && holds(rec.body, query) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(text)
			return
		}
	}
	w.WriteHeader(http.StatusNotFound)
}

// forgotten reports whether a receiver that keeps things for a time has lost what
// it did under a key. The caller holds the lock.
func (r *Receiver) forgotten(key string) bool {
	return r.habit.forgets > 0 && time.Since(r.doneAt[key]) > r.habit.forgets
}

// Restart stops the receiver and starts it again: what is stored stays, what was
// only in memory is gone.
func (r *Receiver) Restart() http.Handler {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.memory = memory{}
	if r.habit.volatile {
		r.done = map[string]int{}
	}
	return r
}

package receivers

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"

	"github.com/hookrig/hookrig/contracts"
)

// How receivers remember wrongly what they have done.
const (
	DoubleEffect         Defect = "double-effect"          // does it again when it is delivered again
	RefusesDuplicates    Defect = "refuses-duplicates"     // 409 for a delivery that it has seen
	BreaksOnUniqueKey    Defect = "breaks-on-unique-key"   // 500 for the second of two at once
	RefusesOlderEvents   Defect = "refuses-older-events"   // 409 for what is older than what it knows
	LooksThenWrites      Defect = "looks-then-writes"      // two at once find nothing and both do it
	KnowsBySignature     Defect = "knows-by-signature"     // the signature as the key of an event
	KnowsByRecord        Defect = "knows-by-record"        // the record as the key of an event
	KnowsByBytes         Defect = "knows-by-bytes"         // a hash of the body as the key, where the provider gives an id
	ReadsFloats          Defect = "reads-floats"           // numbers as floats, in the key too
	RemembersBeforeCheck Defect = "remembers-before-check" // marks an event as seen before it checks who sends it
	DropsWhenBusy        Defect = "drops-when-busy"        // acknowledges, and a full queue forgets
	ComparesStoredText   Defect = "compares-stored-text"   // finds duplicates by their text, whose column keeps ? for an emoji
)

var stateBugs = []bug{
	{DoubleEffect, habit{act: each(func(r *Receiver, key string, ev contracts.Event) int {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.do(key, ev)
		return 0
	})}},
	{RefusesDuplicates, habit{act: func(r *Receiver, d *delivery) int {
		if r.act(d); d.again {
			return http.StatusConflict
		}
		return 0
	}}},
	{BreaksOnUniqueKey, habit{act: each(func(r *Receiver, key string, ev contracts.Event) int {
		r.mu.Lock()
		if r.done[key] > 0 {
			r.mu.Unlock()
			return 0
		}
		taken := mark(&r.working, key)
		r.mu.Unlock()
		if taken {
			return http.StatusInternalServerError
		}
		pause(work)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.do(key, ev)
		return 0
	})}},
	{RefusesOlderEvents, habit{act: func(r *Receiver, d *delivery) int {
		for _, ev := range d.opened.Events {
			if r.isOlder(ev) {
				return http.StatusConflict
			}
		}
		r.act(d)
		return 0
	}}},
	{LooksThenWrites, habit{act: each(func(r *Receiver, key string, ev contracts.Event) int {
		r.mu.Lock()
		known := r.done[key] > 0
		r.mu.Unlock()
		if known {
			return 0
		}
		pause(work)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.do(key, ev)
		return 0
	})}},
	{KnowsBySignature, habit{key: func(d *delivery, ev contracts.Event) string {
		scheme, _ := ev.Type.Contract().Signature()
		return identityOf(ev) + d.Header.Get(scheme.Header) + d.Header.Get(scheme.TimestampHeader)
	}}},
	{KnowsByRecord, habit{key: func(_ *delivery, ev contracts.Event) string { return recordOf(ev) }}},
	{KnowsByBytes, habit{key: func(_ *delivery, ev contracts.Event) string { return fmt.Sprintf("%x", sha256.Sum256(ev.Body)) }}},
	{ReadsFloats, habit{key: func(_ *delivery, ev contracts.Event) string {
		var v any
		_ = json.Unmarshal(ev.Body, &v) // it has been parsed
		text, _ := json.Marshal(v)
		return string(text)
	}}},
	{RemembersBeforeCheck, habit{
		early: func(r *Receiver, d *delivery) int {
			r.mu.Lock()
			defer r.mu.Unlock()
			for _, ev := range d.opened.Events {
				d.again = mark(&r.marked, identityOf(ev)) || d.again
			}
			return 0
		},
		act: func(r *Receiver, d *delivery) int {
			if !d.again {
				r.act(d)
			}
			return 0
		},
	}},
	{DropsWhenBusy, habit{act: func(r *Receiver, d *delivery) int {
		full := r.enter() > 4
		defer r.leave()
		pause(work)
		if !full {
			r.act(d)
		}
		return 0
	}}},
	{ComparesStoredText, habit{act: each(func(r *Receiver, key string, ev contracts.Event) int {
		r.mu.Lock()
		defer r.mu.Unlock()
		if text := key + string(ev.Body); r.done[text] == 0 {
			r.do(narrow.ReplaceAllString(text, "?"), ev)
		}
		return 0
	})}},
}

// narrow are the characters that a column of three bytes has no room for.
var narrow = regexp.MustCompile(`[\x{10000}-\x{10FFFF}]`)

// each does the events of a delivery one by one; a status ends it.
func each(one func(*Receiver, string, contracts.Event) int) func(*Receiver, *delivery) int {
	return func(r *Receiver, d *delivery) int {
		for _, ev := range d.opened.Events {
			if status := one(r, r.keyOf(d, ev), ev); status != 0 {
				return status
			}
		}
		return 0
	}
}

var times = regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^"]*`)

// recordOf is an event without its times.
func recordOf(ev contracts.Event) string {
	return ev.Type.Name() + " " + times.ReplaceAllString(string(ev.Body), "")
}

// isOlder reports whether something newer was known of the record.
func (r *Receiver) isOlder(ev contracts.Event) bool {
	at := times.FindString(string(ev.Body))
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.newest == nil {
		r.newest = map[string]string{}
	}
	if at < r.newest[recordOf(ev)] {
		return true
	}
	r.newest[recordOf(ev)] = at
	return false
}

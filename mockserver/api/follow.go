package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/registration"
)

// followed is how far the journal's entries have had their consequences.
type followed struct {
	Seq uint64 `json:"seq"` // on the shelf

	at atomic.Uint64 // in memory

	mu   sync.Mutex
	sent []*mockserver.Delivery // of fan-outs up to at, perhaps not yet written down
}

// loadFollowed finds out where to go on. A journal that nobody has followed has
// no consequences any more.
func (a *api) loadFollowed(ctx context.Context) error {
	f := &a.work.followed
	last, err := a.ledger.Last(ctx)
	if err != nil {
		return err
	}
	f.Seq, a.metrics.begin = last, last
	for d, err := range a.shelf.All(ctx, kindFollowed) {
		if err != nil {
			return err
		}
		var was followed
		if err := json.Unmarshal(d.Doc, &was); err != nil {
			return fmt.Errorf("how far the journal was followed: %w", err)
		}
		f.Seq = min(was.Seq, last) // of another journal, if it is greater
	}
	f.at.Store(f.Seq)
	return nil
}

// keepFollowed writes down how far the journal was followed, once everything that
// followed from it is written down too.
func (a *api) keepFollowed(ctx context.Context) error {
	f := &a.work.followed
	f.mu.Lock()
	seq, sent := f.at.Load(), f.sent
	f.sent = nil
	f.mu.Unlock()
	for i, d := range sent {
		if err := d.Queued(ctx); errors.Is(err, mockserver.ErrStopped) || ctx.Err() != nil {
			f.mu.Lock()
			f.sent = append(sent[i:len(sent):len(sent)], f.sent...)
			f.mu.Unlock()
			return err
		} // else it is written down, or was before, or cannot be
	}
	if seq == f.Seq {
		return nil
	}
	doc, err := json.Marshal(struct {
		Seq uint64 `json:"seq"`
	}{seq})
	if err != nil {
		return err
	}
	if err := a.shelf.Put(ctx, kindFollowed, "journal", doc); err != nil {
		return err
	}
	f.Seq = seq
	return nil
}

// followJournal heeds every entry of the journal, from where an earlier server stopped.
// Entries that had their consequences before have none again.
func (a *api) followJournal(ctx context.Context) {
	f := &a.work.followed
	for e, err := range a.server.Follow(ctx, f.at.Load()) {
		if err != nil {
			a.log.Error("the journal cannot be followed: metrics stand still, and so does what becomes of subscriptions", "error", err)
			return
		}
		a.metrics.see(&e)
		for {
			err := a.heed(ctx, &e)
			if ctx.Err() != nil {
				return // perhaps half done: the next server does it
			}
			if err != nil {
				a.log.Error("an entry of the journal could not have its consequences", "delivery", e.Delivery, "kind", e.Kind, "error", err)
			}
			if !errors.Is(err, mockserver.ErrFull) {
				break
			}
			pause(ctx, everySave)
		}
		f.at.Store(e.Seq)
		a.work.stir()
	}
}

// heed is what follows from an entry: a subscription is disabled because a
// delivery was given up, or an event goes to further subscriptions.
func (a *api) heed(ctx context.Context, e *mockserver.Entry) error {
	switch e.Kind {
	case mockserver.EntryEnded:
		return a.subs.Ended(ctx, *e)
	case mockserver.EntryQueued:
		return a.fanOut(ctx, e)
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// fanOut sends an event of a run, of which the first subscription has a delivery
// now, to all the others that want it. The journal is what makes sure that this
// happens once: its entry is found again after a crash, and the ids are known.
func (a *api) fanOut(ctx context.Context, e *mockserver.Entry) error {
	first, ok := registration.IDOfRef(e.Endpoint)
	if !ok {
		return nil
	}
	run, index, ok := a.ofRun(e.Delivery)
	if !ok {
		return nil
	}
	others := a.subs.Matching(e.Provider, e.Event)
	if len(others) < 2 {
		return nil
	}
	record, found, err := a.ledger.Find(ctx, e.Delivery)
	if err != nil || !found || record.Seq != e.Seq { // sent again: that is for this one alone
		return err
	}
	t, err := a.eventType(&sending{Provider: e.Provider, Event: e.Event})
	if err != nil {
		return err
	}
	var sent []*mockserver.Delivery
	for _, sub := range others {
		to, err := a.subs.Endpoint(sub.ID)
		if sub.ID == first || err != nil || !a.subs.Wants(sub, e.Body) {
			continue // also where it is gone meanwhile
		}
		sent = append(sent, a.server.Send(mockserver.Parcel{
			Event: contracts.Event{Type: t, Body: e.Body}, Endpoint: to, ID: e.Delivery + "_" + sub.ID,
			Label: e.Label, Key: run.Plan.Key, Once: run.Plan.Once, Tamper: firstOf(run.Plan.Tamper, a.chaos).of(run.Plan.Seed, index, t),
		}))
	}
	f := &a.work.followed
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent = append(f.sent, sent...)
	return nil
}

// ofRun finds the run that has made a delivery, by its id.
func (a *api) ofRun(delivery string) (e *execution, index uint64, ok bool) {
	i := strings.LastIndexByte(delivery, '-')
	if i < 0 {
		return nil, 0, false
	}
	index, err := strconv.ParseUint(delivery[i+1:], 10, 64)
	e = a.work.find(delivery[:i])
	return e, index, err == nil && e != nil
}

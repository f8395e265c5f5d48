package mockserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
)

// This file is about deliveries that the journal knows and this run does not:
// those of earlier runs, and those that ended long ago.

// batchSize is how many deliveries are read, or written down, at once.
const batchSize = 1024

// takeUp lets every delivery of earlier runs go on that has not ended, in the
// order in which they were queued.
func (s *Server) takeUp(ctx context.Context) error {
	if s.recall == nil {
		return nil
	}
	s.past.Lock()
	defer s.past.Unlock()
	type recalled struct {
		*Delivery
		round uint64
	}
	var all []recalled
	var unknown []Entry // attempts whose outcome is unknown
	left, why := 0, error(nil)
	share := sharing{}
	once := NewLedger(s.scribe.journal) // s.ledger would hold in memory what is needed no more
	for page, err := range pages(ctx, once, Query{Live: true}) {
		if err != nil {
			return err
		}
		for i := range page {
			r := &page[i]
			d, err := s.resume(r)
			if err != nil {
				left, why = left+1, first(why, err)
				continue
			}
			share.endpoint(d)
			all = append(all, recalled{d, r.Round})
			if r.Intent != nil {
				unknown = append(unknown, d.unknown(s.clock, r.Intent))
			}
		}
	}
	slices.SortFunc(all, func(a, b recalled) int { return cmp.Compare(a.round, b.round) })
	for batch := range slices.Chunk(unknown, batchSize) {
		if err := s.scribe.write(batch...); err != nil {
			return err
		}
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Left = left
	for _, d := range all { // what was attempted before goes on before what stands behind it
		s.queue.join(d.Delivery)
		if len(d.attempts) > 0 {
			d.lane.enter(d.Delivery)
		}
	}
	for _, d := range all {
		s.known[d.id] = d.Delivery
		s.stats.Sent++
		s.stats.Arriving++
		s.move(d.Delivery, Waiting)
		s.enqueue(d.Delivery)
	}
	if len(all) > 0 || left > 0 {
		s.log.Info("deliveries of earlier runs", "taken up", len(all), "left waiting", left, "attempts of unknown outcome", len(unknown))
	}
	if why != nil {
		s.log.Warn("some deliveries of earlier runs are left waiting", "first reason", why)
	}
	return nil
}

// sharing lets deliveries that were taken up hold one endpoint together, where
// each was given its own.
type sharing map[[3]string]*Endpoint

func (s sharing) endpoint(d *Delivery) {
	e := d.parcel.Endpoint
	key := [3]string{e.Name, e.Ref, e.URL}
	if e.Ref == "" {
		return // nothing says that it is found the same again
	}
	if s[key] == nil {
		s[key] = e
	}
	d.parcel.Endpoint = s[key]
}

// resume is the handle of a delivery that goes on where the journal says.
func (s *Server) resume(r *Record) (*Delivery, error) {
	p, err := s.parcelOf(r)
	if err != nil {
		return nil, err
	}
	d := newDelivery(s, p, "")
	d.stand(r)
	for _, a := range d.attempts {
		d.progress.add(a)
	}
	d.due = r.Due()
	return d, nil
}

// unknown counts an attempt of which only the intent is known. What it was
// nobody can tell: the provider would send again, and so do we.
func (d *Delivery) unknown(c clock, intent *Attempt) Entry {
	now := c.now()
	a := &Attempt{
		Number: intent.Number, Started: intent.Started, Tamper: intent.Tamper, Failure: failUnknown, Ours: true,
		Reason: "the program ended during the attempt, not counted; the receiver may have acted on it",
		Next:   now.Add(d.progress.skipped), Due: now,
	}
	d.progress.add(a)
	d.attempts = append(d.attempts, a)
	d.due, d.reason = now, a.Reason
	return d.attemptEntry(c.now(), a, step{state: Waiting, reason: a.Reason})
}

// parcelOf makes a parcel of a record. The error is ErrLost, and why.
func (s *Server) parcelOf(r *Record) (Parcel, error) {
	lost := func(why error) (Parcel, error) {
		return Parcel{}, fmt.Errorf("delivery %q: %w: %w", r.ID, ErrLost, why)
	}
	switch {
	case s.recall == nil:
		return lost(errors.New("this server recalls nothing"))
	case r.Route == nil:
		return lost(errors.New("the journal has lost its beginning"))
	}
	p, err := s.recall(*r)
	switch {
	case err != nil:
		return lost(err)
	case p.Event.Type == nil:
		return lost(fmt.Errorf("nobody knows the event %q of the provider %q", r.Event, r.Provider))
	}
	p.Event.Body = r.Body
	p.ID, p.Label, p.Key, p.Once, p.Time = r.ID, r.Label, r.Route.Key, r.Route.Once, r.Route.Time
	p.Delay, p.Again = 0, false
	return p, nil
}

// handleOf is the handle of a delivery that this run has no part in: nothing
// that happens will change it.
func (s *Server) handleOf(r *Record) *Delivery {
	d := &Delivery{server: s, id: r.ID, provider: r.Provider, event: r.Event, endpoint: r.Endpoint}
	d.stand(r)
	d.state = r.State
	d.written.happen()
	d.over.happen()
	if !d.state.ended() {
		d.err = fmt.Errorf("delivery %q: %w", r.ID, ErrLost)
	}
	return d
}

// stand puts a delivery where the journal has it. Its attempts are lean.
func (d *Delivery) stand(r *Record) {
	d.reason, d.then = r.Reason, r.Then
	round := r.Attempts[r.Earlier:]
	d.attempts = make([]*Attempt, len(round), len(round)+1)
	for i, a := range round {
		d.attempts[i] = a.lean()
	}
}

// recorded looks a delivery up in the journal. The error is ErrUnknown or the
// journal's.
func (s *Server) recorded(id string) (Record, error) {
	r, found, err := s.ledger.Find(context.Background(), id) // the journal can be asked before and after a run
	switch {
	case err != nil:
		return r, fmt.Errorf("delivery %q: %w", id, err)
	case !found:
		return r, fmt.Errorf("delivery %q: %w", id, ErrUnknown)
	}
	return r, nil
}

// cancelRecorded ends deliveries of earlier runs that were left waiting, in one
// commit. The error is the first of those that could not be.
func (s *Server) cancelRecorded(ids ...string) (cancelled []string, err error) {
	s.past.Lock()
	defer s.past.Unlock()
	var entries []Entry
	for _, id := range ids {
		s.mu.Lock()
		known := s.known[id] != nil
		s.mu.Unlock()
		if known { // taken up meanwhile
			failed := s.Cancel(id)
			if failed == nil {
				cancelled = append(cancelled, id)
			}
			err = graver(err, failed)
			continue
		}
		r, failed := s.recorded(id)
		switch {
		case failed == nil && r.State.ended():
			failed = fmt.Errorf("delivery %q: %w", id, ErrEnded)
		case failed == nil:
			entries = append(entries, s.handleOf(&r).endedEntry(s.clock.now(), withdrawn))
		}
		err = graver(err, failed)
	}
	if len(entries) > 0 {
		if failed := s.scribe.write(entries...); failed != nil {
			return cancelled, graver(err, failed)
		}
		for i := range entries {
			cancelled = append(cancelled, entries[i].Delivery)
		}
	}
	return cancelled, err
}

// graver is the first of two errors, unless it says no more than that something has
// ended.
func graver(err, next error) error {
	if next != nil && errors.Is(err, ErrEnded) {
		return next
	}
	return first(err, next)
}

// pages yields what a query selects, the latest first.
func pages(ctx context.Context, from Reader, q Query) iter.Seq2[[]Record, error] {
	return func(yield func([]Record, error) bool) {
		for rest := q.Limit; ; {
			if q.Limit = batchSize; rest > 0 {
				q.Limit = min(rest, batchSize)
			}
			page, err := from.List(ctx, q)
			if err == nil && len(page) == 0 || !yield(page, err) || err != nil {
				return
			}
			q.Before = page[len(page)-1].Seq
			if rest > 0 {
				if rest -= len(page); rest == 0 {
					return
				}
			}
		}
	}
}

// strangers are those of a batch that the journal knows already, with the reason
// why they must not be written down.
func (s *Server) strangers(batch []*Delivery) map[*Delivery]error {
	var ids []string
	byID := map[string]*Delivery{}
	for _, d := range batch {
		if d.unsure {
			ids = append(ids, d.id)
			byID[d.id] = d
		}
	}
	if len(ids) == 0 {
		return nil
	}
	refused := map[*Delivery]error{}
	known, err := s.ledger.Known(s.scribe.ctx, ids...)
	if err != nil {
		for _, d := range byID {
			refused[d] = fmt.Errorf("the journal cannot be asked for the id: %w", err)
		}
		return refused
	}
	for _, id := range known {
		d := byID[id]
		refused[d] = ErrKnown
		if !d.parcel.Again {
			continue
		}
		r, _, err := s.ledger.Find(s.scribe.ctx, id)
		switch {
		case err != nil:
			refused[d] = err
		case !r.State.ended():
			refused[d] = ErrLive
		default:
			delete(refused, d)
		}
	}
	return refused
}

// lastOf is the number of a journal's last entry.
func lastOf(j Journal) (uint64, error) {
	ctx := context.Background()
	if l, ok := faceOf[interface {
		Last(context.Context) (uint64, error)
	}](j); ok {
		return l.Last(ctx)
	}
	return NewLedger(j).Last(ctx)
}

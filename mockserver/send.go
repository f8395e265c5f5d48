package mockserver

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Send queues a parcel and never blocks. What it refuses (an id that is known, a
// parcel after the server stopped, a journal that does not take it) the handle
// tells. The event's body must not be changed afterwards.
//
// Parcels sent before Run are written down when Run starts.
func (s *Server) Send(p Parcel) *Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := newDelivery(s, p, "")
	d.unsure = p.ID != ""
	s.send(d)
	return d
}

// send needs s.mu.
func (s *Server) send(d *Delivery) {
	s.stats.Sent++
	s.stats.Arriving++
	if d.id == "" {
		d.id = s.newID()
	}
	if err := s.refusal(d); err != nil {
		s.refuse(d, err)
		return
	}
	s.known[d.id] = d
	s.arriving = append(s.arriving, d)
	wake(s.arrived)
}

// NewID is the id that the next parcel without one would have got, for who has to
// know it before the parcel is sent.
func (s *Server) NewID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newID()
}

// newID needs s.mu.
func (s *Server) newID() string {
	s.counter++
	return s.seed.id(s.salt, s.counter)
}

func (s *Server) refusal(d *Delivery) error {
	if s.closed {
		return ErrStopped
	}
	if d.parcel.Event.Type == nil {
		return errors.New("the event has no type")
	}
	switch other := s.known[d.id]; {
	case other == nil:
	case !other.state.ended():
		return ErrLive
	case !d.parcel.Again:
		return ErrKnown
	default:
		d.unsure = false
	}
	return nil
}

// Resend sends a delivery's exact bytes again under the same id with a fresh
// signature, as a new round of attempts. What was mishandled on purpose is not so again: who
// resends wants it to arrive. The error is ErrUnknown, ErrLive, the
// journal's, or, for a delivery that this server holds no more, ErrLost with what
// Options.Recall says.
func (s *Server) Resend(id string) (*Delivery, error) {
	s.mu.Lock()
	d := s.known[id]
	s.mu.Unlock()
	var p Parcel
	if d != nil {
		p = d.again()
	} else {
		r, err := s.recorded(id)
		if err == nil && !r.State.ended() {
			err = fmt.Errorf("delivery %q: %w", id, ErrLive)
		}
		if err != nil {
			return nil, err
		}
		if p, err = s.parcelOf(&r); err != nil {
			return nil, err
		}
	}
	p.ID, p.Delay, p.Tamper, p.Again = id, 0, Tamper{}, true
	again := newDelivery(s, p, "sent again")
	s.mu.Lock()
	defer s.mu.Unlock()
	if other := s.known[id]; other != nil && !other.state.ended() {
		return nil, fmt.Errorf("delivery %q: %w", id, ErrLive)
	}
	s.send(again)
	return again, nil
}

// Lookup finds the handle of a delivery. One that this run has not seen, or
// holds no more, is as the journal has it: Wait returns at once, with ErrLost if it
// has not ended. The error is ErrUnknown or the journal's.
func (s *Server) Lookup(id string) (*Delivery, error) {
	s.mu.Lock()
	d := s.known[id]
	s.mu.Unlock()
	if d != nil {
		return d, nil
	}
	r, err := s.recorded(id)
	if err != nil {
		return nil, err
	}
	return s.handleOf(&r), nil
}

// Cancel ends a waiting delivery; of one that is being attempted it lets this
// attempt be the last. The error is ErrUnknown, ErrEnded or the journal's.
func (s *Server) Cancel(id string) error {
	s.mu.Lock()
	d := s.known[id]
	switch {
	case d == nil:
		s.mu.Unlock()
		_, err := s.cancelRecorded(id)
		return err
	case d.state.ended():
		s.mu.Unlock()
		return fmt.Errorf("delivery %q: %w", id, ErrEnded)
	}
	d.cancelled = true
	resting := s.queue.remove(d)
	s.mu.Unlock()
	if !resting {
		return nil // whoever holds it will see the mark
	}
	return s.withdraw(d)
}

// withdraw ends deliveries that were cancelled while no attempt ran and that are
// in no queue, in one commit. If that cannot be written down, all of them go back
// to wait.
func (s *Server) withdraw(all ...*Delivery) error {
	if len(all) == 0 {
		return nil
	}
	entries := make([]Entry, len(all))
	for i, d := range all {
		entries[i] = d.endedEntry(s.clock.now(), withdrawn)
	}
	err := s.scribe.write(entries...)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range all {
		if err != nil {
			d.cancelled = false
			s.enqueue(d)
			continue
		}
		s.finish(d, withdrawn)
	}
	if err != nil {
		return fmt.Errorf("delivery %q: %w", all[0].id, err)
	}
	return nil
}

var withdrawn = step{state: Cancelled, reason: "cancelled"}

// ResendAll sends again what a query selects and has ended, the oldest first. It
// returns the ids of what is queued, and with them the first error of those that
// could not be. What has not ended is passed over.
func (s *Server) ResendAll(ctx context.Context, q Query) (ids []string, err error) {
	all, err := s.idsOf(ctx, q)
	if err != nil {
		return nil, err
	}
	for batch := range slices.Chunk(all, batchSize) {
		var handles []*Delivery
		for _, id := range batch {
			d, failed := s.Resend(id)
			switch {
			case failed == nil:
				handles = append(handles, d)
			case !errors.Is(failed, ErrLive):
				err = first(err, failed)
			}
		}
		for _, d := range handles {
			if failed := d.Queued(ctx); failed != nil {
				err = first(err, failed)
				continue
			}
			ids = append(ids, d.id)
		}
		if ctx.Err() != nil || errors.Is(err, ErrStopped) {
			break
		}
	}
	return ids, err
}

// CancelAll cancels what a query selects and has not ended. It returns the ids,
// and with them the first error of those that could not be.
func (s *Server) CancelAll(ctx context.Context, q Query) (ids []string, err error) {
	q.Live = true
	all, err := s.idsOf(ctx, q)
	if err != nil {
		return nil, err
	}
	for batch := range slices.Chunk(all, batchSize) {
		if ctx.Err() != nil {
			return ids, ctx.Err()
		}
		done, failed := s.cancelMany(batch)
		ids, err = append(ids, done...), first(err, failed)
	}
	return ids, err
}

// cancelMany is Cancel for many: what does not wait for its attempt is written
// down together. It passes over what has ended.
func (s *Server) cancelMany(batch []string) (ids []string, err error) {
	var resting []*Delivery
	var recorded []string
	s.mu.Lock()
	for _, id := range batch {
		switch d := s.known[id]; {
		case d == nil:
			recorded = append(recorded, id)
		case d.state.ended():
		default:
			d.cancelled = true
			if s.queue.remove(d) {
				resting = append(resting, d)
			} else {
				ids = append(ids, id) // whoever holds it will see the mark
			}
		}
	}
	s.mu.Unlock()
	if err = s.withdraw(resting...); err == nil {
		for _, d := range resting {
			ids = append(ids, d.id)
		}
	}
	more, failed := s.cancelRecorded(recorded...)
	if errors.Is(failed, ErrEnded) { // since it was listed
		failed = nil
	}
	return append(ids, more...), first(err, failed)
}

func first(err, next error) error {
	if err != nil {
		return err
	}
	return next
}

// idsOf are what a query selects, the oldest first.
func (s *Server) idsOf(ctx context.Context, q Query) (ids []string, err error) {
	for page, err := range pages(ctx, s.ledger, q) {
		if err != nil {
			return nil, err
		}
		for i := range page {
			ids = append(ids, page[i].ID)
		}
	}
	slices.Reverse(ids)
	return ids, nil
}

package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

const (
	defaultEntries = 100
	// heartbeat keeps intermediaries from closing a stream that is silent.
	heartbeat = 15 * time.Second
	// patience is how long a client may take to read what was sent to it.
	patience = 30 * time.Second
)

func (a *api) listEntries(w http.ResponseWriter, r *http.Request) error {
	in := r.URL.Query()
	x, err := excerptIn(in)
	if err != nil {
		return err
	}
	if format := in.Get("format"); format != "" {
		return a.exportEntries(w, r, x, format)
	}
	limit := number(in.Get("limit"), defaultEntries)
	page := struct {
		Entries []mockserver.Entry `json:"entries"`
		Next    uint64             `json:"next"` // to ask after
	}{[]mockserver.Entry{}, x.after}
	for e, err := range a.entries(r.Context(), x) {
		if err != nil {
			return err
		}
		page.Next = e.Seq
		if page.Entries = append(page.Entries, e); len(page.Entries) == limit {
			break
		}
	}
	return reply(w, http.StatusOK, page)
}

// streamEntries sends the journal as it is written (server-sent events, WHATWG
// HTML section 9.2). A client that does not read in time is cut off and comes
// back with the number of the last entry that it has.
func (a *api) streamEntries(w http.ResponseWriter, r *http.Request) error {
	after, err := a.begin(r)
	if err != nil {
		return err
	}
	s := stream{w: w, control: http.NewResponseController(w)}
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	fmt.Fprint(w, "retry: 1000\n\n")

	ctx, cancel := context.WithCancel(r.Context())
	entries := make(chan mockserver.Entry, 64)
	go a.follow(ctx, after, entries)
	defer func() { // what follow holds, it must be able to put down
		cancel()
		for range entries {
		}
	}()
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for err := s.flush(); err == nil; err = s.flush() {
		select {
		case e, ok := <-entries:
			if !ok {
				return nil
			}
			if err := s.send(e, entries); err != nil {
				return nil // the client has gone: nobody is left to be told
			}
		case <-beat.C:
			fmt.Fprint(w, ":\n\n")
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}

// begin is the number after which a stream begins.
func (a *api) begin(r *http.Request) (uint64, error) {
	after := number(r.Header.Get("Last-Event-ID"), number(r.URL.Query().Get("after"), 0))
	last, err := a.ledger.Last(r.Context())
	if uint64(after) > last { // the number of another journal, before a restart
		return 0, err
	}
	return uint64(after), err
}

func (a *api) follow(ctx context.Context, after uint64, to chan<- mockserver.Entry) {
	defer close(to)
	for e, err := range a.server.Follow(ctx, after) {
		if err != nil {
			a.log.Error("the journal cannot be followed", "error", err)
			return
		}
		select {
		case to <- e:
		case <-ctx.Done():
			return
		}
	}
}

type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// send writes an entry, and those that are there already.
func (s *stream) send(e mockserver.Entry, more <-chan mockserver.Entry) error {
	for {
		text, err := encode(e)
		if err != nil {
			return err
		}
		if _, err := s.w.Write(fmt.Appendf(nil, "id: %s\ndata: %s\n", strconv.FormatUint(e.Seq, 10), text)); err != nil {
			return err
		}
		select {
		case next, ok := <-more:
			if !ok {
				return nil
			}
			e = next
		default:
			return nil
		}
	}
}

// flush sends what was written. It fails for a client that does not read.
func (s *stream) flush() error {
	// Where there are no deadlines, as in tests, there is no network either.
	_ = s.control.SetWriteDeadline(time.Now().Add(patience))
	return s.control.Flush()
}

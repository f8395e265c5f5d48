package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

func (a *api) isHealthy(w http.ResponseWriter, _ *http.Request) error {
	return reply(w, http.StatusOK, map[string]string{"status": "ok"})
}

// isReady says whether a delivery that is sent now would be taken: the server has
// taken up what earlier ones left, and the journal takes what is written.
func (a *api) isReady(w http.ResponseWriter, r *http.Request) error {
	if !a.server.Running() {
		return stopping()
	}
	_, err := a.ledger.Last(r.Context())
	if err == nil {
		err = a.probe.write(r.Context(), a.shelf)
	}
	switch {
	case err == nil:
		return reply(w, http.StatusOK, map[string]string{"status": "ok"})
	case r.Context().Err() != nil:
		return err
	case errors.Is(err, mockserver.ErrFull):
		return newProblem(http.StatusServiceUnavailable, "the disk is full: nothing is taken").kind("disk-full")
	}
	a.log.Error("the journal cannot be used", "error", err)
	return newProblem(http.StatusServiceUnavailable, "the journal cannot be used; the log says why")
}

// probe writes something into the journal's file to see whether it can be, once a
// second at most, whoever asks how often.
type probe struct {
	refused atomic.Bool // something, for want of room, since the last look: a few bytes that still fit prove nothing

	mu  sync.Mutex
	at  time.Time
	err error
}

const (
	everyProbe   = time.Second
	longestProbe = 5 * time.Second
	enoughRoom   = 64 << 10 // bytes, for some deliveries
)

func (p *probe) write(ctx context.Context, shelf mockserver.Shelf) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.at) < everyProbe && (p.err != nil || !p.refused.Load()) {
		return p.err
	}
	doc := time.Now().AppendFormat(nil, time.RFC3339Nano) // what stands there already would not be written again
	if refused := p.refused.Swap(false); refused || errors.Is(p.err, mockserver.ErrFull) {
		doc = bytes.Repeat(doc, enoughRoom/len(doc)+1)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestProbe)
	defer cancel()
	p.err = shelf.Put(ctx, "probe", "readyz", doc)
	p.at = time.Now()
	return p.err
}

func (a *api) getStatus(w http.ResponseWriter, r *http.Request) error {
	last, err := a.ledger.Last(r.Context())
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, struct {
		Version    string           `json:"version"`
		LastEntry  uint64           `json:"lastEntry"`
		Deliveries mockserver.Stats `json:"deliveries"`
	}{a.version, last, a.server.Stats()})
}

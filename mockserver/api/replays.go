package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"sync"
)

// Limits of what is remembered of requests with an Idempotency-Key. What came
// first is forgotten first.
const (
	replayKeys = 10_000
	replayIDs  = 1_000_000 // of all keys together
)

// replays remembers what requests with an Idempotency-Key were answered.
type replays struct {
	mu     sync.Mutex
	byKey  map[string]*replayed
	oldest []string // keys of those that are done
	ids    int
}

type replayed struct {
	digest [sha256.Size]byte // of the body
	done   chan struct{}
	answer sent
	err    error
}

// do calls f once for a key. Who comes with the same key meanwhile waits and
// gets the same; who comes later gets it again, unless f failed: then the next
// one tries anew.
func (p *replays) do(ctx context.Context, key string, digest [sha256.Size]byte, f func() (sent, error)) (answer sent, again bool, err error) {
	p.mu.Lock()
	if p.byKey == nil {
		p.byKey = map[string]*replayed{}
	}
	known := p.byKey[key]
	if known == nil {
		mine := &replayed{digest: digest, done: make(chan struct{}), err: errors.New("the first request with this key has failed")}
		p.byKey[key] = mine
		p.mu.Unlock()
		defer p.settle(key, mine) // also if f panics
		mine.answer, mine.err = f()
		return mine.answer, false, mine.err
	}
	p.mu.Unlock()
	if known.digest != digest {
		return sent{}, false, newProblem(http.StatusUnprocessableEntity, "this Idempotency-Key was used with another body").
			kind("idempotency-key-reused").hint("a new Idempotency-Key")
	}
	select {
	case <-known.done:
		return known.answer, true, known.err
	case <-ctx.Done():
		return sent{}, false, ctx.Err()
	}
}

func (p *replays) settle(key string, r *replayed) {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(r.done)
	if r.err != nil {
		delete(p.byKey, key)
		return
	}
	p.oldest = append(p.oldest, key)
	p.ids += len(r.answer.IDs)
	for len(p.oldest) > replayKeys || p.ids > replayIDs {
		first := p.oldest[0]
		p.oldest = p.oldest[1:]
		p.ids -= len(p.byKey[first].answer.IDs)
		delete(p.byKey, first)
	}
}

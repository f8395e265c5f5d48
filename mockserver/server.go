package mockserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/hookrig/hookrig/internal/egress"
)

// Errors that callers branch on. They come wrapped, with the delivery's id.
var (
	ErrStopped = errors.New("the server has stopped")
	ErrUnknown = errors.New("no such delivery")
	ErrLive    = errors.New("the delivery has not ended yet")
	ErrEnded   = errors.New("the delivery has ended already")
)

const (
	defaultPerEndpoint = 8
	defaultWorkers     = 64
	defaultBodyLimit   = 4096

	// keptEnded is how many ended deliveries can still be resent by id.
	keptEnded = 10_000
	// journalGrace is how long a shutdown waits for a journal that hangs.
	journalGrace = 5 * time.Second
)

// Options of New; the zero value is usable.
type Options struct {
	Journal     Journal           // nil: in memory
	Transport   http.RoundTripper // nil: the network, through internal/egress; InProcess(h) in tests
	Speed       float64           // 0 and 1: real time; 3600 makes an hour's wait a second. Waits only: time-outs and timestamps stay real
	PerEndpoint int               // attempts at once to one endpoint; 0: 8
	Workers     int               // attempts at once in all, of which one endpoint gets half at most; 0: 64, or twice PerEndpoint if that is more
	BodyLimit   int               // bytes of an answer's body that are kept; 0: 4096
	Unmarked    bool              // leave out the headers that mark test traffic
	Seed        uint64            // for jitter and delivery ids, the same again for the same seed; 0: random
	Logger      *slog.Logger      // nil: silent
}

// Server plays the provider. Its methods are safe for concurrent use.
type Server struct {
	clock   clock
	seed    seed
	scribe  scribe
	courier courier
	workers int
	log     *slog.Logger

	arrived chan struct{} // capacity 1: something is in arriving
	earlier chan struct{} // capacity 1: the earliest due time has changed
	over    chan struct{} // closed when Run's goroutines have ended

	mu       sync.Mutex
	ready    *sync.Cond // on mu: the queue has work, or the server is closed
	queue    queue
	arriving []*Delivery          // sent, not yet written down
	known    map[string]*Delivery // by id: all live ones and the last keptEnded
	ended    fifo[*Delivery]
	stats    Stats
	counter  uint64        // of ids
	idle     chan struct{} // closed when nothing is live; nil if nobody waits for that
	begun    bool
	closed   bool // takes no more work
}

// New starts nothing.
func New(o Options) *Server {
	if o.Journal == nil {
		o.Journal = NewMemory()
	}
	if o.Transport == nil {
		o.Transport = egress.NewTransport(egress.Rules{})
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	perEndpoint := orDefault(o.PerEndpoint, defaultPerEndpoint)
	s := &Server{
		clock:   newClock(o.Speed),
		seed:    newSeed(o.Seed),
		scribe:  scribe{journal: o.Journal, bell: &bell{}, log: o.Logger},
		courier: courier{transport: o.Transport, limit: orDefault(o.BodyLimit, defaultBodyLimit), unmarked: o.Unmarked},
		workers: orDefault(o.Workers, max(defaultWorkers, 2*perEndpoint)),
		log:     o.Logger,
		arrived: make(chan struct{}, 1),
		earlier: make(chan struct{}, 1),
		over:    make(chan struct{}),
		known:   map[string]*Delivery{},
	}
	s.ready = sync.NewCond(&s.mu)
	s.queue = newQueue(perEndpoint, s.workers)
	return s
}

func orDefault(n, otherwise int) int {
	if n <= 0 {
		return otherwise
	}
	return n
}

// Journal is where the server writes.
func (s *Server) Journal() Journal { return s.scribe.journal }

// Run owns every goroutine of the server: it calls f and returns when f has
// returned and every goroutine is gone. Its error is f's. It can be called once.
//
// What f cares about, it waits for: by handle, or for everything by [Server.Idle].
// When f returns or ctx is cancelled, the server takes no more work, attempts in
// flight are interrupted and recorded as such, and deliveries that still wait are
// left waiting in the journal.
func (s *Server) Run(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// Outcomes are written down even after ctx is cancelled.
	writing, stopWriting := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWriting()
	if err := s.begin(writing); err != nil {
		return err
	}

	var crew sync.WaitGroup
	crew.Go(func() { s.admit(ctx) })
	crew.Go(func() { s.keepTime(ctx) })
	for range s.workers {
		crew.Go(func() { s.work(ctx) })
	}
	go func() {
		<-ctx.Done()
		hung := time.AfterFunc(journalGrace, stopWriting)
		crew.Wait()
		hung.Stop()
		close(s.over)
	}()
	defer func() { // also if f panics or ends its goroutine, as t.FailNow does
		cancel()
		<-s.over
	}()
	return f(ctx)
}

func (s *Server) begin(writing context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.begun {
		return errors.New("the server has been run before: a new run needs a new server")
	}
	s.begun = true
	s.scribe.ctx = writing
	return nil
}

// close refuses new work and sends the workers home.
func (s *Server) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.ready.Broadcast()
}

// Send queues a parcel and never blocks. What it refuses (a duplicate of a live
// id, a parcel after the server stopped, a journal that does not take it) the
// handle tells. The event's body must not be changed afterwards.
//
// Parcels sent before Run are written down when Run starts.
func (s *Server) Send(p Parcel) *Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.send(p, "")
}

// Resend sends a delivery's exact bytes again under the same id with a fresh
// signature, as a new round of attempts. The error is ErrUnknown or ErrLive; of
// ended deliveries the last 10,000 are known.
func (s *Server) Resend(id string) (*Delivery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.known[id]
	switch {
	case d == nil:
		return nil, fmt.Errorf("delivery %q: %w", id, ErrUnknown)
	case !d.state.ended():
		return nil, fmt.Errorf("delivery %q: %w", id, ErrLive)
	}
	p := d.parcel
	p.ID, p.Delay = id, 0
	return s.send(p, "sent again"), nil
}

// Lookup finds the handle of a delivery that is live or among the last 10,000
// that ended. The error is ErrUnknown.
func (s *Server) Lookup(id string) (*Delivery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.known[id]; d != nil {
		return d, nil
	}
	return nil, fmt.Errorf("delivery %q: %w", id, ErrUnknown)
}

// send needs s.mu.
func (s *Server) send(p Parcel, reason string) *Delivery {
	s.stats.Sent++
	s.stats.Arriving++
	if p.ID == "" {
		s.counter++
		p.ID = s.seed.id(s.counter)
	}
	d := newDelivery(s, p, reason)
	if err := s.refusal(d); err != nil {
		s.refuse(d, err)
		return d
	}
	s.known[d.id] = d
	s.arriving = append(s.arriving, d)
	wake(s.arrived)
	return d
}

func (s *Server) refusal(d *Delivery) error {
	if s.closed {
		return ErrStopped
	}
	if d.parcel.Event.Type == nil {
		return errors.New("the event has no type")
	}
	if other := s.known[d.id]; other != nil && !other.state.ended() {
		return ErrLive
	}
	return nil
}

// Cancel ends a waiting delivery; of one that is being attempted it lets this
// attempt be the last. The error is ErrUnknown, ErrEnded or the journal's.
func (s *Server) Cancel(id string) error {
	s.mu.Lock()
	d := s.known[id]
	if d == nil || d.state.ended() {
		s.mu.Unlock()
		if d == nil {
			return fmt.Errorf("delivery %q: %w", id, ErrUnknown)
		}
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

// withdraw ends a delivery that was cancelled while no attempt ran and that is in
// no queue. If that cannot be written down, the delivery goes back to wait.
func (s *Server) withdraw(d *Delivery) error {
	end := step{state: Cancelled, reason: "cancelled"}
	err := s.scribe.write(d.endedEntry(s.clock, end))
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		d.cancelled = false
		s.enqueue(d)
		return fmt.Errorf("delivery %q: %w", d.id, err)
	}
	s.finish(d, end)
	return nil
}

// Idle waits until no delivery is arriving, waiting or attempting. The error is
// ctx's, or ErrStopped if the server stopped before.
func (s *Server) Idle(ctx context.Context) error {
	s.mu.Lock()
	if s.stats.live() == 0 {
		s.mu.Unlock()
		return nil
	}
	if s.idle == nil {
		s.idle = make(chan struct{})
	}
	idle := s.idle
	s.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-s.over:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Stats counts deliveries by state. Sent is always the sum of the others.
type Stats struct {
	Sent       int `json:"sent"`     // by Send and Resend
	Refused    int `json:"refused"`  // never written down; the handle says why
	Arriving   int `json:"arriving"` // not yet written down
	Waiting    int `json:"waiting"`
	Attempting int `json:"attempting"`
	Delivered  int `json:"delivered"`
	Exhausted  int `json:"exhausted"`
	Cancelled  int `json:"cancelled"`
}

func (s *Stats) live() int { return s.Arriving + s.Waiting + s.Attempting }

func (s *Stats) of(state State) *int {
	switch state {
	case Waiting:
		return &s.Waiting
	case Attempting:
		return &s.Attempting
	case Delivered:
		return &s.Delivered
	case Exhausted:
		return &s.Exhausted
	case Cancelled:
		return &s.Cancelled
	case refused:
		return &s.Refused
	}
	return &s.Arriving
}

// Running reports whether the server takes parcels and delivers them: from the
// begin of Run until it is told to stop.
func (s *Server) Running() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begun && !s.closed
}

// Stats counts the deliveries of this server.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// wake leaves a token in a channel of capacity 1.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

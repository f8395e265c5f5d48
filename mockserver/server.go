package mockserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/internal/egress"
)

// Errors that callers branch on. They come wrapped, with the delivery's id.
var (
	ErrStopped = errors.New("the server has stopped")
	ErrUnknown = errors.New("no such delivery")
	ErrKnown   = errors.New("the delivery is known and has ended")
	ErrLive    = errors.New("the delivery has not ended yet")
	ErrEnded   = errors.New("the delivery has ended already")
	ErrLost    = errors.New("the delivery is of an earlier run and cannot be taken up again")
)

const (
	defaultPerEndpoint = 8
	defaultWorkers     = 512
	defaultBodyLimit   = 4096

	// keptEnded is how many ended deliveries the server holds itself.
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
	Workers     int               // attempts at once in all, of which one endpoint gets half at most; they are hired as they are needed; 0: 512, or four times PerEndpoint if that is more
	BodyLimit   int               // bytes of an answer's body that are kept; 0: 4096
	Unmarked    bool              // leave out the headers that mark test traffic
	Seed        uint64            // for jitter and delivery ids, the same again for the same seed; 0: random
	Logger      *slog.Logger      // nil: silent

	// Recall makes a parcel of what the journal has of a delivery: it finds the event's type and the endpoint, with
	// its secrets, and gives back the policy and the tamper if they were not the usual ones. The rest (ID, body, label,
	// key …) is the record's. With it, Run begins by taking up again every delivery of earlier runs that has not
	// ended, and what they have ended can be sent again. A delivery that it refuses stays as it is in the journal.
	// Endpoints of one Name, Ref and URL, with a Ref, are taken for one. nil: earlier runs are left alone. It may be called by many goroutines at once.
	Recall func(Record) (Parcel, error)
}

// Server plays the provider. Its methods are safe for concurrent use.
type Server struct {
	clock    clock
	seed     seed
	salt     uint64 // of ids: the journal's last entry when the server was made, so that no run gives an earlier one's
	unsalted error  // why that is not known
	scribe   scribe
	ledger   *Ledger
	recall   func(Record) (Parcel, error)
	courier  courier
	redactor redactor
	targets  remembered[*contracts.Target]
	manners  sync.Map // *contracts.EventType -> *manners
	desk     desk     // the clerk's own
	log      *slog.Logger

	arrived chan struct{} // capacity 1: something is in arriving
	earlier chan struct{} // capacity 1: the earliest due time has changed
	books   chan struct{} // capacity 1: the clerk has something to do
	over    chan struct{} // closed when Run's goroutines have ended

	past sync.Mutex // held while deliveries of earlier runs are taken up or ended; before mu

	mu       sync.Mutex
	ready    *sync.Cond // on mu: something may leave, or the server is closed
	crew     crew
	queue    queue
	arriving []*Delivery          // sent, not yet written down
	known    map[string]*Delivery // by id: all live ones and the last keptEnded
	answered []result             // not yet written down
	ended    fifo[*Delivery]
	kept     int // bytes of answers that handles hold
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
		scribe:  newScribe(o),
		courier: newCourier(o),
		ledger:  NewLedger(o.Journal),
		recall:  o.Recall,
		crew:    crew{most: orDefault(o.Workers, max(defaultWorkers, 4*perEndpoint))},
		log:     o.Logger,
		arrived: make(chan struct{}, 1),
		earlier: make(chan struct{}, 1),
		books:   make(chan struct{}, 1),
		over:    make(chan struct{}),
		known:   map[string]*Delivery{},
		desk:    desk{full: make(chan struct{}, 1)},
	}
	s.ready = sync.NewCond(&s.mu)
	s.queue = newQueue(perEndpoint, s.crew.most, func() { wake(s.earlier) })
	if o.Seed != 0 {
		s.salt, s.unsalted = lastOf(o.Journal)
	}
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
// It begins by taking up again what earlier runs have left, see Options.Recall;
// that this could not be looked up is an error before f is called.
//
// What f cares about, it waits for: by handle, or for everything by [Server.Idle].
// When f returns or ctx is cancelled, the server takes no more work, attempts in
// flight are interrupted and recorded as such, and deliveries that still wait are
// left waiting in the journal.
func (s *Server) Run(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := s.begin(ctx); err != nil {
		return err
	}

	s.crew.running.Go(func() { s.admit(ctx) })
	s.crew.running.Go(func() { s.keepTime(ctx) })
	s.crew.running.Go(func() { s.keepBooks(ctx) })
	go func() {
		<-ctx.Done()
		hung := time.AfterFunc(journalGrace, s.scribe.stop)
		s.crew.running.Wait()
		hung.Stop()
		s.scribe.stop()
		close(s.over)
	}()
	defer func() { // also if f panics or ends its goroutine, as t.FailNow does
		cancel()
		<-s.over
	}()
	return f(ctx)
}

// begin takes up what earlier runs have left, and lets the server work.
func (s *Server) begin(ctx context.Context) error {
	s.mu.Lock()
	begun := s.begun
	s.begun = true
	s.mu.Unlock()
	if begun {
		return errors.New("the server has been run before: a new run needs a new server")
	}
	err := s.unsalted
	if err == nil {
		err = s.takeUp(ctx)
	}
	if err != nil {
		s.close()
		close(s.over)
		return fmt.Errorf("what earlier runs have left cannot be looked up: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.crew.work = func() { s.work(ctx) }
	return nil
}

// close refuses new work and sends the workers home.
func (s *Server) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.ready.Broadcast()
	wake(s.books)
}

// wake leaves a token in a channel of capacity 1.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

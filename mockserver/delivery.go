package mockserver

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
)

// Endpoint is where deliveries go. Endpoints of the same name and URL share
// their slots (see Options.PerEndpoint).
type Endpoint struct {
	Name    string             `json:"name,omitempty"`
	Ref     string             `json:"ref,omitempty"` // by which Options.Recall finds it again, with what the journal hides; "" where there is nothing to find
	URL     string             `json:"url"`           // as registered with the provider
	Secrets []signature.Secret `json:"-"`             // several while a secret is rotated
	// Keys, if set, stands for Secrets and is asked at each attempt: a secret that was
	// replaced since signs from the next attempt on. It must not block.
	Keys   func() []signature.Secret `json:"-"`
	Header http.Header               `json:"-"` // sent as they are, unless the contract sets the same header; values are not journalled
	TLS    *TLS                      `json:"-"` // nil: the system's authorities, no client certificate

	Concurrency int     `json:"concurrency,omitempty"` // attempts at once; 0: Options.PerEndpoint
	Rate        float64 `json:"rate,omitempty"`        // attempts begun per second, evenly spaced, whatever Options.Speed; 0: no limit
}

// Parcel is one event on its way to one endpoint.
type Parcel struct {
	Event    contracts.Event
	Endpoint Endpoint
	// ID is the delivery's; "": made from the seed and a counter. An id that the journal knows, of this run or an
	// earlier one, is refused with ErrKnown or ErrLive, so that what is sent under a name of its own is sent once.
	ID     string
	Again  bool // a known ID is wanted: a new round of a delivery that has ended
	Label  string
	Key    string            // deliveries to one endpoint with the same Key go one after the other, the next only when the one before has ended; "": no such order
	Delay  time.Duration     // from Send to the first attempt; Options.Speed shortens it like any wait
	Once   bool              // one attempt, whatever the policy says
	Time   time.Time         // signing time of each attempt; zero: the real time of the attempt
	Policy *contracts.Policy // nil: the event type's own
	Speed  float64           // divides the waits of this delivery, besides Options.Speed; 0: 1. A later run that takes it up knows nothing of it
	Tamper Tamper
}

// State of a delivery.
type State string

const (
	Waiting    State = "waiting"    // written down, for its turn or its next attempt
	Attempting State = "attempting" // on the wire
	Delivered  State = "delivered"  // the receiver answered as the policy wants
	Exhausted  State = "exhausted"  // the policy gave up
	Cancelled  State = "cancelled"  // by Cancel, or because it could not be made at all
)

const (
	arriving State = ""        // not yet written down
	refused  State = "refused" // never written down
)

func (s State) ended() bool {
	return s == Delivered || s == Exhausted || s == Cancelled || s == refused
}

// Outcome is how a delivery stands. Its attempts are without headers and bodies
// where an earlier run made them, or where all handles together would hold more
// than 32 MiB of these: a [Ledger] has them.
type Outcome struct {
	State    State     `json:"state"` // "" where it is not written down
	Reason   string    `json:"reason,omitempty"`
	Then     string    `json:"then,omitempty"` // what the provider does with the registration
	Attempts []Attempt `json:"attempts"`
}

// Delivery is the handle of a parcel that was sent: one round of attempts.
type Delivery struct {
	server   *Server
	id       string
	provider string
	event    string
	endpoint string // as it stands in the journal
	parcel   freight
	policy   *contracts.Policy
	note     string // why it was queued, where that is worth saying
	unsure   bool   // the id was given, and the journal may know it

	// The rest is guarded by server.mu. While an attempt runs, only its worker changes it.

	cancelled bool  // asked for; done by whoever holds the delivery
	place     place // in the queue
	state     State
	written   moment // down, or refused
	over      moment
	err       error // of Wait; of a refused one, of Queued too
	reason    string
	then      string

	attempts []*Attempt
	kept     int // of Server.kept
	progress progress

	lane  *lane         // nil while it is in no queue
	hold  time.Duration // until others have left, see Tamper.Behind; 0: not, or no more
	due   time.Time
	seq   uint64
	index int
}

// freight is what a delivery keeps of its parcel. A hundred thousand may wait: what
// most of them have alike, or none, stands elsewhere.
type freight struct {
	Event    contracts.Event
	Endpoint *Endpoint // never changed: others may share it
	Tamper   *Tamper   // the same
	Label    string
	Key      string
	Time     time.Time
	Speed    float32
	Once     bool
	Again    bool
}

var untampered Tamper

func (p *Parcel) freight() freight {
	to, tamper := p.Endpoint, &untampered
	if p.Tamper.acts() {
		own := p.Tamper
		tamper = &own
	}
	return freight{p.Event, &to, tamper, p.Label, p.Key, p.Time, float32(p.Speed), p.Once, p.Again}
}

// again is the parcel of a new round.
func (d *Delivery) again() Parcel {
	f := &d.parcel
	return Parcel{
		Event: f.Event, Endpoint: *f.Endpoint, ID: d.id, Again: true, Label: f.Label, Key: f.Key,
		Once: f.Once, Time: f.Time, Policy: d.policy, Speed: float64(f.Speed), Tamper: *f.Tamper,
	}
}

// moment is something that happens once and can be waited for. The server's mu
// guards it. Most are never waited for: there is no channel until one is.
type moment struct{ c chan struct{} }

var bygone = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

func (m *moment) happen() {
	if m.c != nil {
		close(m.c)
	}
	m.c = bygone
}

func (m *moment) wait() <-chan struct{} {
	if m.c == nil {
		m.c = make(chan struct{})
	}
	return m.c
}

func newDelivery(s *Server, p Parcel, note string) *Delivery {
	d := &Delivery{server: s, id: p.ID, parcel: p.freight(), policy: p.Policy, endpoint: p.Endpoint.Name, note: note}
	if t := p.Event.Type; t != nil {
		d.provider, d.event = t.Contract().Provider(), t.Name()
		if d.policy == nil {
			d.policy = &s.mannersOf(t).policy
		}
	}
	if d.endpoint == "" {
		d.endpoint = s.redactor.url(p.Endpoint.URL)
	}
	if delay := p.Delay + p.Tamper.Delay; delay > 0 {
		d.due = s.clock.now().Add(d.clock().shorten(delay))
		d.note = joinReasons(note, "first attempt after "+contracts.Days(delay))
	}
	if d.hold = d.clock().shorten(p.Tamper.Behind); d.hold > 0 {
		d.note = joinReasons(d.note, "held back until a later one has left, "+p.Tamper.Behind.String()+" at most")
	}
	return d
}

// clock is the server's, or a faster one.
func (d *Delivery) clock() clock { return d.server.clock.times(float64(d.parcel.Speed)) }

// manners are an event type's own, which its deliveries share.
type manners struct {
	policy    contracts.Policy
	signature string // the header that holds it
}

func (s *Server) mannersOf(t *contracts.EventType) *manners {
	if m, ok := s.manners.Load(t); ok {
		return m.(*manners)
	}
	scheme, _ := t.Contract().Signature()
	m, _ := s.manners.LoadOrStore(t, &manners{t.Policy(), scheme.Header})
	return m.(*manners)
}

// route is what the journal needs to know to take the delivery up again.
func (d *Delivery) route() *Route {
	p := &d.parcel
	r := &Route{
		Name: p.Endpoint.Name, Ref: p.Endpoint.Ref, URL: d.server.redactor.url(p.Endpoint.URL),
		Key: p.Key, Once: p.Once, Time: p.Time, Due: d.due, Tamper: p.Tamper.Name,
	}
	r.Hidden = r.URL != p.Endpoint.URL || len(p.Endpoint.Header) > 0
	return r
}

// ID is the same for every attempt and every Resend.
func (d *Delivery) ID() string { return d.id }

// Queued waits until the delivery is written down. The error is ctx's, or says
// why the delivery was refused: ErrStopped, ErrLive, ErrKnown, the journal's.
func (d *Delivery) Queued(ctx context.Context) error {
	if err := d.await(ctx, &d.written); err != nil {
		return err
	}
	d.server.mu.Lock()
	defer d.server.mu.Unlock()
	if d.state == refused {
		return d.err
	}
	return nil
}

// Wait waits for the end. The outcome is how the delivery stands, whatever the
// error: ctx's, ErrStopped if the server stopped first, or why the delivery could
// not be queued or made (signature.ErrNoSecret, *egress.RefusedError …). That a
// receiver refused it, or that it was cancelled, is no error.
func (d *Delivery) Wait(ctx context.Context) (Outcome, error) {
	stopped := d.await(ctx, &d.over)
	d.server.mu.Lock()
	defer d.server.mu.Unlock()
	switch {
	case stopped == nil:
		return d.outcome(), d.err
	case d.err != nil:
		return d.outcome(), fmt.Errorf("%w: %w", stopped, d.err)
	}
	return d.outcome(), stopped
}

// await waits for m, which belongs to d, or for a reason why it will not happen.
func (d *Delivery) await(ctx context.Context, m *moment) error {
	d.server.mu.Lock()
	c := m.wait()
	d.server.mu.Unlock()
	select {
	case <-c:
		return nil
	case <-ctx.Done():
	case <-d.server.over:
	}
	select {
	case <-c: // both at once: what happened counts
		return nil
	default:
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return fmt.Errorf("delivery %q: %w", d.id, ErrStopped)
}

// Outcome is how the delivery stands now.
func (d *Delivery) Outcome() Outcome {
	d.server.mu.Lock()
	defer d.server.mu.Unlock()
	return d.outcome()
}

func (d *Delivery) outcome() Outcome {
	o := Outcome{State: d.state, Reason: d.reason, Then: d.then, Attempts: make([]Attempt, len(d.attempts))}
	for i, a := range d.attempts {
		o.Attempts[i] = *a
	}
	if d.state == refused {
		o.State = ""
	}
	return o
}

func (e *Endpoint) keys() []signature.Secret {
	if e.Keys != nil {
		return e.Keys()
	}
	return e.Secrets
}

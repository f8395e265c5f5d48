package verifier

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/internal/egress"
)

// Outline is what Run would do, known from a rehearsal in which every delivery
// is accepted at once and nothing leaves the process.
type Outline struct {
	Events   []string       `json:"events"` // of the scope
	Checks   []PlannedCheck `json:"checks"` // in the order of the run
	Tiers    []Tier         `json:"tiers"`
	Requests int            `json:"requests"` // of all checks
	Probes   int            `json:"probes"`   // of them: unusual or hostile ones
	Bytes    int64          `json:"bytes"`    // of all bodies
	// Waits is the time in which nothing is sent: effects are awaited, bodies
	// dripped. The answers come on top: see Expected.
	Waits time.Duration `json:"-"`
	// Local says that the receiver is on this machine.
	Local bool `json:"local"`
}

// PlannedCheck is a check of an Outline.
type PlannedCheck struct {
	Name     string `json:"name"`
	Severity string `json:"severity"`
	Basis    Basis  `json:"basis"`
	Tier     Tier   `json:"tier"`
	Requests int    `json:"requests"`        // 0: it judges what others sent, or is skipped
	Probes   int    `json:"probes"`          // of them: unusual or hostile ones
	Skip     string `json:"skip,omitempty"`  // why it does not apply
	Needs    string `json:"needs,omitempty"` // what is missing to judge it
	Why      string `json:"why"`
}

// Times of one answer that Expected goes by.
const (
	answerHere  = 10 * time.Millisecond
	answerThere = 150 * time.Millisecond
)

// Expected is a guess of how long a run takes: 10 ms for an answer of this
// machine, 150 ms for one from elsewhere.
func (o *Outline) Expected() time.Duration {
	each := answerThere
	if o.Local {
		each = answerHere
	}
	return (o.Waits + time.Duration(o.Requests)*each).Round(100 * time.Millisecond)
}

// Plan tells what Run would do, and sends nothing. The URL may be empty. The
// errors are those of Run that need no receiver.
func Plan(ctx context.Context, o Options) (*Outline, error) {
	if o.URL == "" {
		o.URL = "http://receiver.test/"
	}
	s, err := rehearse(ctx, o)
	if err != nil {
		return nil, err
	}
	out := &Outline{Tiers: o.tiers(), Local: isLocal(&o)}
	for _, t := range s.scope {
		out.Events = append(out.Events, t.Name())
	}
	for _, c := range s.inOrder() {
		b := s.bills[c.name]
		basis := c.basis
		if o.Basis != "" { // it is what the check was picked for
			basis = o.Basis
		}
		needs := ""
		switch {
		case c.oracle && s.options.Oracle == nil:
			needs = "an oracle"
		case c.state && s.options.State == nil:
			needs = "an oracle that shows states"
		}
		out.Checks = append(out.Checks, PlannedCheck{
			Name: c.name, Severity: c.severity, Basis: basis, Tier: c.tier.orFunctional(),
			Requests: b.requests, Probes: b.probes, Skip: s.skipped[c.name], Needs: needs, Why: c.why,
		})
		out.Requests += b.requests
		out.Probes += b.probes
		out.Bytes += b.bytes
		out.Waits += b.waits
	}
	return out, nil
}

// rehearse runs a session against a receiver that takes everything at once.
func rehearse(ctx context.Context, o Options) (*session, error) {
	in := &standIn{}
	oracles := append([]any{}, o.oracles()...)
	o.Oracles, o.Progress = nil, nil
	if o.Transport != nil && !egress.Heeds(o.Transport) {
		o.Transport = in
	} else {
		o.Transport = &withConnections{in, egress.NewTransport(egress.Rules{})}
	}
	for i, of := range oracles {
		if _, counts := of.(Oracle); counts || i == 0 && o.Oracle == nil {
			o.Oracle = &standInOracle{in, of}
		} else {
			o.State = &standInOracle{in, of}
		}
	}
	s, err := newSession(o)
	if err != nil {
		return nil, err
	}
	in.session, in.status = s, http.StatusOK
	if ranges := successRule(s.scope[0].Policy()).policy.Success; len(ranges) > 0 {
		in.status = ranges[0].From
	}
	s.rehearsal = true
	return s, s.server.Run(ctx, s.conduct)
}

// standIn takes everything at once.
type standIn struct {
	session *session
	status  int
}

// RoundTrip implements http.RoundTripper.
func (t *standIn) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
	return &http.Response{
		Status: http.StatusText(t.status), StatusCode: t.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: http.NoBody, Request: r,
	}, nil
}

// withConnections is a standIn of which requests can be written by hand.
type withConnections struct {
	*standIn
	network *egress.Transport
}

func (t *withConnections) Unwrap() http.RoundTripper { return t.network }

// standInOracle sees one effect of everything that was sent.
type standInOracle struct {
	*standIn
	of any
}

func (o *standInOracle) Effects(_ context.Context, _ contracts.Event, id string) (int, error) {
	if o.session.dispatched[id] {
		return 1, nil
	}
	return 0, nil
}

func (o *standInOracle) State(ctx context.Context, ev contracts.Event, id string) (json.RawMessage, error) {
	if n, err := o.Effects(ctx, ev, id); n == 0 {
		return nil, err
	}
	return json.RawMessage("{}"), nil
}

func (o *standInOracle) Sees(ev contracts.Event) bool { return Sees(o.of, ev) }

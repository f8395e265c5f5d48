package mockserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
)

const (
	defaultInboxLimit     = 10_000
	defaultInboxBodyLimit = 1 << 20
)

// Received is one request that an Inbox saw.
type Received struct {
	At       time.Time
	Request  contracts.Request
	Opened   contracts.Opened
	Problem  error // why it could not be opened: the body did not arrive, the signature is refused, the contract is broken
	Answered int   // status; 0 where Respond broke the connection
}

// InboxOptions of NewInbox.
type InboxOptions struct {
	Secrets   []signature.Secret
	Unchecked bool // do not look at signatures
	// Respond chooses the answer; nil, or a result of 0, answers with the policy's first success code, 401 where the
	// signature is refused and 400 where the contract is broken. It may panic with http.ErrAbortHandler to break the connection.
	Respond func(*Received) int
	// Seen is told of each request, one after the other in the order in which they are kept, before the answer leaves.
	Seen      func(Received)
	Now       func() time.Time // nil: time.Now
	Limit     int              // received requests kept, the last ones; 0: 10000
	BodyLimit int              // bytes of a body, more is answered with 413; 0: 1 MiB
}

// Inbox is a receiver that opens, checks and keeps what arrives. It is an http.Handler.
type Inbox struct {
	contract *contracts.Contract
	options  InboxOptions

	seen sync.Mutex // held while Seen runs, so that requests are seen in order; taken before mu

	mu   sync.Mutex
	kept []Received
	came int           // requests in all
	more chan struct{} // closed when the next one is kept; nil if nobody waits
}

// NewInbox receives for one contract; nil takes anything.
func NewInbox(c *contracts.Contract, o InboxOptions) *Inbox {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Limit = orDefault(o.Limit, defaultInboxLimit)
	o.BodyLimit = orDefault(o.BodyLimit, defaultInboxBodyLimit)
	return &Inbox{contract: c, options: o}
}

// ServeHTTP takes a request in. An answer other than success says why in one line of text.
func (in *Inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	got := Received{At: in.options.Now(), Request: contracts.Request{
		Method: r.Method, URL: requestURL(r), Header: r.Header.Clone(),
	}}
	keep := sync.OnceFunc(func() { in.keep(got) })
	defer keep() // also if Respond panics

	status := in.open(&got, http.MaxBytesReader(w, r.Body, int64(in.options.BodyLimit)))
	if respond := in.options.Respond; respond != nil {
		if chosen := respond(&got); chosen != 0 {
			status = chosen
		}
	}
	if status < 200 || status > 999 { // would be no answer, or a panic of net/http
		status = http.StatusInternalServerError
	}
	got.Answered = status
	keep()
	if got.Problem != nil && status >= 400 {
		http.Error(w, got.Problem.Error(), status)
		return
	}
	w.WriteHeader(status)
}

// open reads and judges a request and returns the status that it deserves.
func (in *Inbox) open(got *Received, body io.Reader) int {
	var err error
	if got.Request.Body, err = io.ReadAll(body); err != nil {
		got.Problem = fmt.Errorf("the body could not be read: %w", err)
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return http.StatusRequestEntityTooLarge
		}
		return http.StatusBadRequest
	}
	if in.contract == nil {
		return http.StatusOK
	}
	got.Opened, err = in.contract.Open(&got.Request, contracts.OpenOptions{
		Secrets: in.options.Secrets, Unchecked: in.options.Unchecked, Now: got.At,
	})
	switch {
	case err != nil:
		got.Problem = err
		return http.StatusInternalServerError // ours: no secret, a contract that does not compile
	case !got.Opened.Signature.OK():
		f := got.Opened.Signature
		got.Problem = fmt.Errorf("signature %s: %s", f.Reason, f.Detail)
		return http.StatusUnauthorized
	case len(got.Opened.Violations) > 0:
		got.Problem = violated(got.Opened.Violations)
		return http.StatusBadRequest
	}
	return successOf(got.Opened.Events)
}

func violated(violations []contracts.Violation) error {
	if more := len(violations) - 1; more > 0 {
		return fmt.Errorf("%v (and %d more)", violations[0], more)
	}
	return fmt.Errorf("%v", violations[0])
}

// successOf is the first code by which the policy knows success.
func successOf(events []contracts.Event) int {
	for _, ev := range events {
		if success := ev.Type.Policy().Success; len(success) > 0 {
			return success[0].From
		}
	}
	return http.StatusOK
}

// keep records a request, and tells those who wait for it.
func (in *Inbox) keep(got Received) {
	in.seen.Lock()
	defer in.seen.Unlock()
	in.mu.Lock()
	in.came++
	if len(in.kept) >= 2*in.options.Limit {
		in.kept = slices.Delete(in.kept, 0, len(in.kept)-in.options.Limit)
	}
	in.kept = append(in.kept, got)
	if in.more != nil {
		close(in.more)
		in.more = nil
	}
	in.mu.Unlock()
	if in.options.Seen != nil {
		in.options.Seen(got)
	}
}

// Received returns what arrived so far, each request once its answer was chosen.
func (in *Inbox) Received() []Received {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.received()
}

func (in *Inbox) received() []Received {
	return slices.Clone(in.kept[max(0, len(in.kept)-in.options.Limit):])
}

// Wait blocks until n requests have arrived and their answers were chosen, and
// returns those that are kept. The error is ctx's.
func (in *Inbox) Wait(ctx context.Context, n int) ([]Received, error) {
	for {
		in.mu.Lock()
		if in.came >= n {
			defer in.mu.Unlock()
			return in.received(), nil
		}
		if in.more == nil {
			in.more = make(chan struct{})
		}
		more, came := in.more, in.came
		in.mu.Unlock()
		select {
		case <-more:
		case <-ctx.Done():
			return in.Received(), fmt.Errorf("%d of %d requests have arrived: %w", came, n, ctx.Err())
		}
	}
}

// requestURL is the URL as the sender had it, as far as the request tells.
func requestURL(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host + r.URL.RequestURI()
}

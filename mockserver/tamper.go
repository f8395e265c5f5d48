package mockserver

import (
	"errors"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
)

// Tamper mishandles attempts on purpose. The zero Tamper does nothing;
// [TamperNamed] has the usual ones. What is done on purpose is counted as the
// policy counts it, and the reason of each step after it names the tamper.
type Tamper struct {
	Name     string // what the journal says of the attempts that are mishandled
	Attempts int    // the first so many attempts are mishandled; 0: all of them

	Delay time.Duration // before the first attempt, like Parcel.Delay and besides it
	// Behind holds the first attempt back until a delivery that was queued later has left for the same endpoint,
	// so long at most; Options.Speed shortens it. One is held at a time: what would be held too overtakes it.
	Behind time.Duration
	Drop   bool // nothing is sent, and the delivery ends as cancelled
	Twice  bool // after the first attempt comes a second one at once, whatever the answer was
	// Seal changes what the request is sealed with: secrets, time, id. It is asked before the one
	// signing path is taken; its error ends the delivery as one that cannot be made.
	Seal func(attempt int, s signature.Scheme, o *contracts.SealOptions) error
	// Request changes the sealed request, all its headers included; nil leaves it. The body's bytes
	// are shared: replace the slice, do not write into it.
	Request func(attempt int, r *contracts.Request)
	// Wire is how the request is written; nil is as HTTP wants it. It needs the network (see Wire).
	Wire *Wire
	// LoseAnswer discards the receiver's answer of these attempts (1-based), as a network that breaks after the work
	// was done: to the policy it is a time-out, in the journal the failure "lost-answer" beside the answer.
	LoseAnswer func(attempt int) bool
}

// acts is false for one that leaves no trace.
func (t *Tamper) acts() bool {
	return t.Name != "" || t.Delay != 0 || t.Behind != 0 || t.Drop || t.Twice || t.Seal != nil || t.Request != nil || t.Wire != nil || t.LoseAnswer != nil
}

// on is the tamper as it concerns one attempt.
func (t *Tamper) on(attempt int) Tamper {
	if t.Attempts > 0 && attempt > t.Attempts {
		return Tamper{}
	}
	return *t
}

// note is what the reason of the step after an attempt says besides.
func (a *Attempt) note() string {
	if a.Tamper == "" {
		return ""
	}
	return "mishandled on purpose: " + a.Tamper
}

// Places where a tamper takes hold.
const (
	LayerDelivery = "delivery" // when, how often and whether there is an attempt
	LayerSealing  = "sealing"  // what is signed, and with what
	LayerRequest  = "request"  // the request, after it was signed
	LayerWire     = "wire"     // how the request is written: needs a network
	LayerAnswer   = "answer"   // what becomes of the answer
)

// TamperInfo describes a tamper that has a name.
type TamperInfo struct {
	Name     string `json:"name"`
	Layer    string `json:"layer"`
	Why      string `json:"why"`      // what it plays
	Receiver string `json:"receiver"` // what a good receiver does

	fits   func(signature.Scheme) bool // nil: all of them
	tamper Tamper                      // without its name
}

const (
	wrongKey   = "hookrig-does-not-know-the-key"
	staleAge   = 24 * time.Hour
	delayTime  = time.Minute
	overtaken  = 10 * time.Second
	dripTime   = 2 * time.Second
	notForThis = "it has no effect on what this contract signs"
)

// tampers are all that have a name. Each mishandles the first attempt, so that
// the provider's retry can put things right.
var tampers = []TamperInfo{
	{Name: "duplicate", Layer: LayerDelivery, tamper: Tamper{Twice: true},
		Why:      "providers deliver at least once, and now and then the same event twice in a row",
		Receiver: "accepts both and acts once"},
	{Name: "reorder", Layer: LayerDelivery, tamper: Tamper{Behind: overtaken},
		Why:      "parallel senders and retries let a later event arrive first: this one waits until a later one to the endpoint was answered, ten seconds at most",
		Receiver: "accepts both, and the newer state wins"},
	{Name: "delay", Layer: LayerDelivery, tamper: Tamper{Delay: delayTime},
		Why:      "a provider's queue runs behind, so that the event comes a minute late, freshly signed",
		Receiver: "accepts it, and does not let it undo what is newer"},
	{Name: "drop", Layer: LayerDelivery, tamper: Tamper{Drop: true},
		Why:      "an event is lost at the provider and never comes",
		Receiver: "notices the gap when it compares its data with the provider's"},

	{Name: "wrong-key", Layer: LayerSealing, fits: signs, tamper: Tamper{Seal: sealWrongly},
		Why:      "somebody who does not know the secret sends an event, or the secret was replaced on one side only",
		Receiver: "answers 401 or 403 and does nothing; accepts the retry, which is signed rightly"},
	{Name: "stale-timestamp", Layer: LayerSealing, fits: dates, tamper: Tamper{Seal: sealStale},
		Why:      "a recorded delivery is sent again, with a right signature that is a day old",
		Receiver: "answers with a 4xx and does nothing"},

	{Name: "altered-body", Layer: LayerRequest, fits: signsBody, tamper: Tamper{Request: alterBody},
		Why:      "something on the way changes the body, which is still JSON: only the signature tells",
		Receiver: "answers 401 or 403 and does nothing"},
	{Name: "truncated-body", Layer: LayerRequest, tamper: Tamper{Request: truncateBody},
		Why:      "a gateway cuts the body and corrects its length, so that HTTP sees nothing wrong",
		Receiver: "refuses it with a 4xx and does nothing"},

	{Name: "unfinished-body", Layer: LayerWire, tamper: Tamper{Wire: &Wire{Break: BreakInBody}},
		Why:      "the sender dies within the body: its length is announced in full, and half of it comes",
		Receiver: "does nothing, answers 400 or closes, and keeps serving others"},
	{Name: "slow-drip", Layer: LayerWire, tamper: Tamper{Wire: &Wire{Drip: dripTime}},
		Why:      "a bad line lets the body trickle in over two seconds",
		Receiver: "waits for all of it, and keeps serving others"},
	{Name: "reset-before-headers", Layer: LayerWire, tamper: Tamper{Wire: &Wire{Break: BreakBeforeHead}},
		Why:      "a connection is opened and reset before anything is sent",
		Receiver: "does nothing, and accepts the retry"},
	{Name: "reset-after-headers", Layer: LayerWire, tamper: Tamper{Wire: &Wire{Break: BreakAfterHead}},
		Why:      "the headers arrive, and the connection is reset before the body",
		Receiver: "does nothing, and accepts the retry"},
	{Name: "reset-after-body", Layer: LayerWire, tamper: Tamper{Wire: &Wire{Break: BreakAfterBody}},
		Why:      "the whole request arrives, and the provider is gone before the answer",
		Receiver: "may act on it; accepts the retry, and has acted once"},
	{Name: "chunked", Layer: LayerWire, tamper: Tamper{Wire: &Wire{Chunked: true}},
		Why:      "HTTP lets a body come in chunks without a length, and gateways send it so",
		Receiver: "reads it like any other, or answers 411"},
	{Name: "expect-continue", Layer: LayerWire, tamper: Tamper{Wire: &Wire{Expect: true}},
		Why:      "some HTTP clients ask for leave before they send a body (Expect: 100-continue)",
		Receiver: "gives leave, or answers at once without it"},

	{Name: "lost-ack", Layer: LayerAnswer, tamper: Tamper{LoseAnswer: func(int) bool { return true }},
		Why:      "the receiver has done its work, and its answer is lost on the way back",
		Receiver: "accepts the retry, and has acted once"},
}

// Tampers lists all that have a name. Callers must not change the slice.
func Tampers() []TamperInfo { return tampers }

// UnknownTamperError: no tamper has this name.
type UnknownTamperError struct{ Name string }

func (e *UnknownTamperError) Error() string {
	return "there is no tamper " + quoted(e.Name) + "; there are " + tamperNames()
}

// TamperNamed finds a tamper by its name. It mishandles the first attempt only
// (set Attempts to change that). The error is an *UnknownTamperError.
func TamperNamed(name string) (Tamper, error) {
	for i := range tampers {
		if tampers[i].Name == name {
			return tampers[i].get(), nil
		}
	}
	return Tamper{}, &UnknownTamperError{name}
}

func (i *TamperInfo) get() Tamper {
	t := i.tamper
	t.Name, t.Attempts = i.Name, 1
	return t
}

var errNotForThis = errors.New(notForThis)

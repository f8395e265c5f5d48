package contracts

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Policy is how a provider delivers. It comes from a contract; a zero Policy
// accepts no answer and makes one attempt.
type Policy struct {
	Success       []StatusRange   // answers that end the delivery well
	Timeout       time.Duration   // for the whole attempt, from dialling to the last byte of the answer
	Waits         []time.Duration // before the 2nd, 3rd, … attempt
	Repeat        time.Duration   // the wait once Waits are used up; 0: no further attempt
	GiveUp        time.Duration   // no attempt starts later than this after the first; 0: no such limit
	Jitter        float64         // each wait is multiplied by 1 ± Jitter; in [0,1]
	Then          string          // what becomes of the registration when given up: Keep, Disable or Delete
	Gone          string          // the same on a 410; "" treats 410 as any failure
	RetryAfterCap time.Duration   // Retry-After is obeyed up to this; 0: ignored
	Ordering      string          // "none", or "endpoint": one at a time in order
	Duplicates    string          // "possible" or "unknown"

	provenance []statement
}

// What becomes of a registration when its deliveries are given up.
const (
	Keep    = "keep"
	Disable = "disable"
	Delete  = "delete"
)

// Provenance of one member of the policy by its name in the document
// ("success", "timeout", "waits", …); "" is the default of them all.
func (p Policy) Provenance(member string) Provenance {
	var tokens []string
	if member != "" {
		tokens = []string{member}
	}
	says, _ := bestOf(p.provenance, tokens)
	return says
}

// StatusRange is a range of HTTP status codes, both ends included.
type StatusRange struct{ From, To int }

// String is the range as contracts write it: "200", "2xx" or "200-204".
func (r StatusRange) String() string {
	switch {
	case r.From == r.To:
		return strconv.Itoa(r.From)
	case r.From%100 == 0 && r.To == r.From+99:
		return strconv.Itoa(r.From/100) + "xx"
	default:
		return fmt.Sprintf("%d-%d", r.From, r.To)
	}
}

// Accepts reports whether a status ends a delivery well.
func (p Policy) Accepts(status int) bool {
	for _, r := range p.Success {
		if r.From <= status && status <= r.To {
			return true
		}
	}
	return false
}

// Accepted names the success codes, for example "200 or 202-204".
func (p Policy) Accepted() string {
	if len(p.Success) == 1 {
		return p.Success[0].String()
	}
	names := make([]string, len(p.Success))
	for i, r := range p.Success {
		names[i] = r.String()
	}
	return strings.Join(names, " or ")
}

// Progress is how far a delivery has come when an attempt has ended.
type Progress struct {
	Attempt int       // attempts made so far, 1 or more
	First   time.Time // start of the first attempt
	Now     time.Time // end of the last one
	Rand    float64   // in [0,1), for jitter
}

// Reply is what an attempt met. Status 0 means no answer.
type Reply struct {
	Status     int
	RetryAfter string // the header as received
	Failure    string // why there is no answer: "timeout", "refused", "reset", "dns", "tls", …
}

func (r Reply) String() string {
	switch {
	case r.Status != 0:
		return "answered " + strconv.Itoa(r.Status)
	case r.Failure != "":
		return "no answer (" + r.Failure + ")"
	default:
		return "no answer"
	}
}

// Decision is what a provider does after a reply.
type Decision string

// The decisions.
const (
	DecideDelivered Decision = "delivered" // the answer is a success
	DecideRetry     Decision = "retry"     // another attempt after Step.Wait
	DecideExhausted Decision = "exhausted" // no further attempt
)

// Step is what happens next, and why.
type Step struct {
	Decision Decision
	Wait     time.Duration // before the next attempt
	Then     string        // of the registration once exhausted: Keep, Disable, Delete
	Reason   string        // one line for people
}

// Next decides what the provider does after a reply. It is a pure function:
// the same progress and reply make the same step.
func (p Policy) Next(pr Progress, r Reply) Step {
	if p.Accepts(r.Status) {
		return Step{Decision: DecideDelivered, Reason: r.String() + ", which is a success (" + p.Accepted() + ")"}
	}
	if r.Status == http.StatusGone && p.Gone != "" {
		return Step{Decision: DecideExhausted, Then: p.Gone, Reason: "answered 410: the receiver is gone for good"}
	}
	wait, ok := p.wait(pr)
	if !ok {
		return p.exhausted(fmt.Sprintf("%s; attempt %d was the last that the policy has", r, pr.Attempt))
	}
	reason := fmt.Sprintf("%s, success is %s", r, p.Accepted())
	if asked, ok := retryAfter(r.RetryAfter, pr.Now); ok && p.RetryAfterCap > 0 {
		if capped := min(asked, p.RetryAfterCap); capped > wait {
			wait = capped
			reason += fmt.Sprintf("; Retry-After asks for %s", Days(asked))
			if asked > capped {
				reason += ", capped at " + Days(capped)
			}
		}
	}
	if age := pr.Now.Add(wait).Sub(pr.First); p.GiveUp > 0 && age > p.GiveUp {
		return p.exhausted(fmt.Sprintf("%s; the next attempt would come %s after the first, the policy gives up at %s",
			r, Days(age), Days(p.GiveUp)))
	}
	return Step{Decision: DecideRetry, Wait: wait, Reason: reason}
}

func (p Policy) exhausted(reason string) Step {
	return Step{Decision: DecideExhausted, Then: p.Then, Reason: reason}
}

// wait is the pause before the next attempt, with jitter.
func (p Policy) wait(pr Progress) (time.Duration, bool) {
	wait := p.Repeat
	if i := pr.Attempt - 1; i >= 0 && i < len(p.Waits) {
		wait = p.Waits[i]
	} else if p.Repeat == 0 {
		return 0, false
	}
	if p.Jitter == 0 {
		return wait, true
	}
	jittered := float64(wait) * (1 + p.Jitter*(2*pr.Rand-1))
	return time.Duration(min(jittered, float64(maxDuration))), true
}

// retryAfter reads both forms of the header (RFC 9110, section 10.2.3). What is
// neither a date nor a number of seconds is no wish at all; dates in the past
// and negative numbers ask for no wait.
func retryAfter(header string, now time.Time) (time.Duration, bool) {
	header = strings.TrimSpace(header)
	if header == "" {
		return 0, false
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now)), true
	}
	digits := strings.TrimLeft(header, "0123456789")
	if digits != "" {
		return 0, false
	}
	seconds, err := strconv.ParseInt(header, 10, 32)
	if err != nil { // too many digits to count: as long as there is
		seconds = 1<<31 - 1
	}
	return time.Duration(seconds) * time.Second, true
}

package mockserver

import "github.com/hookrig/hookrig/contracts"

// Tamper mishandles an attempt on purpose, after it was sealed. The zero Tamper does nothing.
type Tamper struct {
	Name string // what the journal says
	// Request changes the sealed request, all its headers included; nil leaves it. The body's bytes
	// are shared: replace the slice, do not write into it.
	Request func(attempt int, r *contracts.Request)
	// LoseAnswer discards the receiver's answer of these attempts (1-based), as a network that breaks after the work
	// was done: to the policy it is a time-out, in the journal the failure "lost-answer" beside the answer.
	LoseAnswer func(attempt int) bool
}

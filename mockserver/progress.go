package mockserver

import "time"

// progress is how far a round of attempts has come, as the policy counts it:
// what was our own fault is not in it. It follows from the attempts alone, so
// that a later run finds it in the journal.
type progress struct {
	charged int           // attempts that count
	faults  int           // attempts in a row that we could not make
	age     time.Duration // since the first attempt that counts: what those that count took, and the waits after them, in full
	skipped time.Duration // how much of all waits Options.Speed left out
}

// add counts an attempt and the wait that follows.
func (p *progress) add(a *Attempt) {
	if !a.Next.IsZero() {
		p.skipped = a.Next.Sub(a.Due)
	}
	if a.Ours {
		p.faults++
		return
	}
	p.faults = 0
	p.charged++
	p.age += a.Took + a.Wait
}

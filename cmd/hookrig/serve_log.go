package main

import (
	"slices"
	"sync"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
)

// serveLog prints deliveries of any provider as they happen.
type serveLog struct {
	console   *console
	contracts []*contracts.Contract
}

func (l *serveLog) entry(e mockserver.Entry) {
	c := l.console
	l.attempts(e)
	if c.json() || e.Kind != mockserver.EntryEnded || e.State == mockserver.Delivered {
		return
	}
	end := string(e.State) + ": " + e.Reason
	if e.Then == contracts.Disable || e.Then == contracts.Delete {
		end += "; " + thenWords(e.Then)
	}
	c.printf("%s      %s  %s\n", c.dim(e.At.Format(time.DateTime)), c.red(end), c.dim("["+e.Delivery+"]"))
	_ = c.flush() // somebody is watching
}

// attempts prints a delivery's attempts, without its end.
func (l *serveLog) attempts(e mockserver.Entry) {
	i := slices.IndexFunc(l.contracts, func(o *contracts.Contract) bool { return o.Provider() == e.Provider })
	if i < 0 {
		return // the API sends nothing else
	}
	t, err := l.contracts[i].EventType(e.Event)
	if err != nil {
		return
	}
	traffic := trafficLog{console: l.console, policy: t.Policy()}
	traffic.entry(e)
}

// curtain holds entries back until there is a ready line, which comes first.
type curtain struct {
	tell func(mockserver.Entry)

	mu   sync.Mutex
	up   bool
	kept []mockserver.Entry
}

func (c *curtain) entry(e mockserver.Entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.up:
		c.tell(e)
	case e.Kind != mockserver.EntryIntent:
		c.kept = append(c.kept, e)
	}
}

// raise tells what was held back, after first.
func (c *curtain) raise(first func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first()
	for _, e := range c.kept {
		c.tell(e)
	}
	c.up, c.kept = true, nil
}

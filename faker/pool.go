package faker

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/hookrig/hookrig/contracts/schema"
)

// Pool puts one of the values at a JSON Pointer of the body: identifiers that
// exist in the system under test, so that what it receives is about something.
// Values and pointers are as for [Set]. Which value an event takes is a function of
// the seed, the event's ordinal and the pointer; each is taken about as often
// as the others.
//
// A pool is for events that keep their contract: a value that breaks it is a
// *PoolError. To break it on purpose is what Set is for. Keep the Edit where
// the values are many: they are judged when it is first used for an event.
func Pool(pointer string, values ...any) Edit {
	p := &pool{proven: map[*plan]error{}}
	for _, v := range values {
		text, err := jsonOf(v)
		p.values, p.errs = append(p.values, text), append(p.errs, err)
	}
	return Edit{kind: editPool, pointer: pointer, pool: p}
}

// PoolError: a value of a pool breaks the contract of the event.
type PoolError struct {
	Event, Pointer string
	Value          json.RawMessage
	Violation      schema.Violation // the first
}

// Error names the value and what it breaks.
func (e *PoolError) Error() string {
	return fmt.Sprintf("%s: %s of the pool for %q breaks the contract: %s", subject(e.Event), clip(string(e.Value)), e.Pointer, e.Violation)
}

type pool struct {
	once   sync.Once
	values [][]byte
	errs   []error // of the values
	err    error   // the first, once they are compact

	mu     sync.Mutex
	proven map[*plan]error
}

var saltPool = draw("pool")

// choose takes the value for an event.
func (p *pool) choose(root key, tokens []string) []byte {
	k := root
	for _, t := range tokens {
		k = k.with(name(t))
	}
	return p.values[k.with(saltPool).below(uint64(len(p.values)))]
}

// prove judges each value in the event that it would stand in.
func (p *pool) prove(pl *plan, event string, c checked, nth uint64) error {
	p.once.Do(func() { p.err = p.compact(c.pointer) })
	if p.err != nil {
		return p.err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	err, known := p.proven[pl]
	if !known {
		err = p.judge(pl, event, c, nth)
		p.proven[pl] = err
	}
	return err
}

func (p *pool) compact(pointer string) error {
	if len(p.values) == 0 {
		return fmt.Errorf("the pool for %q is empty", pointer)
	}
	for i, text := range p.values {
		var err error
		if p.values[i], err = checkedText(pointer, text, p.errs[i]); err != nil {
			return err
		}
	}
	return nil
}

// judge puts the values one after the other into an event that keeps its
// contract.
func (p *pool) judge(pl *plan, event string, c checked, nth uint64) error {
	seen := map[string]bool{}
	alone := edited{plan: pl, edits: []checked{{Edit: Edit{kind: editSet, pointer: c.pointer}, tokens: c.tokens}}}
	for _, v := range p.values {
		if seen[string(v)] {
			continue
		}
		seen[string(v)] = true
		alone.edits[0].value = v
		found := pl.schema.Validate(alone.body(pl.setting, nth))
		if len(found) == 0 {
			continue
		}
		// What stands at the pointer says more than what follows from it.
		at := slices.IndexFunc(found, func(f schema.Violation) bool { return f.Pointer == c.pointer })
		return &PoolError{event, c.pointer, bytes.Clone(v), found[max(at, 0)]}
	}
	return nil
}

package contracts

import "time"

// Cause says what makes a provider send an event: something that happens in a
// shop. Contracts do not know what can happen: the words are judged by whoever
// plays the shop, with [Cause.Fault].
type Cause struct {
	Action string        // its name, or all of a name: "invoice.*"
	Each   string        // a way to a list, with one event for each element; "": one event
	When   []string      // conditions, of which all hold
	Delay  time.Duration // of the event after the action, not negative

	at place
}

// Fault is the error that a cause is not understood: the message, a hint of the
// names that were perhaps meant (or of all, where they are few), and where the
// contract says it. It is a *schema.Error.
func (c Cause) Fault(message, name string, candidates []string) error {
	return c.at.errorf("%s", message).nearest(name, candidates)
}

// Causes are what makes the provider send the event, in the order of the
// document; none where the contract does not say. Callers must not change the
// slice.
func (t *EventType) Causes() []Cause { return t.causes }

// maxCauses bounds the causes of one event.
const maxCauses = 200

// causesOf reads a cause, or a list of them.
func causesOf(into *[]Cause) func(place) error {
	return func(p place) error {
		items := []place{p}
		if _, list := p.value.([]any); list {
			items, _ = p.items()
		}
		if len(items) > maxCauses {
			return p.errorf("%d causes, at most %d are read", len(items), maxCauses).hint(`write "order.*" for all actions of a name`)
		}
		*into = nil
		for _, item := range items {
			c, err := causeOf(item)
			if err != nil {
				return err
			}
			*into = append(*into, c)
		}
		return nil
	}
}

func causeOf(p place) (Cause, error) {
	c := Cause{at: p}
	if _, whole := p.value.(map[string]any); !whole {
		err := line(&c.Action)(p)
		return c, err
	}
	err := p.fields(map[string]func(place) error{
		"action": line(&c.Action),
		"each":   line(&c.Each),
		"when": func(v place) error {
			if _, list := v.value.([]any); list {
				return texts(&c.When)(v)
			}
			c.When = make([]string, 1)
			return line(&c.When[0])(v)
		},
		"delay": func(v place) error { return delayOf(v, &c.Delay) },
	})
	if err == nil && c.Action == "" {
		err = p.errorf("the cause names no action").hint("write action: order.placed")
	}
	return c, err
}

// maxDelay bounds how long an event may stay behind its action: what waits is
// kept in memory.
const maxDelay = 24 * time.Hour

func delayOf(p place, into *time.Duration) error {
	if err := positive(into)(p); err != nil {
		return err
	}
	if *into > maxDelay {
		return p.errorf("the event would come %s after what it tells of", Days(*into)).hint("the limit is " + Days(maxDelay))
	}
	return nil
}

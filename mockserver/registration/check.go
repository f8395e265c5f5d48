package registration

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	"github.com/hookrig/hookrig/contracts"
)

// check asks whether a provider would take a registration, beside those that it
// has and those of the same request that come before it.
func (s *Subscriptions) check(sub *Subscription, request []Subscription) *RefusedError {
	if refused := s.checkURL(sub); refused != nil {
		return refused
	}
	if refused := checkExtra(*sub); refused != nil {
		return refused
	}
	return s.checkEvents(*sub, request)
}

// checkURL judges the URL, whose provider must be known, and notes which rule
// was waived.
func (s *Subscriptions) checkURL(sub *Subscription) (refused *RefusedError) {
	if s.contracts[sub.Provider] == nil {
		return refuse(KindProvider, "provider", "no contract of %q is loaded", sub.Provider)
	}
	sub.Relaxed, refused = rulesOf[sub.Provider].url.check(sub.URL, s.relaxed)
	return refused
}

func checkExtra(sub Subscription) *RefusedError {
	if len(sub.Extra) > maxExtra || sub.Extra != nil && !isObject(sub.Extra) {
		return refuse(KindValue, "extra", "the provider's own members must be a JSON object of at most %d bytes", maxExtra)
	}
	return nil
}

func (s *Subscriptions) checkEvents(sub Subscription, request []Subscription) *RefusedError {
	contract := s.contracts[sub.Provider]
	if contract == nil {
		return refuse(KindProvider, "provider", "no contract of %q is loaded", sub.Provider)
	}
	if refused := checkNumber(sub); refused != nil {
		return refused
	}
	r := rulesOf[sub.Provider]
	for _, name := range sub.Events {
		if refused := checkEvent(contract, name); refused != nil {
			return refused
		}
	}
	groups, _ := contract.Conflicts()
	if len(groups) == 0 && !r.oncePer {
		return nil
	}
	beside := s.beside(sub, request)
	if r.oncePer {
		if refused := checkOnce(sub, beside); refused != nil {
			return refused
		}
	}
	return checkConflicts(groups, sub, beside)
}

// checkNumber judges how many events there are.
func checkNumber(sub Subscription) *RefusedError {
	r := rulesOf[sub.Provider]
	switch n := len(sub.Events); {
	case n == 0 && !r.noEvents:
		return refuse(KindMissing, "events", "an event is required")
	case n > 1 && r.single:
		return refuse(KindValue, "events", "%d events: a registration with this provider has one", n)
	case n > maxEvents:
		return refuse(KindTooMany, "events", "%d events, %d are the most", n, maxEvents)
	}
	return nil
}

func checkEvent(contract *contracts.Contract, name string) *RefusedError {
	if len(name) > maxEventName {
		return refuse(KindEvent, "event", "no event has a name of %d bytes", len(name))
	}
	_, err := contract.EventType(name)
	if err == nil {
		return nil
	}
	refused := refuse(KindEvent, "event", "%v", err)
	refused.Event = name
	var unknown *contracts.UnknownEventError
	if errors.As(err, &unknown) {
		refused.Nearest = unknown.Nearest
	}
	return refused
}

// beside are the registrations that count when sub is judged. Disabled ones
// do: they can be enabled at any moment.
func (s *Subscriptions) beside(sub Subscription, request []Subscription) []Subscription {
	return slices.DeleteFunc(append(s.list(sub.Provider), request...), func(o Subscription) bool {
		return o.Provider != sub.Provider || o.ID != "" && o.ID == sub.ID
	})
}

func checkOnce(sub Subscription, beside []Subscription) *RefusedError {
	for _, other := range beside {
		for _, name := range sub.Events {
			if slices.Contains(other.Events, name) {
				refused := refuse(KindExists, "event", "%q is registered already", name)
				refused.Event, refused.Other = name, other.ID
				return refused
			}
		}
	}
	return nil
}

// checkConflicts applies a contract's groups of events of which no two can be
// registered together.
func checkConflicts(groups [][]string, sub Subscription, beside []Subscription) *RefusedError {
	there := slices.Clone(sub.Events)
	for _, other := range beside {
		there = append(there, other.Events...)
	}
	for _, group := range groups {
		for _, name := range sub.Events {
			if !slices.Contains(group, name) {
				continue
			}
			for _, other := range group {
				if other != name && slices.Contains(there, other) {
					refused := refuse(KindConflict, "event", "%q cannot be registered together with %q", name, other)
					refused.Event, refused.Other = name, other
					return refused
				}
			}
		}
	}
	return nil
}

func isObject(text []byte) bool {
	return json.Valid(text) && bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("{"))
}

// unique drops what stands in a list before, and is never nil.
func unique(names []string) []string {
	out := make([]string, 0, len(names))
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		if !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	return out
}

package openapi

import (
	"encoding/json"
	"time"

	"github.com/hookrig/hookrig/contracts"
)

// This file is what OpenAPI has no word for, in the words of the contract
// format (docs/contract-format.md): of a provider on its tag, of an event on
// its operation.

// ofProvider is what x-hookrig says of all events of a contract.
func ofProvider(c *contracts.Contract) (map[string]any, error) {
	d := c.Discriminator()
	event := map[string]any{"provenance": d.Provenance}
	add(event, "pointer", d.Pointer)
	add(event, "each", d.Each)
	add(event, "header", d.Header)
	out := map[string]any{"provider": c.Provider(), "digest": c.Digest(), "event": event}

	scheme, from := c.Signature()
	signed := map[string]any{}
	text, err := json.Marshal(scheme)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &signed); err != nil {
		return nil, err
	}
	delete(signed, "tolerance")
	addTime(signed, "tolerance", scheme.Tolerance)
	signed["provenance"] = from
	out["signature"] = signed

	if conflicts, from := c.Conflicts(); len(conflicts) > 0 {
		out["registration"] = map[string]any{"conflicts": conflicts, "provenance": from}
	}
	if entities := ofLifecycles(c); len(entities) > 0 {
		out["lifecycle"] = map[string]any{"entities": entities}
	}
	return out, nil
}

// ofLifecycles writes each entity in full.
func ofLifecycles(c *contracts.Contract) map[string]any {
	out := map[string]any{}
	for _, l := range c.Lifecycles() {
		entity := map[string]any{"provenance": l.Provenance}
		for _, s := range l.Stages {
			stage := map[string]any{"event": s.Event.Name(), "key": s.Key}
			add(stage, "version", s.Version)
			listed, _ := entity[string(s.Phase)].([]any)
			entity[string(s.Phase)] = append(listed, stage)
		}
		out[l.Entity] = entity
	}
	return out
}

// ofEvent is what x-hookrig says of one event.
func ofEvent(t *contracts.EventType) map[string]any {
	out := map[string]any{
		"name": t.Name(), "documentation": t.Documentation(), "delivery": ofPolicy(t.Policy()), "identity": t.Identity(),
	}
	if t.Tag() != t.Name() {
		out["value"] = t.Tag()
	}
	add(out, "address", t.Path())
	return out
}

// ofPolicy is a delivery section, with the provenance of each member that
// differs from that of the section.
func ofPolicy(p contracts.Policy) map[string]any {
	success := make([]string, len(p.Success))
	for i, r := range p.Success {
		success[i] = r.String()
	}
	waits := make([]string, len(p.Waits))
	for i, w := range p.Waits {
		waits[i] = contracts.Days(w)
	}
	out := map[string]any{"success": success, "waits": waits}
	addTime(out, "timeout", p.Timeout)
	addTime(out, "repeat", p.Repeat)
	addTime(out, "giveUp", p.GiveUp)
	addTime(out, "retryAfterCap", p.RetryAfterCap)
	if p.Jitter > 0 {
		out["jitter"] = p.Jitter
	}
	add(out, "then", p.Then)
	add(out, "gone", p.Gone)
	add(out, "ordering", p.Ordering)
	add(out, "duplicates", p.Duplicates)

	provenance := map[string]any{"": p.Provenance("")}
	for member := range out {
		if says := p.Provenance(member); says != p.Provenance("") {
			provenance["/"+member] = says
		}
	}
	out["provenance"] = provenance
	return out
}

func add(to map[string]any, member, text string) {
	if text != "" {
		to[member] = text
	}
}

func addTime(to map[string]any, member string, d time.Duration) {
	if d > 0 {
		to[member] = contracts.Days(d)
	}
}

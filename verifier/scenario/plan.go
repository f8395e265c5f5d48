package scenario

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/faker/shop"
	"github.com/hookrig/hookrig/mockserver"
)

// Plan is what a scenario sends: a function of its file, the contracts and the
// seed. It is immutable.
type Plan struct {
	Scenario  *Scenario
	Seed      uint64
	Providers []string   // in the order of the contracts
	Events    []Planned  // in the order in which they leave
	Steps     []PlanStep // as in the scenario
	contracts []*contracts.Contract
}

// PlanStep is where a step's events are in the plan, in the order in which they
// leave. With "reorder: with next" they are among those of the next step.
type PlanStep struct {
	*Step
	Events []int     // indexes of Plan.Events
	Ends   time.Time // the shop's
}

// Planned is a delivery of a plan.
type Planned struct {
	Step   int       // index of the step
	Time   time.Time // the shop's
	Action string    // the shop's
	Event  contracts.Event
	Tamper string // "" for none
	Again  int    // the index of the delivery that is sent again; -1: it is new
	Copy   int    // so many places before it stands what it is a copy of, under way at the same moment; 0: it is none
}

// Row is a planned delivery as it is shown and kept.
type Row struct {
	Step     int             `json:"step"` // from 1
	Time     time.Time       `json:"time"` // the shop's
	Action   string          `json:"action"`
	Provider string          `json:"provider"`
	Event    string          `json:"event"`
	Tamper   string          `json:"tamper,omitempty"`
	Again    *int            `json:"again,omitempty"`
	Copy     int             `json:"copy,omitempty"`
	Body     json.RawMessage `json:"body,omitempty"`
	Raw      []byte          `json:"raw,omitempty"` // in place of a body that is no JSON
}

// Row is the delivery without what only a program knows.
func (p *Planned) Row() Row {
	out := Row{Step: p.Step + 1, Time: p.Time, Action: p.Action, Provider: p.Event.Type.Contract().Provider(), Event: p.Event.Type.Name(), Tamper: p.Tamper, Copy: p.Copy}
	if p.Again >= 0 {
		again := p.Again
		out.Again = &again
	}
	if json.Valid(p.Event.Body) {
		out.Body = p.Event.Body
	} else {
		out.Raw = p.Event.Body
	}
	return out
}

// MarshalJSON writes the row.
func (p *Planned) MarshalJSON() ([]byte, error) { return json.Marshal(p.Row()) }

// Plan plays the story in a shop of its own and lists what the providers send.
// The error is a *schema.Error where the shop cannot do what a step says, or
// what [faker.NewWorld] returns.
func (s *Scenario) Plan(all []*contracts.Contract, seed uint64) (*Plan, error) {
	crowd := 0
	for _, o := range s.Orders {
		crowd += o.Count
	}
	// A shop of more orders a day has more on its shelves.
	world, err := faker.NewWorld(all, faker.WorldOptions{Seed: seed, At: s.At, Locale: s.Locale, Orders: max(120, crowd)})
	if err != nil {
		return nil, err
	}
	p := &planner{
		Scenario: s, play: world.Play(), ids: map[string][]int64{}, buyers: map[string][]int64{}, waited: map[string]int{},
		plan: &Plan{Scenario: s, Seed: seed, contracts: all, Steps: make([]PlanStep, len(s.Steps))},
	}
	for _, c := range all {
		p.plan.Providers = append(p.plan.Providers, c.Provider())
	}
	var held []Planned
	for i := range s.Steps {
		p.plan.Steps[i].Step = &s.Steps[i]
		events, err := p.step(i)
		if err != nil {
			return nil, err
		}
		p.plan.Steps[i].Ends = p.play.Now()
		if s.Steps[i].Reorder == withNext {
			held = append(held, events...)
			continue
		}
		p.leave(events)
		p.leave(held)
		held = nil
	}
	return p.plan, nil
}

// first is the index of the delivery that one is a copy of, or that it sends
// again: itself where it is new.
func (p *Plan) first(n int) int {
	n -= p.Events[n].Copy
	if again := p.Events[n].Again; again >= 0 {
		return again
	}
	return n
}

// planner plays a story.
type planner struct {
	*Scenario
	plan   *Plan
	play   *faker.Play
	ids    map[string][]int64 // of orders, by name
	buyers map[string][]int64
	waited map[string]int     // steps so far that waited for an action of an order
	nth    uint64             // of chaos
	rest   []faker.WorldEvent // what came after the action of the last step, within the minute by which the shop goes
}

// leave gives events their places.
func (p *planner) leave(events []Planned) {
	for _, e := range events {
		step := &p.plan.Steps[e.Step]
		step.Events = append(step.Events, len(p.plan.Events))
		p.plan.Events = append(p.plan.Events, e)
	}
}

// step plays one step.
func (p *planner) step(i int) (out []Planned, err error) {
	step := &p.Steps[i]
	if step.Do == doAgain {
		out = p.again(step)
	} else {
		var told []faker.WorldEvent
		if told, err = p.happen(step); err != nil {
			return nil, err
		}
		told = slices.Concat(p.rest, told)
		if p.rest = nil; i < len(p.Steps)-1 {
			told, p.rest = p.upTo(step, told)
		}
		for _, e := range told {
			out = append(out, Planned{Time: e.Time, Action: e.Action, Event: e.Event, Again: -1})
		}
	}
	for k := range out {
		out[k].Step = i
		out[k].Tamper = p.tamper(step, &out[k])
	}
	if step.Reorder == "reversed" {
		slices.Reverse(out)
	}
	return copied(step, out), nil
}

// copied puts the copies behind what they are copies of.
func copied(step *Step, events []Planned) (out []Planned) {
	if step.Copies == 1 {
		return events
	}
	for _, e := range events {
		out = append(out, e)
		for k := 1; k < step.Copies && step.concerns(&e); k++ {
			e.Copy = k
			out = append(out, e)
		}
	}
	return out
}

// concerns reports whether an event is one of those that "on" selects.
func (s *Step) concerns(e *Planned) bool {
	on, _ := path.Match(s.On, e.Action)
	return s.On == "" || on
}

// upTo parts what is told of a step's action from what came afterwards, which is
// the next step's. Where nobody tells of the action, all of it is the step's.
func (p *planner) upTo(step *Step, told []faker.WorldEvent) (of, rest []faker.WorldEvent) {
	action := deeds[step.Do].action
	if step.Do == doHappen {
		action = step.Action
	}
	for i, e := range slices.Backward(told) {
		if e.Action == action {
			return told[:i+1], told[i+1:]
		}
	}
	return told, nil
}

// again lists the deliveries of an earlier step once more.
func (p *planner) again(step *Step) (out []Planned) {
	for i := len(p.plan.Steps) - 1; i >= 0; i-- {
		earlier := p.plan.Steps[i]
		if earlier.Step == nil || earlier.Name != step.Again || earlier.Do == doAgain {
			continue
		}
		for _, n := range earlier.Events {
			if e := p.plan.Events[n]; e.Copy == 0 {
				e.Again = n
				out = append(out, e)
			}
		}
		break
	}
	return out
}

func (p *planner) tamper(step *Step, e *Planned) string {
	if !step.concerns(e) {
		return ""
	}
	if len(step.Chaos) == 0 {
		return step.Tamper
	}
	p.nth++
	return mockserver.Chaos{Rates: step.Chaos, Seed: p.plan.Seed}.Tamper(p.nth-1, e.Event.Type).Name
}

// happen lets the shop do what a step says.
func (p *planner) happen(step *Step) (events []faker.WorldEvent, err error) {
	if step.Do == doWait {
		return p.play.Advance(step.For), nil
	}
	d := deeds[step.Do]
	switch {
	case step.Do == doPlace:
		if err := p.place(step); err != nil {
			return nil, err
		}
	case d.customer:
		for _, buyer := range p.buyers[step.Order] {
			if !p.play.Do(buyer, d.action) {
				return nil, p.Errorf(step.pointer, "closed: "+step.Order, "%s: the customer of %q cannot at this moment", step.Do, step.Order)
			}
		}
		return p.play.Advance(time.Second), nil
	case step.Do == doHappen:
		d.action = step.Action
	}
	key := step.Order + "\x00" + d.action
	p.waited[key]++
	left := step.Within
	for _, id := range p.ids[step.Order] {
		if p.play.Happened(id, d.action) >= p.waited[key] {
			continue
		}
		begin := p.play.Now()
		more, found := p.play.Until(id, d.action, left)
		events = append(events, more...)
		left -= p.play.Now().Sub(begin)
		if !found {
			return nil, p.Errorf(step.pointer, "wait: 1d", "%s: it does not happen to the order %q within %s", step.Do, step.Order, mockserver.Duration(step.Within))
		}
	}
	if told := slices.ContainsFunc(events, func(e faker.WorldEvent) bool { return e.Action == d.action }); !told && !p.told(d.action) {
		events = append(events, p.play.Advance(tellingTime)...) // it has happened, and may be told at once
	}
	return events, nil
}

// tellingTime is longer than providers take to tell of something.
const tellingTime = 5 * time.Second

// told reports whether what came after the last step tells of an action.
func (p *planner) told(action string) bool {
	return slices.ContainsFunc(p.rest, func(e faker.WorldEvent) bool { return e.Action == action })
}

// place places an order, or all of its count.
func (p *planner) place(step *Step) error {
	w := p.wishOf(step.Order)
	o := p.Orders[step.Order]
	if other, ok := strings.CutPrefix(o.Customer, asAnother); ok {
		if len(p.buyers[other]) == 0 {
			return p.Errorf(step.pointer, "order placed: "+other, "the order %q, of the same customer, is not placed yet", other)
		}
		w.Customer = p.buyers[other][0]
	}
	for n := range o.Count {
		id, buyer := p.play.Order(w)
		if id == 0 {
			return p.Errorf(step.pointer, "order placed", "order %d of %q cannot be placed: %s", n+1, step.Order, whyNot(w))
		}
		p.ids[step.Order] = append(p.ids[step.Order], id)
		p.buyers[step.Order] = append(p.buyers[step.Order], buyer)
	}
	return nil
}

func whyNot(w shop.Wish) string {
	if w.Customer != 0 {
		return "its customer may not order"
	}
	return fmt.Sprintf("the shop has no %d pieces left", w.Items)
}

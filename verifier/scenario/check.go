package scenario

import (
	"errors"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/hookrig/hookrig/faker/shop"
	"github.com/hookrig/hookrig/mockserver"
)

// check says what the schema cannot.
func (s *Scenario) check() error {
	names := s.orderNames()
	for i := range s.Steps {
		_, about := deeds[s.Steps[i].Do]
		if step := &s.Steps[i]; (about || step.Do == doHappen) && step.Order == "" && len(names) == 1 {
			step.Order = names[0]
		}
	}
	for _, name := range s.orderNames() {
		if err := s.checkOrder(name); err != nil {
			return err
		}
	}
	placed := map[string]bool{}
	for i := range s.Steps {
		if err := s.checkStep(i, placed); err != nil {
			return err
		}
	}
	for _, name := range s.orderNames() {
		if !placed[name] {
			return s.Errorf("/steps", "order placed: "+name, "nobody places the order %q", name)
		}
	}
	return nil
}

func (s *Scenario) orderNames() []string { return slices.Sorted(maps.Keys(s.Orders)) }

// checkOrder says what is wrong with an order's options.
func (s *Scenario) checkOrder(name string) error {
	o, at := s.Orders[name], place("orders", name)
	if other, ok := strings.CutPrefix(o.Customer, asAnother); ok {
		first := s.Orders[other]
		switch {
		case first == nil || other == name:
			return s.Errorf(at+"/customer", "customer: registered", "no other order is called %q%s", other, nearest(other, s.orderNames()))
		case first.Count > 1 || o.Count > 1:
			return s.Errorf(at+"/customer", "customer: registered", "orders of a count have customers of their own")
		}
	}
	w := s.wishOf(name)
	if w.Packages == 2 && w.Items < 2 {
		return s.Errorf(at, name+": {items: 2}", "an order in two packages has at least 2 items")
	}
	if gone := w.Drop + w.Missing + w.Returns; gone > w.Items {
		return s.Errorf(at, name+": {items: "+strconv.Itoa(gone)+"}", "the steps take %d items from an order of %d", gone, w.Items)
	}
	return nil
}

// checkStep says what is wrong with a step. placed are the orders so far.
func (s *Scenario) checkStep(i int, placed map[string]bool) error {
	step := &s.Steps[i]
	if err := s.checkTreatment(i); err != nil {
		return err
	}
	d, known := deeds[step.Do]
	switch {
	case step.Do == doWait && step.For <= 0:
		return s.Errorf(step.pointer, "wait: 2d", "a wait has a time")
	case step.Do == doWait:
		return nil
	case step.Do == doAgain:
		return s.checkAgain(i)
	case step.Do == doHappen:
		if shop.ActionOf(step.Action) == nil {
			return s.Errorf(step.pointer, "happened: {action: order.invoiced}", "unknown action %q%s", step.Action, nearest(step.Action, actionNames()))
		}
	case !known:
		return s.Errorf(step.pointer, "order placed", "unknown step %q%s", step.Do, nearest(step.Do, slices.Sorted(maps.Keys(deeds))))
	}
	names := s.orderNames()
	if step.Order == "" && len(names) > 1 {
		return s.Errorf(step.pointer, step.Do+": "+names[0], "there are several orders, and the step does not say which")
	}
	switch {
	case s.Orders[step.Order] == nil:
		return s.Errorf(step.pointer, step.Do+": "+names[0], "no order is called %q%s", step.Order, nearest(step.Order, names))
	case step.Do == doPlace && placed[step.Order]:
		return s.Errorf(step.pointer, "shipped: "+step.Order, "the order %q is placed twice", step.Order)
	case step.Do != doPlace && !placed[step.Order]:
		return s.Errorf(step.pointer, "order placed: "+step.Order, "the order %q is not placed yet", step.Order)
	}
	placed[step.Order] = true
	w := s.wishOf(step.Order)
	if d.unless != nil {
		if because := d.unless(&w); because != "" {
			return s.Errorf(step.pointer, "closed: "+step.Order, "%s: the order %q cannot: %s", step.Do, step.Order, because)
		}
	}
	return nil
}

// checkTreatment says what is wrong with how the deliveries are treated.
func (s *Scenario) checkTreatment(i int) error {
	step := &s.Steps[i]
	if _, err := mockserver.TamperNamed(step.Tamper); step.Tamper != "" && err != nil {
		return s.Errorf(step.pointer+"/tamper", "tamper: duplicate", "unknown tamper %q%s", step.Tamper, nearest(step.Tamper, tamperNames()))
	}
	if err := (mockserver.Chaos{Rates: step.Chaos}).Check(); err != nil {
		var unknown *mockserver.UnknownTamperError
		if errors.As(err, &unknown) {
			return s.Errorf(step.pointer+"/chaos", "chaos: {duplicate: 0.05}", "unknown tamper %q%s", unknown.Name, nearest(unknown.Name, tamperNames()))
		}
		return s.Errorf(step.pointer+"/chaos", "chaos: {duplicate: 0.05}", "%v", err)
	}
	_, err := path.Match(step.On, "")
	switch {
	case step.Group > 0 && step.Do == doWait:
		return s.Errorf(step.pointer, "order placed", "what happens at once has no wait in it")
	case step.Group > 0 && step.Rate > 0:
		return s.Errorf(step.pointer+"/rate", "copies: 2", "what happens at once has no rate")
	case step.Group > 0 && step.Reorder == withNext:
		return s.Errorf(step.pointer+"/reorder", "reorder: reversed", "what happens at once leaves with all the others")
	case err != nil:
		return s.Errorf(step.pointer+"/on", "on: payment.*", "%q is no pattern of actions", step.On)
	case step.On != "" && step.Tamper == "" && len(step.Chaos) == 0 && step.Copies == 1:
		return s.Errorf(step.pointer+"/on", "tamper: duplicate", `"on" says which deliveries are mishandled or copied, and none are`)
	case step.Copies > 1 && (step.Tamper != "" || len(step.Chaos) > 0):
		return s.Errorf(step.pointer+"/copies", "copies: 1", "deliveries are copied or mishandled, not both")
	case step.Tamper != "" && len(step.Chaos) > 0:
		return s.Errorf(step.pointer+"/chaos", "chaos: {duplicate: 0.05}", "a step has a tamper or chaos, not both")
	case step.Parallel && step.Rate > 0:
		return s.Errorf(step.pointer+"/rate", "parallel: true", "deliveries leave at a rate or all at once")
	case step.Reorder == withNext && i == len(s.Steps)-1:
		return s.Errorf(step.pointer+"/reorder", "reorder: reversed", "there is no next step")
	}
	return nil
}

func (s *Scenario) checkAgain(i int) error {
	step := &s.Steps[i]
	var names []string
	for k := range s.Steps[:i] {
		earlier := &s.Steps[k]
		together := step.Group > 0 && earlier.Group == step.Group
		switch named := earlier.Name == step.Again; {
		case together && named:
			return s.Errorf(step.pointer, "copies: 2", "the step %q happens at the same moment", step.Again)
		case together && earlier.Again == step.Again:
			return s.Errorf(step.pointer, "copies: 2", "the step %q is sent again at the same moment already", step.Again)
		case named && earlier.Reorder == withNext && k == i-1:
			return s.Errorf(step.pointer, "wait: 1m", "the deliveries of %q leave after this step", step.Again)
		case earlier.Do != doAgain && !together:
			names = append(names, earlier.Name)
		}
	}
	if slices.Contains(names, step.Again) {
		return nil
	}
	if len(names) == 0 {
		return s.Errorf(step.pointer, "order placed", "there is no earlier step")
	}
	return s.Errorf(step.pointer, "again: "+names[0], "no earlier step is called %q%s", step.Again, nearest(step.Again, names))
}

func actionNames() (names []string) {
	for _, a := range shop.Actions() {
		names = append(names, a.Name)
	}
	return names
}

func tamperNames() (names []string) {
	for _, t := range mockserver.Tampers() {
		names = append(names, t.Name)
	}
	return names
}

package faker

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/faker/shop"
)

// causesOf understands the causes of an event type. Errors have the position
// that the contract has them at.
func causesOf(t *contracts.EventType) ([]*cause, error) {
	var all []*cause
	for _, said := range t.Causes() {
		named, err := actionsOf(said)
		if err != nil {
			return nil, err
		}
		for _, a := range named {
			c := &cause{action: a, delay: said.Delay.Milliseconds()}
			if err := c.read(said); err != nil {
				return nil, err
			}
			all = append(all, c)
		}
	}
	return all, nil
}

// actionsOf finds an action by its name, or all of a name.
func actionsOf(said contracts.Cause) ([]*shop.Action, error) {
	if a := shop.ActionOf(said.Action); a != nil {
		return []*shop.Action{a}, nil
	}
	var all []*shop.Action
	var known []string
	prefix, isMany := strings.CutSuffix(said.Action, "*")
	for _, a := range shop.Actions() {
		known = append(known, a.Name)
		if isMany && strings.HasSuffix(prefix, ".") && strings.HasPrefix(a.Name, prefix) {
			all = append(all, a)
		}
	}
	if len(all) == 0 {
		return nil, said.Fault(fmt.Sprintf("%q is nothing that happens in a world", said.Action), said.Action, known)
	}
	return all, nil
}

func (c *cause) read(said contracts.Cause) error {
	if said.Each != "" {
		l, err := c.follow(said, said.Each)
		if err != nil {
			return err
		}
		if !l.many() {
			return said.Fault(fmt.Sprintf("%q is no list", said.Each), "", nil)
		}
		// The list is found before there is an element of it.
		if c.list = c.resolve(nil, l.start); c.list.slot == slotNone {
			return said.Fault(fmt.Sprintf("nothing leads from %s to %q", c.action.Name, l.start), "", nil)
		}
		c.list.refs = slices.Concat(c.list.refs, l.refs)
		c.each = l
	}
	for _, text := range said.When {
		if err := c.condition(said, text); err != nil {
			return err
		}
	}
	return nil
}

func (c *cause) follow(said contracts.Cause, text string) (*lead, error) {
	l, message, near := readLead(strings.TrimPrefix(text, worldPrefix))
	if message != "" {
		return nil, said.Fault(message, "", near)
	}
	return l, nil
}

// A condition is what a value must be like.
type condition struct {
	from origin
	prop *shop.Property
	op   string // "": there is one, and it is not false
	text string
	num  int64
}

var conditionForm = regexp.MustCompile(`^\s*([A-Za-z.]+)\s*(?:(=|!=|<=|>=|<|>)\s*(\S.*?))?\s*$`)

func (c *cause) condition(said contracts.Cause, text string) error {
	parts := conditionForm.FindStringSubmatch(text)
	if parts == nil {
		return said.Fault(fmt.Sprintf("%q is no condition: write order.channel = web, or invoice.total > 0", text), "", nil)
	}
	l, err := c.follow(said, parts[1])
	if err != nil {
		return err
	}
	x := condition{prop: l.last, op: parts[2], text: parts[3]}
	if l.last == nil || l.many() {
		return said.Fault(fmt.Sprintf("%q is no single value", parts[1]), "", nil)
	}
	if x.from = c.resolve(nil, l.start); x.from.slot == slotNone {
		return said.Fault(fmt.Sprintf("nothing leads from %s to %q", c.action.Name, l.start), "", nil)
	}
	x.from.refs = slices.Concat(x.from.refs, l.refs)
	if err := x.check(said); err != nil {
		return err
	}
	c.when = append(c.when, x)
	return nil
}

// check: the value that is asked for is one that the property can have.
func (x *condition) check(said contracts.Cause) error {
	if x.op == "" {
		return nil
	}
	closed := closedSet(x.prop)
	isNumber := closed == nil && x.prop.Type != shop.Text
	switch {
	case closed != nil && !slices.Contains(closed, x.text):
		return said.Fault(fmt.Sprintf("%q is never %q", x.prop.Name, x.text), x.text, closed)
	case isNumber:
		var err error
		if x.num, err = strconv.ParseInt(x.text, 10, 64); err != nil {
			return said.Fault(fmt.Sprintf("%q is no whole number, and %s is a %s", x.text, x.prop.Name, x.prop.Type), "", nil)
		}
	case x.op != "=" && x.op != "!=":
		return said.Fault(fmt.Sprintf("%s is a %s: it can be equal or not, and neither more nor less", x.prop.Name, x.prop.Type), "", nil)
	}
	return nil
}

// holds judges the condition for an event.
func (x *condition) holds(s *stage) bool {
	var v shop.Value
	if e := s.find(&x.from); e != nil {
		v = x.prop.Read(e)
	}
	switch v.Type {
	case shop.None:
		return x.op == "!="
	case shop.Text, shop.Choice, shop.Boolean:
		var room [64]byte
		text := plainText(room[:0], v)
		switch x.op {
		case "":
			return v.Type != shop.Boolean || v.Int != 0
		case "=":
			return string(text) == x.text
		}
		return string(text) != x.text
	}
	switch x.op {
	case "=":
		return v.Int == x.num
	case "!=":
		return v.Int != x.num
	case "<":
		return v.Int < x.num
	case ">":
		return v.Int > x.num
	case "<=":
		return v.Int <= x.num
	case ">=":
		return v.Int >= x.num
	}
	return true
}

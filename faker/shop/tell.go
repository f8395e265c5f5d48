package shop

import (
	"fmt"
	"strings"
)

// String says for people what the step is about, by the first two of its
// entities: "order 2026005800, Jörg Richter, 3 pieces, 215.70". Sums are in the
// currency of the shop.
func (s *Step) String() string {
	var words []string
	for i, e := range s.Of[:min(2, len(s.Action.Kinds))] {
		if e != nil {
			words = append(words, tell(s.Action.Kinds[i], e))
		}
	}
	return strings.Join(words, ", ")
}

// tell says what an entity is: its kind, its number, its name, or its ID where it
// has neither; whose an order is; and sums that are not 0.
func tell(k Kind, e Entity) string {
	info := KindOf(k)
	said := []string{string(k)}
	for _, name := range []string{"number", "fullName", "name", "trackingNumber"} {
		if p := info.Property(name); p != nil {
			if t := p.Read(e).Spell(nil); len(t) > 0 {
				said = append(said, string(t))
			}
		}
	}
	if len(said) == 1 {
		said = append(said, fmt.Sprint(e.Base().ID))
	}
	said[1] = said[0] + " " + said[1]
	switch e := e.(type) {
	case *Order:
		said = append(said, e.Customer.Full, pieces(len(e.Items)))
	case *Package:
		said = append(said, pieces(len(e.Items)))
	}
	for _, name := range []string{"total", "amount"} {
		if p := info.Property(name); p != nil && p.Type == Money && p.Read(e).Int != 0 {
			sum := p.Read(e).Int
			said = append(said, fmt.Sprintf("%d.%02d", sum/100, sum%100))
		}
	}
	return strings.Join(said[1:], ", ")
}

func pieces(n int) string {
	if n == 1 {
		return "1 piece"
	}
	return fmt.Sprintf("%d pieces", n)
}

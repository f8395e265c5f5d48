package verifier

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/hookrig/hookrig/contracts"
)

// This file spreads the events of the scope over the checks. Every event at every
// check would be thousands of deliveries; one event for all checks would miss
// the one route that looks at no signature. So each check is about another
// event, and what is left of the pairs of an event and a group is met by a
// further round of one of the group's checks.

// subject is the event type that the current check is about.
func (s *session) subject() *contracts.EventType { return s.scope[s.home] }

// around are the types of the scope that the current check may use, with their
// places, from the one that it is about. Those that its oracle cannot be asked
// for are left out; a further round is about one type alone.
func (s *session) around() iter.Seq2[int, *contracts.EventType] {
	return func(yield func(int, *contracts.EventType) bool) {
		for n := range s.scope {
			i := (s.home + n) % len(s.scope)
			if s.round > 0 && n > 0 {
				return
			}
			if s.usable(i) && !yield(i, s.scope[i]) {
				return
			}
		}
	}
}

// usable reports whether the oracles that the current check needs can be asked
// for a type of the scope.
func (s *session) usable(i int) bool {
	c := s.current
	if c == nil || !c.oracle && !c.state {
		return true
	}
	ev := s.eventAt(i, s.ordinal)
	return (!c.oracle || Sees(s.options.Oracle, ev)) && (!c.state || Sees(s.options.State, ev))
}

// choose says which event the current check is about: another one for each check
// of a group, whatever else is run, of those that were accepted. Where nobody
// knows that of more than the first, it is the first.
func (s *session) choose() {
	from := []int{0}
	if n := len(s.taken); n > 0 {
		turn := s.current.turn() % n
		from = slices.Concat(s.taken[turn:], s.taken[:turn])
	}
	s.home = s.firstUsable(from)
}

// turn is the check's place among those of its group that send.
func (c *check) turn() (n int) {
	for _, other := range table {
		if other == c {
			break
		}
		if other.act != nil && other.group() == c.group() {
			n++
		}
	}
	return n
}

func (s *session) firstUsable(from []int) int {
	for _, i := range from {
		if s.usable(i) {
			return i
		}
	}
	for i := range s.scope { // the oracle knows better than each-event
		if s.usable(i) {
			return i
		}
	}
	return from[0]
}

// noteTaken remembers which events were accepted when each of them was sent.
func (s *session) noteTaken() {
	if s.current.name != eachEvent || len(s.attempts) != len(s.scope) {
		return
	}
	for i := range s.attempts {
		if successRule(s.scope[i].Policy()).accepts(&s.attempts[i]) && s.varied(i) {
			s.taken = append(s.taken, i)
		}
	}
}

// manyEvents is how many events of a type are looked at to see that they differ.
const manyEvents = 256

// varied reports whether the events of a type differ from each other. Where they
// say little, two checks would send the same bytes, and the second meets a
// receiver that has seen them.
func (s *session) varied(i int) bool {
	seen := map[string]bool{}
	for n := range uint64(manyEvents) {
		body := string(s.eventAt(i, s.ordinal+n<<8).Body)
		if seen[body] {
			return false
		}
		seen[body] = true
	}
	return true
}

// plainMost is the most deliveries of a check that may have further rounds.
const plainMost = 4

// noteMet remembers which events a group has met, and whether the check is quick
// enough for further rounds.
func (s *session) noteMet(c *check) {
	group := s.met[c.group()]
	if group == nil {
		group = map[string]int{}
		s.met[c.group()] = group
	}
	for _, name := range s.sent {
		if rank, met := group[name]; !met || c.rank() < rank {
			group[name] = c.rank()
		}
	}
	if n := len(s.attempts); n > 0 && n <= plainMost && !s.unusual && s.waited == 0 && !c.oracle && !c.state && c.name != baseline && c.name != eachEvent {
		s.quick[c.group()] = append(s.quick[c.group()], c)
	}
}

// rank of a check's severity, 0 for the worst.
func (c *check) rank() int { return slices.Index(severities, c.severity) }

// spread is the further rounds: every event that was accepted meets the most
// severe of every group's checks that are quick.
func (s *session) spread(ctx context.Context) error {
	for _, group := range groups() {
		quick := s.quick[group]
		if len(quick) == 0 {
			continue
		}
		worst := slices.MinFunc(quick, func(a, b *check) int { return cmp.Compare(a.rank(), b.rank()) }).rank()
		quick = slices.DeleteFunc(quick, func(c *check) bool { return c.rank() > worst })
		turn := 0
		for _, i := range s.taken {
			if rank, met := s.met[group][s.scope[i].Name()]; (!met || rank > worst) && s.goneIn == "" {
				if err := s.meet(ctx, i, quick, &turn); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// meet sends one type by the first of a group's checks, from the one whose turn
// it is, that has something to send for it.
func (s *session) meet(ctx context.Context, i int, quick []*check, turn *int) error {
	for range quick {
		c := quick[*turn%len(quick)]
		*turn++
		s.begin(c)
		s.home, s.round = i, s.rounds[c.name]+1
		if c.applies != nil && c.applies(s) != "" {
			continue
		}
		if !s.affords(c) {
			s.cut.Rounds++
			return nil
		}
		sent, err := s.perform(ctx, c)
		if err != nil {
			return err
		}
		if sent {
			s.rounds[c.name]++
			return nil
		}
	}
	return nil
}

package shop

import (
	"container/heap"
	"fmt"
	"strconv"
	"time"
)

const (
	second int64 = 1000
	minute       = 60 * second
	hour         = 60 * minute
	day          = 24 * hour
)

// shard is one part of the shop: a clock, what is still to come, and who and
// what is there now.
type shard struct {
	dice
	words  Words
	house  *House
	edits  map[Kind][]Edit
	number int
	seed   uint64
	now    int64
	seq    uint64
	todo   tasks
	tasks  uint64
	steps  []Step
	counts map[Kind]int64

	opened    int64
	gap       int64 // between two orders, on average
	pace      int64 // of numbers, see often
	assort    []*goods
	customers []*buyer
	stuff
}

// stuff is what the shop has besides goods and customers.
type stuff struct {
	categories []*Category
	brands     []*Brand
	attributes []*Attribute
	suppliers  []*Supplier
	users      []*User
	projects   []*Project
	coupons    []*Coupon
	tags       []*Tag
	settings   []*Setting

	imports  []*life // orders that a sales channel has and the office has not
	shipped  []*life // since the last run of the automatic shipment
	payments []*Payment
	newcomer []*Customer // since the last import
	recent   [8]*Document
	own      own
}

// task is something that will happen.
type task struct {
	at  int64
	nth uint64 // of the shard's tasks: what was planned first comes first
	do  func()
}

type tasks []task

func (t tasks) Len() int { return len(t) }
func (t tasks) Less(i, j int) bool {
	return t[i].at < t[j].at || t[i].at == t[j].at && t[i].nth < t[j].nth
}
func (t tasks) Swap(i, j int) { t[i], t[j] = t[j], t[i] }
func (t *tasks) Push(x any)   { *t = append(*t, x.(task)) } //nolint:forcetypeassert // as container/heap asks for
func (t *tasks) Pop() any {
	old := *t
	n := len(old) - 1
	x := old[n]
	old[n] = task{}
	*t = old[:n]
	return x
}

func (s *shard) advance(until int64) []Step {
	for len(s.todo) > 0 && s.todo[0].at < until {
		t := heap.Pop(&s.todo).(task) //nolint:forcetypeassert // nothing else is there
		s.now = max(s.now, t.at)
		t.do()
	}
	s.now = max(s.now, until)
	steps := s.steps
	s.steps = make([]Step, 0, len(steps)+16)
	return steps
}

// in plans something for a moment from now, drawn from a span.
func (s *shard) in(from, to int64, do func()) {
	s.at(s.now+s.between(from, to), do)
}

func (s *shard) at(moment int64, do func()) {
	s.tasks++
	heap.Push(&s.todo, task{max(moment, s.now+1), s.tasks, do})
}

// work plans something that people do at their desks: in working hours.
func (s *shard) work(from, to int64, do func()) {
	s.at(s.desk(s.now+s.between(from, to)), do)
}

// zone is how far the shop's clock is ahead of UTC.
const zone = hour

// desk is the first moment from t at which somebody works: from 7 to 18, and
// not on Sundays. Who waited for the morning is served within three hours.
func (s *shard) desk(t int64) int64 {
	for range 3 {
		local := t + zone
		of := local % day
		weekday := (local/day + 4) % 7 // 1970-01-01 was a Thursday
		switch {
		case weekday == 0:
			t = local - of + day + 7*hour - zone + s.between(0, 3*hour)
		case of < 7*hour:
			t = local - of + 7*hour - zone + s.between(0, 3*hour)
		case of >= 18*hour:
			t = local - of + day + 7*hour - zone + s.between(0, 3*hour)
		default:
			return t
		}
	}
	return t
}

// crowd is how much is bought in each hour of the day, in hundredths of the
// average.
var crowd = [24]int{30, 15, 10, 8, 8, 15, 35, 60, 90, 115, 130, 130, 135, 125, 115, 115, 120, 130, 150, 180, 200, 190, 140, 64}

// busy reports whether the hour has customers for this one.
func (s *shard) busy() bool { return s.below(200) < crowd[(s.now+zone)%day/hour] }

// id is a new entity's identity.
func (s *shard) id(kind Kind) Ident { return s.idAt(kind, s.now) }

// often says of which kinds there are more than of orders. Numbers rise with
// the time, so that those of different shards do as well: each kind has so many
// numbers in the time between two orders, as there may be of it.
var often = map[Kind]int64{KindAction: 128, KindItem: 4, KindLine: 4, KindJob: 2}

// idAt is the identity of what came to be at a moment.
func (s *shard) idAt(kind Kind, created int64) Ident {
	n := s.counts[kind]
	if created >= s.opened {
		n = max(n, 300+(s.now-s.opened)/(s.pace/max(1, often[kind])+1))
	}
	s.counts[kind] = n + 1
	id := 1000 + n*Shards + int64(s.number)
	return Ident{ID: id, Key: mix(mix(s.seed, name(string(kind))), uint64(id)), Created: created, Updated: created}
}

// name is a number for a text.
func name(s string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 0x100000001b3
	}
	return h
}

// yearly is a number as papers have it: the year and the id.
func (s *shard) yearly(id int64) string {
	return strconv.Itoa(time.UnixMilli(s.now).UTC().Year()) + fmt.Sprintf("%06d", id)
}

// code is a text with digits for #, from a key.
func code(form string, key uint64) string {
	b := []byte(form)
	for i := range b {
		switch b[i] {
		case '#':
			b[i] = '0' + byte(key%10)
			key = mix(key, saltKey)
		case '?':
			b[i] = 'A' + byte(key%26)
			key = mix(key, saltKey)
		}
	}
	return string(b)
}

// tell writes down a step.
func (s *shard) tell(action string, of ...Entity) *Happening {
	a := ActionOf(action)
	if a == nil || len(of) != len(a.Kinds) {
		panic("shop: " + action + " is told wrongly") // a mistake in this package, which its tests find
	}
	s.now += s.between(1, 40) // one thing after the other
	st := Step{At: s.now, Action: a, Shard: s.number, Seq: s.seq}
	copy(st.Of[:], of)
	st.Happening = &Happening{Ident: s.id(KindAction), Name: action}
	s.seq++
	s.steps = append(s.steps, st)
	return st.Happening
}

// changed is a copy of an entity to be changed: what steps have handed out
// stays as it is.
func changed[T any, P interface {
	*T
	ident() *Ident
}](s *shard, p P) P {
	c := *p
	P(&c).ident().Updated = s.now
	return &c
}

// ident lets changed write the time of the change.
func (i *Ident) ident() *Ident { return i }

// pick is one of a list, the zero value of an empty one.
func pick[T any](s *shard, list []T) T {
	if len(list) == 0 {
		var none T
		return none
	}
	return list[s.below(len(list))]
}

// share is an index drawn by weights.
func (s *shard) share(weights ...int) int {
	total := 0
	for _, w := range weights {
		total += w
	}
	n := s.below(total)
	for i, w := range weights {
		if n < w {
			return i
		}
		n -= w
	}
	return 0
}

// without is a list without one of its elements.
func without[T comparable](list []T, x T) []T {
	var out []T
	for _, v := range list {
		if v != x {
			out = append(out, v)
		}
	}
	return out
}

// with is a list and one more, in memory of its own.
func with[T any](list []T, x T) []T { return append(list[:len(list):len(list)], x) }

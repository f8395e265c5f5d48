package verifier

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/faker"
)

// sendSequence is what all checks do that send a sequence: the one that was
// given, or their own, which is reduced if it fails.
func sendSequence(ctx context.Context, s *session) error {
	s.casts = 0 // so that the check alone sends the same
	for _, given := range s.options.Sequences {
		if given.Check == s.current.name {
			return s.repeat(ctx, given)
		}
	}
	q, err := s.current.sequence(s)
	if err != nil {
		return err
	}
	q.Provider, q.Contract = s.options.Contract.Provider(), s.options.Contract.Digest()
	q.Seed, q.Check = s.options.Seed, s.current.name
	t, err := s.try(ctx, q, roleSequence)
	if plain, odd := q.plainly(); err == nil && t.Error != "" && odd {
		q = plain
		t, err = s.try(ctx, q, roleSequence)
	}
	if err != nil {
		return err
	}
	if t.Error == "" {
		q.Flaw, q.Because = t.judge()
	}
	s.trials = append(s.trials, *t)
	switch {
	case q.Flaw == "":
		return nil
	case len(q.Steps) < 3:
		return s.confirm(ctx, q, q, q.Flaw, 1)
	}
	return s.reduceFailing(ctx, q, q.Flaw)
}

// longestWait is the longest time that is waited for within a sequence, where time
// is real.
const longestWait = 10 * time.Minute

// repeat sends a sequence of before until it fails, as often as it may take.
func (s *session) repeat(ctx context.Context, q *Sequence) error {
	total := time.Duration(0)
	for i := range q.Steps {
		if total += q.Steps[i].wait(); q.Steps[i].Restart && s.options.Restart == nil {
			return notApplicable(canRestart(s))
		}
	}
	if total > longestWait && !s.options.Virtual {
		return notApplicable(takesDays(s))
	}
	tries := 1
	if q.Runs > 0 {
		tries = triesFor(max(q.Failed, 1), q.Runs)
	}
	var last *Trial
	for range tries {
		var err error
		if last, err = s.try(ctx, q, roleSequence); err != nil {
			return err
		}
		if last.Error != "" || last.flaw() != "" {
			break
		}
	}
	s.trials = append(s.trials, *last)
	return nil
}

// history is what a record goes through: an event of each stage, each a minute
// newer than the one before where the contract says what is newer. Entity names
// the record; the ids of its events follow from it.
func (s *session) history(entity string, stages []contracts.Stage) ([]SequenceStep, error) {
	var out []SequenceStep
	var first string // the version of the first
	for i, stage := range stages {
		ev, err := s.faker.Event(stage.Event.Name(), s.stageEdits(stage, i, &first)...)
		if err != nil {
			return nil, notApplicable(err.Error())
		}
		if broken, err := stage.Event.Validate(ev.Body); err != nil || len(broken) > 0 {
			return nil, notApplicable(fmt.Sprintf("the contract does not allow %q at another time", stage.Event.Name()))
		}
		step := SequenceStep{ID: entity + strconv.Itoa(i+1), Event: stage.Event.Name(), Entity: entity, Body: string(ev.Body)}
		if !slices.ContainsFunc(out, func(other SequenceStep) bool { return other.Event == step.Event && other.Body == step.Body }) {
			out = append(out, step)
		}
	}
	s.ordinal++
	for i := range out { // all of them name one record
		if i > 0 {
			s.sameKey(&out[0], &out[i], stages)
		}
	}
	return out, nil
}

// stageEdits make the i-th event of a record: one that has the record's key, which
// may be optional, and a version i minutes after the first.
func (s *session) stageEdits(stage contracts.Stage, i int, first *string) []faker.Edit {
	var edits []faker.Edit
	var was string
	for try := range uint64(50) {
		edits = []faker.Edit{faker.Nth(s.ordinal + uint64(i)<<16 + try<<24)}
		ev, err := s.faker.Event(stage.Event.Name(), edits[0])
		if err != nil {
			return edits
		}
		if was = valueAt(ev.Body, stage.Version); !slices.ContainsFunc(stage.Key, func(p string) bool { return valueAt(ev.Body, p) == "" }) {
			break
		}
	}
	if stage.Version == "" {
		return edits
	}
	if *first == "" {
		*first = was
	}
	if version := later(*first, was, i); version != "" {
		edits = append(edits, faker.Set(stage.Version, json.RawMessage(version)))
	}
	return edits
}

// later is the i-th version after a first one, written like another: times go on
// by minutes, numbers by one. It is "" where that cannot be.
func later(first, like string, i int) string {
	var from, form string
	if json.Unmarshal([]byte(first), &from) == nil && json.Unmarshal([]byte(like), &form) == nil {
		start, ok := parseTime(from)
		layout, alike := parseTime(form)
		if !ok || !alike {
			return ""
		}
		return quote(start.Add(time.Duration(i) * time.Minute).In(layout.Location()).Format(layout.layout))
	}
	if n, err := strconv.ParseInt(first, 10, 64); err == nil {
		return strconv.FormatInt(n+int64(i), 10)
	}
	return ""
}

// sameKey gives an event the key of the record's first one.
func (s *session) sameKey(first, step *SequenceStep, stages []contracts.Stage) {
	key := func(event string) []string {
		return stages[slices.IndexFunc(stages, func(st contracts.Stage) bool { return st.Event.Name() == event })].Key
	}
	from, to := key(first.Event), key(step.Event)
	body := []byte(step.Body)
	for i := range from {
		value, was := valueAt([]byte(first.Body), from[i]), valueAt(body, to[i])
		if value != "" && was != "" {
			body = replaced(body, to[i], was, value)
		}
	}
	step.Body = string(body)
}

// phases are the stages of a lifecycle that the run may send.
func (s *session) phases(l *contracts.Lifecycle) map[contracts.Phase][]contracts.Stage {
	out := map[contracts.Phase][]contracts.Stage{}
	for _, stage := range l.Stages {
		if s.visible(stage.Event) {
			out[stage.Phase] = append(out[stage.Phase], stage)
		}
	}
	return out
}

// ordered is a sequence of the first record of the scope that has these phases
// and versions, delivered in the order of the numbers, from 1.
func ordered(missing string, phases []contracts.Phase, order ...int) func(*session) (*Sequence, error) {
	return func(s *session) (*Sequence, error) {
		lives := s.options.Contract.Lifecycles()
		for i := range lives {
			stages := s.stagesOf(&lives[i], phases)
			if stages == nil {
				continue
			}
			steps, err := s.history("a", stages)
			if err != nil || len(steps) < len(stages) || !s.tellable(steps[0]) {
				continue
			}
			q := &Sequence{}
			for _, n := range order {
				q.Steps = append(q.Steps, steps[n-1])
			}
			return q, nil
		}
		return nil, notApplicable(missing)
	}
}

// stagesOf picks a stage with a version for each phase, nil where there is none.
// What begins a record may be a change where nothing else does.
func (s *session) stagesOf(l *contracts.Lifecycle, phases []contracts.Phase) (out []contracts.Stage) {
	has := s.phases(l)
	for _, phase := range phases {
		i := slices.IndexFunc(has[phase], func(st contracts.Stage) bool { return st.Version != "" })
		if i < 0 {
			return nil
		}
		out = append(out, has[phase][i])
	}
	return out
}

const (
	eventsLeast   = 8  // of a generated sequence
	sequenceLeast = 30 // its deliveries
	sequenceMost  = 50
)

// anySequence is a sequence such as an unlucky day brings it: one to three
// records with their events, out of order where the contract says how to tell
// what is newer, repeated, at once, with lost answers, forgeries, pauses and texts
// that nobody thought of between them.
func anySequence(s *session) (*Sequence, error) {
	rng := rand.New(rand.NewPCG(s.options.Seed, s.ordinal))
	unlucky := rand.New(rand.NewPCG(s.options.Seed, s.ordinal+1))
	g := &generating{rng: rng}
	for _, life := range s.someLives(rng) {
		g.record(s, life)
	}
	if err := g.fill(s); err != nil {
		return nil, err
	}
	s.withOddTexts(unlucky, g.firsts)
	steps := g.deliveries(signs(s) == "")
	s.withPauses(unlucky, steps)
	return &Sequence{Steps: steps}, nil
}

// fill adds events that need no other before them, where the records have few.
func (g *generating) fill(s *session) error {
	var alone []int
	for i, t := range s.scope {
		if _, stage := s.options.Contract.EntityOf(t); s.visible(t) && (stage == nil || stage.Phase == contracts.Begins) {
			alone = append(alone, i)
		}
	}
	for tries := 0; len(g.firsts) < eventsLeast && tries < 5*eventsLeast && len(alone) > 0; tries++ {
		ev := s.eventAt(alone[g.rng.IntN(len(alone))], s.ordinal)
		s.ordinal++
		step := SequenceStep{ID: "e" + strconv.Itoa(len(g.firsts)+1), Event: ev.Type.Name(), Body: string(ev.Body)}
		if s.tellable(step) {
			g.firsts = append(g.firsts, step)
			g.loose = append(g.loose, true)
		}
	}
	if len(g.firsts) == 0 {
		return notApplicable("nothing in the events of the scope tells one from another")
	}
	return nil
}

// someLives are one to three records to tell of.
func (s *session) someLives(rng *rand.Rand) (out []*contracts.Lifecycle) {
	lives := s.options.Contract.Lifecycles()
	var usable []*contracts.Lifecycle
	for i := range lives {
		if has := s.phases(&lives[i]); len(has) > 0 {
			usable = append(usable, &lives[i])
		}
	}
	if len(usable) == 0 {
		return nil
	}
	for range 1 + rng.IntN(3) {
		out = append(out, usable[rng.IntN(len(usable))])
	}
	return out
}

// generating is a sequence in the making.
type generating struct {
	rng    *rand.Rand
	lives  int
	firsts []SequenceStep // each event once, in order
	loose  []bool         // of firsts: it may come in any order
	again  []SequenceStep // what has to be sent again
}

// record adds what one record goes through: it begins, changes two to five times,
// and may end. One that the contract does not allow to be told so is left out.
func (g *generating) record(s *session, l *contracts.Lifecycle) {
	has := s.phases(l)
	var stages []contracts.Stage
	pick := func(phase contracts.Phase) {
		if n := len(has[phase]); n > 0 {
			stages = append(stages, has[phase][g.rng.IntN(n)])
		}
	}
	pick(contracts.Begins)
	for range 2 + g.rng.IntN(4) {
		pick(contracts.Changes)
	}
	if g.rng.IntN(2) == 0 {
		pick(contracts.Ends)
	}
	steps, err := s.history(string(rune('a'+g.lives)), stages)
	if err != nil || slices.ContainsFunc(steps, func(step SequenceStep) bool { return !s.tellable(step) }) {
		return
	}
	g.lives++
	loose := !slices.ContainsFunc(stages, func(st contracts.Stage) bool { return st.Version == "" })
	for range steps {
		g.loose = append(g.loose, loose)
	}
	g.firsts = append(g.firsts, steps...)
}

// What may befall an event when it is delivered first.
const (
	smooth = iota
	answerLost
	severalAtOnce
	forgedBefore
	fates
)

// deliveries shuffles the events where they may come in any order, lets something
// befall most of them, and repeats them.
func (g *generating) deliveries(forgeries bool) []SequenceStep {
	var out []SequenceStep
	for n, i := range g.order() {
		first := g.firsts[i]
		switch fate := n % fates; {
		case fate == answerLost:
			lost := first
			lost.LostAnswer = true
			out = append(out, lost)
			g.again = append(g.again, first)
			continue
		case fate == severalAtOnce:
			first.Group = n + 1
			for range 1 + g.rng.IntN(3) {
				out = append(out, first)
			}
		case fate == forgedBefore && forgeries:
			forged := first
			forged.Forged = true
			out = append(out, forged)
		}
		out = append(out, first)
	}
	for _, step := range g.again { // the provider missed an answer
		out = slices.Insert(out, g.after(out, step.ID), step)
	}
	for most := sequenceLeast + g.rng.IntN(sequenceMost-sequenceLeast+1); len(out) < most; {
		again := g.firsts[g.rng.IntN(len(g.firsts))]
		out = slices.Insert(out, g.after(out, again.ID), again)
	}
	return out
}

// order is a permutation of the events. Those of which nothing tells which is the
// newer one stay in their order.
func (g *generating) order() []int {
	order := g.rng.Perm(len(g.firsts))
	kept := 0
	for n, i := range order {
		if g.loose[i] {
			continue
		}
		for g.loose[kept] {
			kept++
		}
		order[n] = kept
		kept++
	}
	return order
}

// after is a place behind the first delivery of an event.
func (g *generating) after(steps []SequenceStep, id string) int {
	first := slices.IndexFunc(steps, func(s SequenceStep) bool { return s.ID == id && !s.Forged })
	return first + 1 + g.rng.IntN(len(steps)-first)
}

// visible reports whether a type is in the scope and the oracles can be asked for
// it.
func (s *session) visible(t *contracts.EventType) bool {
	i := slices.Index(s.scope, t)
	if i < 0 {
		return false
	}
	ev := s.eventAt(i, s.ordinal)
	return (s.options.Oracle == nil || Sees(s.options.Oracle, ev)) && (s.options.State == nil || Sees(s.options.State, ev))
}

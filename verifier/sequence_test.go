package verifier_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/verifier"
)

const anySequence = "state/any-sequence"

// check runs one check of a receiver.
func check(t *testing.T, c *contracts.Contract, r *receivers.Receiver, name string, seed uint64, given ...*verifier.Sequence) verifier.Result {
	t.Helper()
	o := inTime(options(c, r), r)
	o.Only, o.Seed, o.Sequences, o.Events = []string{name}, seed, given, fewEvents(c)
	report := run(t, o)
	return report.Checks[len(report.Checks)-1]
}

// fewEvents are those of a contract's first two kinds of records, at most four of
// each, or the first of all: a small scope is made ready in less time.
func fewEvents(c *contracts.Contract) (names []string) {
	for _, life := range c.Lifecycles()[:min(2, len(c.Lifecycles()))] {
		last := len(life.Stages) - 1
		for i, stage := range life.Stages {
			if i < 3 || i == last {
				names = append(names, stage.Event.Name())
			}
		}
	}
	if len(names) == 0 {
		names = []string{c.EventTypes()[0].Name()}
	}
	return names
}

// TestSequencesAreReducedAndReplayed: forty deliveries and more that fail become
// three at most, and these fail each time that they are sent again: half of the
// times against a receiver that has seen them all before, half against a new one.
func TestSequencesAreReducedAndReplayed(t *testing.T) {
	const times = 20
	for i, row := range []struct {
		defect receivers.Defect
		at     string
		seed   uint64 // the first that fails, with forty deliveries
		flaw   verifier.Flaw
		edit   string // what is left of an odd text where that is the cause
	}{
		{receivers.DoubleEffect, "xentral", 1, verifier.Twice, ""},
		{receivers.LooksThenWrites, "shoptet", 1, verifier.Twice, ""},
		{receivers.LooksThenWrites, "ergonode", 4, verifier.Twice, ""},
		{receivers.RemembersBeforeCheck, "shoptet", 2, verifier.Lost, ""},
		{receivers.LastWriteWins, "shoptet", 2, verifier.Stale, ""},
		{receivers.LastWriteWins, "scayle", 2, verifier.Stale, ""},
		{receivers.CreateOverwrites, "xentral", 1, verifier.Stale, ""},
		{receivers.ResurrectsDeleted, "xentral", 5, verifier.Stale, ""},
		{receivers.ComparesStoredText, "scayle", 2, verifier.Twice, "😀"},
	} {
		if !sample(i) {
			continue
		}
		virtualRun(t, string(row.defect)+" "+row.at, func(t *testing.T) {
			c := galleryContract(t, row.at)
			wrong := func() *receivers.Receiver { return receivers.New(c, row.defect, secretsOf(c)...) }
			receiver := wrong()
			failed := check(t, c, receiver, anySequence, row.seed)
			short := failed.Sequence
			if short == nil || short.Found < 40 {
				t.Fatalf("%s: %s %+v", failed.Verdict, failed.Because, short)
			}
			if len(short.Steps) > 3 || short.Flaw != row.flaw || short.Failed != short.Runs || failed.Verdict != verifier.Fail {
				t.Errorf("%d of %d deliveries, %s, %d of %d: %s", len(short.Steps), short.Found, short.Flaw, short.Failed, short.Runs, failed.Received)
			}
			if len(failed.Deliveries) > 3*len(short.Steps) || len(failed.Exchanges) < len(short.Steps) {
				t.Errorf("%d deliveries and %d exchanges show what %d do", len(failed.Deliveries), len(failed.Exchanges), len(short.Steps))
			}
			for i, step := range short.Steps {
				if got := failed.Exchanges[min(i, len(failed.Exchanges)-1)].Event; got != step.Event {
					t.Errorf("exchange %d is of %s, want %s", i+1, got, step.Event)
				}
				odd := ""
				for _, value := range step.Edits {
					odd += strings.Trim(string(value), `"`)
				}
				if strings.TrimSpace(odd) != row.edit || step.After != "" {
					t.Errorf("more is left than the cause: %q after %q, want %q", odd, step.After, row.edit)
				}
			}
			var file bytes.Buffer
			if err := (&verifier.Report{Checks: []verifier.Result{failed}}).Sequences(&file); err != nil {
				t.Fatal(err)
			}
			read, err := verifier.ReadSequences("sequence.jsonl", file.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]*verifier.Sequence{short}, read); diff != "" {
				t.Error(diff)
			}
			again := receiver
			for i := range times {
				if i >= times/2 {
					again = wrong()
				}
				if got := check(t, c, again, anySequence, uint64(1000+i), read...); got.Verdict != verifier.Fail || got.Sequence.Flaw != row.flaw {
					t.Fatalf("sent again it is judged %s: %s %+v", got.Verdict, got.Because, got.Sequence)
				}
			}
			right := receivers.New(c, receivers.None, secretsOf(c)...)
			if got := check(t, c, right, anySequence, 1, read...); got.Verdict != verifier.Pass {
				t.Errorf("a right receiver is judged %s: %s", got.Verdict, got.Because)
			}
		})
	}
}

// TestSequencesAreNoProbes: what is sent again to be sure has all of the provider's
// time, and is not counted as hostile.
func TestSequencesAreNoProbes(t *testing.T) {
	virtual(t, func(t *testing.T) {
		c := galleryContract(t, "xentral")
		r := receivers.New(c, receivers.DoubleEffect, secretsOf(c)...)
		o := inTime(options(c, r), r)
		o.Only, o.Seed, o.Events = []string{anySequence}, 1, fewEvents(c)
		e, err := verifier.Collect(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		roles := map[string]int{}
		for _, entry := range e.Journal {
			if role, ok := strings.CutPrefix(entry.Label, anySequence+" "); ok {
				roles[role]++
			}
		}
		if roles["probe"] > 0 || roles["confirming"] == 0 || roles["sequence"] == 0 {
			t.Errorf("sent: %v", roles)
		}
	})
}

// TestRightReceiversKeepEverySequence: no false alarm over many sequences, on a
// receiver that has seen all those before.
func TestRightReceiversKeepEverySequence(t *testing.T) {
	seeds := uint64(3)
	if full {
		seeds = 300
	}
	for _, name := range galleryNames {
		virtualRun(t, name, func(t *testing.T) {
			c := galleryContract(t, name)
			receiver := receivers.New(c, receivers.None, secretsOf(c)...)
			for seed := range seeds {
				if got := check(t, c, receiver, anySequence, seed); got.Verdict != verifier.Pass {
					t.Errorf("seed %d: %s: %s (%s)", seed, got.Verdict, got.Because, got.Received)
				}
			}
		})
	}
}

// TestSequencesAreUnlucky: duplicates, groups, lost answers and forgeries, pauses and
// odd texts; and whoever does not take such a text alone is judged by what is left.
func TestSequencesAreUnlucky(t *testing.T) {
	c := provider(t, "scayle")
	sent := func(t *testing.T, defect receivers.Defect, seed uint64) *verifier.Trial {
		r := receivers.New(c, defect, secretsOf(c)...)
		o := inTime(options(c, r), r)
		o.Only, o.Seed, o.Events = []string{anySequence}, seed, fewEvents(c)
		evidence, err := verifier.Collect(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		return &evidence.Trials[0]
	}
	virtual(t, func(t *testing.T) {
		for seed := range uint64(3) {
			with, ids := map[string]int{}, map[string]string{}
			for _, s := range sent(t, receivers.None, seed).Sequence.Steps {
				edits := fmt.Sprint(s.Edits)
				if was, again := ids[s.ID]; again && was != edits {
					t.Errorf("seed %d: %s has %s and %s", seed, s.ID, was, edits)
				} else if again {
					with["duplicates"]++
				}
				ids[s.ID] = edits
				for what, is := range map[string]bool{"groups": s.Group > 0, "lost answers": s.LostAnswer, "forgeries": s.Forged, "pauses": s.After != "", "odd texts": len(s.Edits) > 0} {
					if is {
						with[what]++
					}
				}
			}
			for _, what := range []string{"duplicates", "groups", "lost answers", "forgeries", "pauses", "odd texts"} {
				if with[what] == 0 {
					t.Errorf("seed %d: no %s", seed, what)
				}
			}
			for _, defect := range []receivers.Defect{receivers.ThreeByteText, receivers.ShortColumns} {
				trial := sent(t, defect, seed)
				for _, s := range trial.Sequence.Steps {
					if len(s.Edits) > 0 || trial.Error != "" {
						t.Fatalf("seed %d: %s is judged by %+v: %s", seed, defect, s, trial.Error)
					}
				}
			}
		}
	})
}

// orderly are the checks of order.
var orderly = []string{"state/newest-wins", "state/update-before-create", "state/stays-deleted"}

// TestOrderWithoutAWitness: what was not seen is not passed, and an answer that
// refuses is seen by everybody.
func TestOrderWithoutAWitness(t *testing.T) {
	c := provider(t, "shoptet")
	blind := func(r *receivers.Receiver) verifier.Options {
		o := inTime(options(c, r), r)
		o.Only = orderly
		return o
	}
	for _, row := range []struct {
		name   string
		defect receivers.Defect
		state  func(ev contracts.Event, state json.RawMessage) json.RawMessage // nil: nobody shows one
		want   verifier.Verdict
	}{
		{"right, unseen", receivers.None, nil, verifier.Inconclusive},
		{"wrong, unseen", receivers.LastWriteWins, nil, verifier.Inconclusive},
		{"refuses, unseen", receivers.RefusesOlderEvents, nil, verifier.Fail},
		{"the state is always the same", receivers.LastWriteWins, func(contracts.Event, json.RawMessage) json.RawMessage { return json.RawMessage(`{"known":true}`) }, verifier.Inconclusive},
		{"both changes look alike", receivers.LastWriteWins, func(_ contracts.Event, state json.RawMessage) json.RawMessage {
			return json.RawMessage(fmt.Sprintf(`{"changed":%t}`, !bytes.Contains(state, []byte(":create"))))
		}, verifier.Inconclusive},
		{"the state has a number of its own", receivers.None, counted(), verifier.Inconclusive},
		{"the state names the record", receivers.None, func(ev contracts.Event, state json.RawMessage) json.RawMessage {
			return json.RawMessage(strings.Replace(string(state), `{`, `{"link":"/shop/`+instanceOf(ev)+`/view",`, 1))
		}, verifier.Pass},
	} {
		virtualRun(t, row.name, func(t *testing.T) {
			r := receivers.New(c, row.defect, secretsOf(c)...)
			o := blind(r)
			inner := o.State
			o.State = nil
			if row.state != nil {
				o.State = verifier.StateFunc(func(ctx context.Context, ev contracts.Event, id string) (json.RawMessage, error) {
					state, err := inner.State(ctx, ev, id)
					if len(state) > 0 {
						state = row.state(ev, state)
					}
					return state, err
				})
			}
			got := run(t, o).Checks[1] // newest-wins; the baseline goes before
			if got.Verdict != row.want || got.Name != orderly[0] {
				t.Errorf("%s is judged %s: %s", got.Name, got.Verdict, got.Because)
			}
		})
	}
}

// counted adds a number to states that is another for each record.
func counted() func(contracts.Event, json.RawMessage) json.RawMessage {
	numbers := map[string]int{}
	return func(ev contracts.Event, state json.RawMessage) json.RawMessage {
		key := instanceOf(ev)
		if numbers[key] == 0 {
			numbers[key] = len(numbers) + 1
		}
		return json.RawMessage(strings.Replace(string(state), `{`, `{"row":`+string(rune('0'+numbers[key]%10))+`,`, 1))
	}
}

func instanceOf(ev contracts.Event) string {
	var body struct{ EventInstance string }
	_ = json.Unmarshal(ev.Body, &body)
	return body.EventInstance
}

// TestLateDuplicatesByTheContract: within the provider's retries a second effect
// fails, and where nobody says how long it retries it is advice.
func TestLateDuplicatesByTheContract(t *testing.T) {
	for _, row := range []struct {
		at, check string
		want      verifier.Verdict
		basis     verifier.Basis
	}{
		{"sellercenter", "state/duplicate-after-week", verifier.Fail, verifier.ByContract}, // 30 days, published
		{"shoptet", "state/duplicate-after-hour", verifier.Warn, verifier.ByPractice},      // half an hour
		{"xentral", "state/duplicate-after-week", verifier.Warn, verifier.ByPractice},      // nobody says
	} {
		virtualRun(t, row.at, func(t *testing.T) {
			c := provider(t, row.at)
			got := check(t, c, receivers.New(c, receivers.ForgetsWithinHour, secretsOf(c)...), row.check, 1)
			if got.Verdict != row.want || got.Basis != row.basis {
				t.Errorf("%s by %s: %s", got.Verdict, got.Basis, got.Because)
			}
		})
	}
}

// TestRealTimeIsNotSpent: without virtual time nobody waits for days, whoever
// asks.
func TestRealTimeIsNotSpent(t *testing.T) {
	c := provider(t, "shoptet")
	r := receivers.New(c, receivers.None, secretsOf(c)...)
	late := &verifier.Sequence{Provider: "shoptet", Check: anySequence, Steps: []verifier.SequenceStep{
		{ID: "e1", Event: "order:create", Body: `{"eshopId":1234,"event":"order:create","eventCreated":"2026-01-15T10:59:20+0100","eventInstance":"2026049161"}`, After: "25h"},
	}}
	o := options(c, r)
	o.Only = []string{"state/duplicate-after-day", "state/duplicate-after-restart", anySequence}
	o.Sequences = []*verifier.Sequence{late}
	for _, got := range run(t, o).Checks[1:] {
		if got.Verdict != verifier.Skip || got.Because == "" {
			t.Errorf("%s: %s %s", got.Name, got.Verdict, got.Because)
		}
	}
}

// TestSequencesOfOthersAreRefused: before anything is sent.
func TestSequencesOfOthersAreRefused(t *testing.T) {
	c := provider(t, "shoptet")
	o := options(c, receivers.New(c, receivers.None, secretsOf(c)...))
	for want, q := range map[string]*verifier.Sequence{
		`"xentral"`:     {Provider: "xentral", Check: anySequence},
		`"order:crate"`: {Provider: "shoptet", Check: anySequence, Steps: []verifier.SequenceStep{{ID: "a", Event: "order:crate"}}},
	} {
		o.Sequences = []*verifier.Sequence{q}
		if _, err := verifier.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %s, got %v", want, err)
		}
	}
}

func TestReadSequencesRefuses(t *testing.T) {
	const good = `{"provider":"p","contract":"c","seed":1,"check":"state/any-sequence","flaw":"twice","because":"b","steps":[{"id":"a","event":"e","body":"{}","after":"1h"}]}`
	if all, err := verifier.ReadSequences("f", []byte("\n"+good+"\n")); err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	for _, row := range []struct{ name, text, want string }{
		{"nothing", "\n \n", "no sequence"},
		{"no JSON", "{", "f:2:1"},
		{"a second one", good + "\n" + good, "f:2:1: a second"},
		{"no steps", strings.Replace(good, `[{"id":"a","event":"e","body":"{}","after":"1h"}]`, "[]", 1), "/steps"},
		{"an unknown member", strings.Replace(good, `"after"`, `"afer"`, 1), "/steps/0"},
		{"a check without sequences", strings.Replace(good, "state/any-sequence", "payload/size", 1), "payload/size"},
		{"a broken line further down", "\n\n" + good[:20], "f:3:21"},
		{"a body that is no JSON", strings.Replace(good, `"{}"`, `"[{}"`, 1), "/steps/0/body"},
		{"no duration", strings.Replace(good, `"1h"`, `"soon"`, 1), "soon"},
		{"an unknown flaw", strings.Replace(good, `"twice"`, `"odd"`, 1), "/flaw"},
	} {
		_, err := verifier.ReadSequences("f", []byte(row.text))
		var at *schema.Error
		place := ""
		if errors.As(err, &at) {
			place = at.Pointer
		}
		if err == nil || !strings.Contains(err.Error()+place, row.want) {
			t.Errorf("%s: want %q, got %v", row.name, row.want, err)
		}
	}
}

// FuzzReadSequences: a file is somebody else's, and never ends in a panic.
func FuzzReadSequences(f *testing.F) {
	f.Add([]byte(`{"provider":"p","contract":"c","seed":1,"check":"state/any-sequence","flaw":"twice","because":"b","steps":[{"id":"a","event":"sold","raw":"AA==","edits":{"/a":1}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := verifier.ReadSequences("f", text)
		if (err == nil) != (len(all) > 0) {
			t.Errorf("%d, %v", len(all), err)
		}
	})
}

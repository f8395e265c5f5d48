package mockserver

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestScheduleAsJSON(t *testing.T) {
	const text = `{"name":"orders","label":"tc-17","seed":7,"start":"2026-01-01T00:00:00Z","catchUp":true,` +
		`"mix":[{"provider":"shop","event":"sold","endpoint":"till","weight":3},{"event":"returned"}],` +
		`"ramp":{"from":1,"to":20,"over":"1d12h"},"poisson":true,"jitter":"250ms","count":1000,"for":"2h"}`
	var s Schedule
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	want := Schedule{
		Name: "orders", Label: "tc-17", Seed: 7, Start: newYear, CatchUp: true,
		Mix: Mix{{Provider: "shop", Event: "sold", Endpoint: "till", Weight: 3}, {Event: "returned"}},
		Pattern: Pattern{
			Ramp:    &Ramp{From: 1, To: 20, Over: Duration(36 * time.Hour)},
			Poisson: true, Jitter: Duration(250 * time.Millisecond), Count: 1000, For: Duration(2 * time.Hour),
		},
	}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Error(diff)
	}
	if again, err := json.Marshal(s); err != nil || string(again) != text {
		t.Errorf("%s, %v", again, err)
	}
}

func TestScheduleCheck(t *testing.T) {
	hour := Duration(time.Hour)
	for _, row := range []struct {
		name             string
		pattern          Pattern
		pointer, message string
	}{
		{"nothing", Pattern{}, "", "nothing says when"},
		{"two kinds", Pattern{Every: hour, Rate: 1}, "/rate", "exclude each other"},
		{"negative every", Pattern{Every: -1}, "/every", "longer than nothing"},
		{"every century", Pattern{Every: Duration(math.MaxInt64)}, "/every", "longer than any schedule"},
		{"negative rate", Pattern{Rate: -1}, "/rate", "is no rate"},
		{"rate that is none", Pattern{Rate: math.NaN()}, "/rate", "is no rate"},
		{"endless rate", Pattern{Rate: math.Inf(1)}, "/rate", "is no rate"},
		{"poisson of what", Pattern{Every: hour, Poisson: true}, "/poisson", "needs a rate"},
		{"zone of what", Pattern{Every: hour, Zone: "UTC"}, "/zone", "only a cron line"},
		{"cron of four", Pattern{Cron: "* * * *"}, "/cron", "is no cron line"},
		{"cron of six", Pattern{Cron: "* * * * * *"}, "/cron", "is no cron line"},
		{"cron out of range", Pattern{Cron: "61 * * * *"}, "/cron", "is no cron line"},
		{"cron with a zone", Pattern{Cron: "TZ=Europe/Prague * * * * *"}, "/cron", "no time zone"},
		{"cron as interval", Pattern{Cron: "@every 5m"}, "/cron", "is an interval"},
		{"cron that never fires", Pattern{Cron: "0 0 30 2 *"}, "/cron", "never fires"},
		{"long cron", Pattern{Cron: strings.Repeat("1,", 100_000) + "2 * * * *"}, "/cron", "is no cron line"},
		{"unknown zone", Pattern{Cron: "@daily", Zone: "Europe/Praha"}, "/zone", "is no time zone"},
		{"zone as path", Pattern{Cron: "@daily", Zone: "../../etc/passwd"}, "/zone", "is no time zone"},
		{"local zone", Pattern{Cron: "@daily", Zone: "Local"}, "/zone", "another zone on each machine"},
		{"ramp of nothing", Pattern{Ramp: &Ramp{Over: hour}}, "/ramp/to", "sends nothing"},
		{"ramp at once", Pattern{Ramp: &Ramp{To: 1}}, "/ramp/over", "longer than nothing"},
		{"ramp below nothing", Pattern{Ramp: &Ramp{From: 1, To: -1, Over: hour}}, "/ramp/to", "is no rate"},
		{"burst of none", Pattern{Burst: &Burst{Every: hour}}, "/burst/size", "no size"},
		{"burst of once", Pattern{Burst: &Burst{Size: 3}}, "/burst/every", "longer than nothing"},
		{"empty trace", Pattern{Trace: &Trace{}}, "/trace/offsets", "from 1 to"},
		{"trace backwards", Pattern{Trace: &Trace{Offsets: []Duration{2, 1}}}, "/trace/offsets/1", "1ns does not come after 2ns"},
		{"trace before its start", Pattern{Trace: &Trace{Offsets: []Duration{-1}}}, "/trace/offsets/0", "does not come after"},
		{"trace of no speed", Pattern{Trace: &Trace{Offsets: []Duration{1}, Speed: -2}}, "/trace/speed", "is no speed"},
		{"negative jitter", Pattern{Every: hour, Jitter: -1}, "/jitter", "longer than nothing"},
		{"negative limit", Pattern{Every: hour, For: -1}, "/for", "longer than nothing"},
	} {
		t.Run(row.name, func(t *testing.T) {
			wantProblem(t, row.pattern.Check(), row.pointer, row.message)
			for range row.pattern.Times(newYear, 1, 0) {
				t.Error("it has times")
				break
			}
		})
	}
	for name, row := range map[string]struct {
		schedule         Schedule
		pointer, message string
	}{
		"no name":     {Schedule{}, "/name", "needs a name"},
		"long name":   {Schedule{Name: strings.Repeat("n", 65)}, "/name", "longer than"},
		"dot":         {Schedule{Name: "a.b"}, "/name", `holds '.'`},
		"sign":        {Schedule{Name: "-a"}, "/name", "begins with a sign"},
		"line ending": {Schedule{Name: "a\nb"}, "/name", `holds '\n'`},
		"weight":      {Schedule{Name: "a", Mix: Mix{{}, {Weight: -1}}}, "/mix/1/weight", "is no weight"},
		"pattern":     {Schedule{Name: "a"}, "", "nothing says when"},
	} {
		t.Run(name, func(t *testing.T) { wantProblem(t, row.schedule.Check(), row.pointer, row.message) })
	}
}

func wantProblem(t *testing.T, err error, pointer, message string) {
	t.Helper()
	var problem *ScheduleError
	if !errors.As(err, &problem) {
		t.Fatalf("%v is no *ScheduleError", err)
	}
	if problem.Pointer != pointer || !strings.Contains(problem.Message, message) || len(problem.Error()) > 300 {
		t.Errorf("%v; want %q at %q", problem, message, pointer)
	}
}

func TestMix(t *testing.T) {
	m := Mix{{Event: "a", Weight: 3}, {Event: "b"}, {Event: "c", Weight: 0.5}}
	const n = 90_000
	counts := map[string]float64{}
	for i := range uint64(n) {
		counts[m.Pick(5, i).Event]++
	}
	for event, share := range map[string]float64{"a": 3 / 4.5, "b": 1 / 4.5, "c": 0.5 / 4.5} {
		if got := counts[event] / n; math.Abs(got-share) > 0.006 {
			t.Errorf("%s: %v of all, want %v", event, got, share)
		}
	}
	same := 0
	for i := range uint64(1000) {
		if m.Pick(5, i) != m.Pick(5, i) {
			t.Fatal("a pick is not one of its seed and index")
		}
		if m.Pick(5, i) == m.Pick(6, i) {
			same++
		}
	}
	if same > 700 {
		t.Errorf("two seeds pick the same %d times in 1000", same)
	}
	if got := (Mix)(nil).Pick(1, 1); got != (Share{}) {
		t.Error(got)
	}
}

func TestRecordedTrace(t *testing.T) {
	j := NewMemory()
	at := func(s int) time.Time { return newYear.Add(time.Duration(s) * time.Second) }
	err := j.Append(t.Context(), Entry{Kind: EntryQueued, At: at(5)}, Entry{Kind: EntryIntent, At: at(6)},
		Entry{Kind: EntryQueued, At: at(9)}, Entry{Kind: EntryQueued, At: at(7)})
	if err != nil {
		t.Fatal(err)
	}
	trace, err := RecordedTrace(j.Entries(t.Context(), 0))
	if err != nil {
		t.Fatal(err)
	}
	want := &Trace{Offsets: []Duration{0, Duration(2 * time.Second), Duration(4 * time.Second)}}
	if diff := cmp.Diff(want, trace); diff != "" {
		t.Error(diff)
	}
}

// Whatever stands in a pattern, it is refused or has times in order.
func FuzzSchedule(f *testing.F) {
	for _, seed := range []string{
		`{"name":"a","every":"10s","jitter":"3s","count":5}`, `{"name":"a","cron":"*/15 8-18 * * 1-5","zone":"Europe/Prague"}`,
		`{"name":"a","rate":1e-300,"poisson":true}`, `{"name":"a","rate":5e-324}`, `{"name":"a","ramp":{"from":1e6,"to":1e-9,"over":"1ns"}}`,
		`{"name":"a","burst":{"size":18446744073709551615,"every":"1ns"}}`, `{"name":"a","trace":{"offsets":["1s","1s","2s"],"speed":1e-6}}`,
		`{"name":"a","cron":"@reboot"}`, `{"name":"a","cron":"0 0 29 2 1"}`, `{"name":"a","rate":1,"mix":[{"weight":1e9},{"weight":1e-320}]}`,
	} {
		f.Add([]byte(seed), uint64(3))
	}
	f.Fuzz(func(t *testing.T, text []byte, from uint64) {
		var s Schedule
		if json.Unmarshal(text, &s) != nil {
			return
		}
		err := s.Check()
		if s.Cron != "" {
			from %= 10_000 // the way there leads over each firing
		}
		last, n := newYear, 0
		for index, at := range s.Times(newYear, s.Seed, from) {
			if err == nil && (at.Before(last) || index != from+uint64(n)) {
				t.Fatalf("%d: %v after %v", index, at, last)
			}
			last = at
			s.Mix.Pick(s.Seed, index)
			if n++; n == 300 {
				break
			}
		}
		if err != nil {
			return
		}
		again, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var same Schedule
		if err := json.Unmarshal(again, &same); err != nil {
			t.Fatal(err)
		}
		if twice, err := json.Marshal(same); err != nil || string(twice) != string(again) {
			t.Fatalf("%s became %s, %v", again, twice, err)
		}
	})
}

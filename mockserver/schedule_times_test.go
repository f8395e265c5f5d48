package mockserver

import (
	"cmp"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// offsets are the first n of a pattern, from an index on.
func offsets(t interface{ Fatal(...any) }, p Pattern, seed, from uint64, n int) []time.Duration {
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	var all []time.Duration
	want := from
	for index, at := range p.Times(newYear, seed, from) {
		if len(all) == n {
			break
		}
		if index != want {
			t.Fatal("index", index, "in place of", want)
		}
		want++
		all = append(all, at.Sub(newYear))
	}
	return all
}

func TestTimes(t *testing.T) {
	const s = time.Second
	for _, row := range []struct {
		name    string
		pattern Pattern
		want    []time.Duration // of the first ten
	}{
		{"every", Pattern{Every: Duration(10 * s), Count: 3}, []time.Duration{0, 10 * s, 20 * s}},
		{"for excludes its end", Pattern{Every: Duration(10 * s), For: Duration(20 * s)}, []time.Duration{0, 10 * s}},
		{"cron", Pattern{Cron: "*/30 * * * *", Count: 3}, []time.Duration{0, 1800 * s, 3600 * s}},
		{"rate", Pattern{Rate: 4, Count: 4}, []time.Duration{0, s / 4, s / 2, 3 * s / 4}},
		{"slow rate", Pattern{Rate: 1.0 / 3600, Count: 3}, []time.Duration{0, 3600 * s, 7200 * s}},
		{"burst", Pattern{Burst: &Burst{Size: 2, Every: Duration(s)}, Count: 5}, []time.Duration{0, 0, s, s, 2 * s}},
		{"trace", Pattern{Trace: &Trace{Offsets: []Duration{0, Duration(s), Duration(s), Duration(5 * s)}}}, []time.Duration{0, s, s, 5 * s}},
		{"fast trace", Pattern{Trace: &Trace{Offsets: []Duration{0, Duration(s), Duration(5 * s)}, Speed: 2}}, []time.Duration{0, s / 2, 5 * s / 2}},
		{"ramp up from nothing", Pattern{Ramp: &Ramp{To: 2, Over: Duration(4 * s)}, Count: 7}, // t², then 2 a second
			[]time.Duration{0, 2 * s, 2828427124, 3464101615, 4 * s, 4500 * time.Millisecond, 5 * s}},
		{"ramp down to nothing", Pattern{Ramp: &Ramp{From: 2, To: 0, Over: Duration(4 * s)}},
			[]time.Duration{0, 535898384, 1171572875, 2 * s, 4 * s}},
		{"flat ramp", Pattern{Ramp: &Ramp{From: 2, To: 2, Over: Duration(s)}, Count: 4}, []time.Duration{0, s / 2, s, 3 * s / 2}},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := offsets(t, row.pattern, 1, 0, 10)
			near := func(a, b time.Duration) bool { return (a - b).Abs() <= 2 } // nanoseconds: compilers may fuse operations
			if !slices.EqualFunc(got, row.want, near) {
				t.Errorf("%v, want %v", got, row.want)
			}
		})
	}
}

// drawPattern is any valid pattern.
func drawPattern(t *rapid.T) Pattern {
	duration := func(name string, least time.Duration) Duration {
		return Duration(rapid.Int64Range(int64(least), int64(time.Hour)).Draw(t, name))
	}
	rate := rapid.Float64Range(0.01, 10_000)
	var p Pattern
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		p.Every = duration("every", 1)
	case 1:
		p.Cron = rapid.SampledFrom([]string{"* * * * *", "*/7 * * * *", "30 2 * * *", "@hourly"}).Draw(t, "cron")
		p.Zone = rapid.SampledFrom([]string{"", "Europe/Prague", "Australia/Lord_Howe"}).Draw(t, "zone")
	case 2:
		p.Rate = rate.Draw(t, "rate")
	case 3:
		p.Ramp = &Ramp{From: rate.Draw(t, "from"), To: rapid.SampledFrom([]float64{0, 1, 500}).Draw(t, "to"), Over: duration("over", 1)}
	case 4:
		p.Burst = &Burst{Size: rapid.Uint64Range(1, 50).Draw(t, "size"), Every: duration("every", 1)}
	case 5:
		list := rapid.SliceOfN(rapid.Int64Range(0, int64(time.Hour)), 1, 300).Draw(t, "trace")
		slices.Sort(list)
		p.Trace = &Trace{Speed: rapid.SampledFrom([]float64{0, 0.5, 3}).Draw(t, "speed")}
		for _, d := range list {
			p.Trace.Offsets = append(p.Trace.Offsets, Duration(d))
		}
	}
	p.Poisson = (p.Rate > 0 || p.Ramp != nil) && rapid.Bool().Draw(t, "poisson")
	if rapid.Bool().Draw(t, "jittered") {
		p.Jitter = duration("jitter", 0)
	}
	if rapid.Bool().Draw(t, "counted") {
		p.Count = rapid.Uint64Range(1, 400).Draw(t, "count")
	}
	if rapid.Bool().Draw(t, "limited") {
		p.For = duration("for", 1)
	}
	return p
}

func TestTimesOfAnyPattern(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPattern(t)
		seed := rapid.Uint64().Draw(t, "seed")
		const n = 600
		all := offsets(t, p, seed, 0, n)

		if !slices.IsSorted(all) {
			t.Fatal("not in order:", all)
		}
		if p.Count > 0 && uint64(len(all)) > p.Count {
			t.Fatalf("%d times, the limit is %d", len(all), p.Count)
		}
		if last := len(all) - 1; p.For > 0 && last >= 0 && all[last] >= time.Duration(p.For)+time.Duration(p.Jitter) {
			t.Fatalf("%v is too late", all[last])
		}

		from := rapid.IntRange(0, n-1).Draw(t, "from")
		if rest, want := offsets(t, p, seed, uint64(from), n-from), all[min(from, len(all)):]; !slices.Equal(rest, want) {
			t.Fatalf("from %d on:\n     %v\nwant %v", from, rest, want)
		}

		plain := p
		plain.Jitter = 0
		for i, at := range offsets(t, plain, seed, 0, n) {
			if late := all[i] - at; late < 0 || late > time.Duration(p.Jitter) {
				t.Fatalf("time %d is off by %v, the jitter is %v", i, late, p.Jitter)
			}
		}
	})
}

// Jitter fills its bounds: up to what was asked for, or to the next time.
func TestJitter(t *testing.T) {
	for _, row := range []struct{ jitter, every, most time.Duration }{
		{time.Second, 10 * time.Second, time.Second},
		{time.Hour, 10 * time.Second, 10 * time.Second},
	} {
		sum, largest := time.Duration(0), time.Duration(0)
		const n = 10_000
		for i, at := range offsets(t, Pattern{Every: Duration(row.every), Jitter: Duration(row.jitter)}, 5, 0, n) {
			late := at - time.Duration(i)*row.every
			sum, largest = sum+late, max(largest, late)
		}
		if mean := sum / n; (mean-row.most/2).Abs() > row.most/50 || largest < row.most*99/100 {
			t.Errorf("%+v: mean %v, largest %v", row, mean, largest)
		}
	}
	burst := offsets(t, Pattern{Burst: &Burst{Size: 5, Every: Duration(time.Minute)}, Jitter: Duration(time.Minute)}, 5, 0, 500)
	for i := range burst {
		if burst[i] != burst[i/5*5] {
			t.Fatal("a burst falls apart:", burst[i/5*5:i+1])
		}
	}
	if burst[0] == 0 && burst[5] == time.Minute {
		t.Error("bursts have no jitter")
	}
}

// The arrivals of a Poisson process: their number in a stretch has mean and
// variance alike, their gaps are exponential, and that at any index.
func TestPoissonArrivals(t *testing.T) {
	const n = 200_000
	for _, from := range []uint64{0, 255, 1 << 20, 1<<40 + 77} {
		p := poisson{seed: 3}
		before := 0.0
		if from > 0 {
			before, _ = p.at(from - 1)
			if drift := math.Abs(before - float64(from)); drift > 5*math.Sqrt(float64(from)) {
				t.Errorf("arrival %d comes at %v", from, before)
			}
		}
		first := before
		var sum, squares, long float64
		counts := map[int]float64{}
		for i := range uint64(n) {
			at, ok := p.at(from + i)
			if !ok || at < before {
				t.Fatalf("arrival %d at %v comes after %v", from+i, at, before)
			}
			gap := at - before
			sum, squares = sum+gap, squares+gap*gap
			if gap > 3 {
				long++
			}
			counts[int((at-first)/50)]++
			before = at
		}
		within := func(what string, got, want, tolerance float64) {
			if math.Abs(got-want) > tolerance {
				t.Errorf("from %d: %s is %v, want %v", from, what, got, want)
			}
		}
		mean := sum / n
		within("the mean gap", mean, 1, 0.012)
		within("the variance of gaps", squares/n-mean*mean, 1, 0.03)
		within("the share of gaps above 3", long/n, math.Exp(-3), 0.0015)
		var spread, stretches float64
		for _, c := range counts {
			spread, stretches = spread+(c-50)*(c-50), stretches+1
		}
		within("the variance of counts", spread/stretches, 50, 6)
	}
	p := poisson{seed: 3}
	if _, ok := p.at(1 << 48); ok {
		t.Error("an arrival beyond the last")
	}
}

// What is drawn again alone is what was drawn in a row.
func TestPoissonAtAnyIndex(t *testing.T) {
	row := poisson{seed: 9}
	var all []float64
	for i := range uint64(70_000) {
		at, _ := row.at(i)
		all = append(all, at)
	}
	rapid.Check(t, func(t *rapid.T) {
		alone := poisson{seed: 9}
		i := rapid.IntRange(0, len(all)-1).Draw(t, "index")
		if at, _ := alone.at(uint64(i)); at != all[i] {
			t.Fatalf("arrival %d at %v, in a row at %v", i, at, all[i])
		}
	})
}

// The rate of a ramp, added up, is the number of events, with chance and without.
func TestRampAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Ramp{
			From: rapid.Float64Range(0, 50).Draw(t, "from"), To: rapid.Float64Range(0.1, 50).Draw(t, "to"),
			Over: Duration(rapid.Int64Range(int64(time.Second), int64(5*time.Minute)).Draw(t, "over")),
		}
		p := Pattern{Ramp: &r, For: r.Over, Poisson: rapid.Bool().Draw(t, "poisson")}
		want := (r.From + r.To) / 2 * time.Duration(r.Over).Seconds()
		tolerance := 1.5
		if p.Poisson {
			tolerance += 6 * math.Sqrt(want)
		}
		got := offsets(t, p, rapid.Uint64().Draw(t, "seed"), 0, math.MaxInt)
		if math.Abs(float64(len(got))-want) > tolerance {
			t.Fatalf("%d events, want %v", len(got), want)
		}
		half := time.Duration(r.Over) / 2
		early, _ := slices.BinarySearchFunc(got, half, cmp.Compare[time.Duration])
		if want := (r.From + (r.From+r.To)/2) / 2 * half.Seconds(); math.Abs(float64(early)-want) > tolerance {
			t.Fatalf("%d events in the first half, want %v", early, want)
		}
	})
}

// A day of a thousand a second ends where it should.
func TestNoDrift(t *testing.T) {
	const n = 86_400_000
	for i, at := range (&Pattern{Rate: 1000}).Times(newYear, 0, n) {
		if off := at.Sub(newYear.Add(24 * time.Hour)); i != n || off.Abs() > 1 {
			t.Errorf("event %d is off by %v", i, off)
		}
		break
	}
}

func TestFarIndexes(t *testing.T) {
	for _, p := range []Pattern{
		{Every: 1}, {Rate: maxRate}, {Rate: maxRate, Poisson: true}, {Burst: &Burst{Size: 1, Every: 1}},
		{Ramp: &Ramp{From: 1, To: 2, Over: 1}}, {Trace: &Trace{Offsets: []Duration{0}}},
	} {
		if got := offsets(t, p, 0, math.MaxUint64-1, 3); len(got) != 0 {
			t.Errorf("%+v: %v", p, got)
		}
	}
}

func BenchmarkTimes(b *testing.B) {
	for name, p := range map[string]Pattern{
		"rate": {Rate: 1000}, "poisson": {Rate: 1000, Poisson: true}, "jitter": {Rate: 1000, Jitter: Duration(time.Millisecond)},
	} {
		b.Run(name, func(b *testing.B) {
			c, err := p.cursor(newYear, 1, 0)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				c.next()
			}
		})
	}
}

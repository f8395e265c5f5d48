package shop_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/hookrig/hookrig/faker/shop"
)

const day = 24 * 3_600_000

// live runs a shop for some days, a window at a time.
func live(o shop.Options, days int, window int64, see func(*shop.Step)) *shop.Shop {
	o.Words = town{}
	s := shop.New(o)
	for t := s.Opened() + window; t <= s.Opened()+int64(days)*day; t += window {
		for i := range shop.Shards {
			for _, st := range s.Advance(i, t) {
				see(&st)
			}
		}
	}
	return s
}

// In a month everything happens that can.
func TestEverythingHappens(t *testing.T) {
	counts := map[string]int{}
	all := 0
	live(shop.Options{Seed: 1}, 30, day, func(s *shop.Step) { counts[s.Action.Name]++; all++ })
	for _, a := range shop.Actions() {
		if counts[a.Name] == 0 {
			t.Errorf("%s did not happen", a.Name)
		}
		t.Logf("%6d %s", counts[a.Name], a.Name)
	}
	t.Logf("%6d steps", all)
}

// The steps do not depend on how far a shop is played at once, nor on the order
// of its shards, and no step is changed after it was handed out.
func TestWindowsDoNotMatter(t *testing.T) {
	o := shop.Options{Seed: 4, Orders: 60}
	spell := func(st *shop.Step) string {
		text := fmt.Sprint(st.At, st.Action.Name, st.Shard, st.Seq)
		for i := range st.Action.Kinds {
			text += fmt.Sprint(" ", st.Of[i].Base())
			if x, ok := st.Of[i].(*shop.Order); ok {
				text += fmt.Sprint(x.Status, x.Paying, x.Paid, len(x.Packages))
				for _, it := range x.Items {
					text += it.Status
				}
			}
		}
		return text
	}
	collect := func(window int64) map[int][]string {
		all := map[int][]string{}
		var kept []*shop.Step
		live(o, 6, window, func(s *shop.Step) {
			c := *s
			all[s.Shard] = append(all[s.Shard], spell(&c))
			kept = append(kept, &c)
		})
		after := map[int]int{}
		for _, s := range kept {
			if was := all[s.Shard][after[s.Shard]]; was != spell(s) {
				t.Fatalf("a step was changed:\n%s\n%s", was, spell(s))
			}
			after[s.Shard]++
		}
		return all
	}
	days, hours := collect(day), collect(day/24)
	for i := range shop.Shards {
		if len(days[i]) != len(hours[i]) {
			t.Errorf("shard %d: %d steps and %d", i, len(days[i]), len(hours[i]))
			continue
		}
		for j := range days[i] {
			if days[i][j] != hours[i][j] {
				t.Fatalf("shard %d, step %d:\n%s\n%s", i, j, days[i][j], hours[i][j])
			}
		}
	}
}

// A shop that has lived for long needs no more memory than a young one.
func TestMemoryIsBounded(t *testing.T) {
	heap := func(s *shop.Shop) uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		runtime.KeepAlive(s)
		return m.HeapAlloc
	}
	s := shop.New(shop.Options{Words: town{}, Orders: 60})
	at := s.Opened()
	pass := func(days int64) {
		for range days {
			at += day
			for i := range shop.Shards {
				s.Advance(i, at)
			}
		}
	}
	pass(60)
	young := heap(s)
	pass(180)
	if old := heap(s); old > young*3/2 {
		t.Errorf("%d KiB after 60 days, %d KiB after 240", young>>10, old>>10)
	} else {
		t.Logf("%d KiB after 60 days, %d KiB after 240", young>>10, old>>10)
	}
}

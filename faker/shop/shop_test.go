package shop_test

import (
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

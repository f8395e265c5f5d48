package audit_test

import (
	"cmp"
	"os"
	"slices"
	"testing"

	"github.com/hookrig/hookrig/faker/audit"
	"github.com/hookrig/hookrig/faker/shop"
)

const day = 24 * 3_600_000

// steps are what happens in some days, in order.
func steps(o shop.Options, days int64) (opened int64, all []shop.Step) {
	o.Words = town{}
	s := shop.New(o)
	for i := range shop.Shards {
		all = append(all, s.Advance(i, s.Opened()+days*day)...)
	}
	slices.SortStableFunc(all, func(a, b shop.Step) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Shard, b.Shard)) })
	return s.Opened(), all
}

// The audit knows nothing of the shop's inside, and finds nothing wrong with it.
func TestShopMakesSense(t *testing.T) {
	days := int64(8)
	if os.Getenv("HOOKRIG_FULL") != "" {
		days = 90
	}
	for seed := range uint64(1) {
		opened, all := steps(shop.Options{Seed: seed, Orders: 60}, days)
		a := audit.New(opened)
		for i := range all {
			a.See(audit.OfStep(&all[i]))
		}
		rules := map[string]int{}
		for _, v := range a.Violations() {
			if rules[v.Rule]++; rules[v.Rule] < 4 {
				t.Errorf("seed %d: %s", seed, v)
			}
		}
		t.Logf("%d steps, %d violations %v", len(all), a.Count(), rules)
	}
}

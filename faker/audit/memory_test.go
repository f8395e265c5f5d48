package audit_test

import (
	"testing"

	"github.com/hookrig/hookrig/faker/audit"
	"github.com/hookrig/hookrig/faker/shop"
)

// What is forgotten is not held against what comes later, and what is remembered
// is bounded, whatever the length of the stream.
func TestForgetting(t *testing.T) {
	opened, all := steps(shop.Options{Seed: 5, Orders: 40}, 6)
	for _, most := range []int{1, 300} {
		a := audit.NewSmall(opened, most)
		for i := range all {
			a.See(audit.OfStep(&all[i]))
			if n, names := a.Size(); n > most || names > 6*most {
				t.Fatalf("%d entities under %d names are remembered, and %d is the bound", n, names, most)
			}
		}
		if a.Forgotten() == 0 {
			t.Errorf("with room for %d nothing was forgotten", most)
		}
		for _, v := range a.Violations()[:min(3, a.Count())] {
			t.Errorf("with room for %d: %s", most, v)
		}
	}
}

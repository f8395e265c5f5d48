package faker

import (
	"os"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts/catalog"
)

// What is left out of the built-in contracts are rules inside alternatives
// that nothing tells apart, and that is all.
func TestUnbreakable(t *testing.T) {
	broken, left := 0, 0
	for _, provider := range catalog.Names {
		c, err := catalog.Load(provider)
		if err != nil {
			t.Fatal(err)
		}
		w := newSetting(Options{Seed: 2})
		for i, et := range c.EventTypes() {
			if i%3 != 0 && os.Getenv("HOOKRIG_FULL") == "" {
				continue
			}
			s, err := et.Schema()
			if err != nil {
				t.Fatal(err)
			}
			whole, err := newPlan(s, et.Name(), w, Options{Shape: Full}, newWorkshop())
			if err != nil {
				t.Fatal(err)
			}
			all, rest := newBreaker(s, w).breakages(func(n uint64) []byte { return whole.body(w, nil, n, nil) })
			broken += len(all)
			left += len(rest)
			for _, u := range rest {
				t.Logf("%s: %s: %s", et.Name(), u.key, u.reason)
				if !strings.Contains(u.reason, "alternative") && !strings.Contains(u.reason, "also breaks") {
					t.Errorf("%s: %s is left out: %s", et.Name(), u.key, u.reason)
				}
			}
		}
	}
	t.Logf("%d broken, %d left out", broken, left)
	if left > 40 {
		t.Errorf("%d are left out", left)
	}
}

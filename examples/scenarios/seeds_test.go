//go:build !race

package scenarios_test

import (
	"os"
	"testing"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
)

// A story can be told with any seed: the dice decide when something happens, not
// whether. It is one goroutine and long work, so not under the race detector.
func TestAnySeed(t *testing.T) {
	last := uint64(20)
	if os.Getenv("HOOKRIG_FULL") != "" {
		last = 200
	}
	for _, name := range names(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := load(t, name)
			c, err := catalog.Load(s.Providers[0])
			if err != nil {
				t.Fatal(err)
			}
			for seed := uint64(1); seed <= last; seed++ {
				if _, err := s.Plan([]*contracts.Contract{c}, seed); err != nil {
					t.Errorf("seed %d: %v", seed, err)
				}
			}
		})
	}
}

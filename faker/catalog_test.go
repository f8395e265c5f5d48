package faker_test

import (
	"os"
	"sync"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/faker"
)

// Every event of every built-in contract keeps its contract and makes sense, in
// every shape and locale: under one seed, or with HOOKRIG_FULL=1 under 200.
// The sense is judged by somebody who does not know how values are made.
func TestCatalogIsValidAndMakesSense(t *testing.T) {
	computesAlone(t)
	seeds := uint64(1)
	if whole() {
		seeds = 200
	}
	run := &catalogRun{begin: time.Now(), letters: map[string]map[rune]bool{}}
	t.Run("all", func(t *testing.T) {
		for _, provider := range catalog.Names {
			c, err := catalog.Load(provider)
			if err != nil {
				t.Fatal(err)
			}
			for _, locale := range faker.Locales() {
				for _, shape := range []faker.Shape{faker.Minimal, faker.Typical, faker.Full} {
					t.Run(provider+" "+locale+" "+string(shape), func(t *testing.T) {
						t.Parallel()
						for seed := range seeds {
							run.under(t, c, faker.Options{Seed: seed, Shape: shape, Locale: locale})
						}
					})
				}
			}
		}
	})
	t.Logf("%d events, %d bytes, in %v", run.events, run.bytes, time.Since(run.begin).Round(time.Second))
	for _, locale := range faker.Locales() {
		if want := len([]rune(diacritics[locale])); len(run.letters[locale])*2 < want {
			t.Errorf("%s: of %d letters with diacritics only %d are used", locale, want, len(run.letters[locale]))
		}
	}
}

// whole: nothing is left out, however long it takes.
func whole() bool { return os.Getenv("HOOKRIG_FULL") != "" }

type catalogRun struct {
	begin time.Time

	mu            sync.Mutex
	events, bytes int
	letters       map[string]map[rune]bool
}

// under makes one event of each type. What New has proven are the first
// ordinals; this is another.
func (r *catalogRun) under(t *testing.T, c *contracts.Contract, o faker.Options) {
	t.Helper()
	f, err := faker.New(c, o)
	if err != nil {
		t.Fatal(err)
	}
	var body []byte
	for _, et := range c.EventTypes() {
		body = f.Append(body[:0], et, 1000+o.Seed)
		if found, err := et.Validate(body); err != nil || len(found) > 0 {
			t.Fatalf("%s: %v %v\n%s", f.Command(et.Name(), faker.Nth(1000+o.Seed)), found, err, body)
		}
		j := judgeSense(o.Locale, et.Name(), body)
		for _, wrong := range j.found {
			t.Errorf("%s\n%s", f.Command(et.Name(), faker.Nth(1000+o.Seed)), wrong)
		}
		r.count(o.Locale, len(body), j.letters)
	}
}

func (r *catalogRun) count(locale string, size int, letters map[rune]bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events++
	r.bytes += size
	if r.letters[locale] == nil {
		r.letters[locale] = map[rune]bool{}
	}
	for l := range letters {
		r.letters[locale][l] = true
	}
}

package faker_test

import (
	"testing"

	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/faker"
)

// Every event of every built-in contract, in every shape and locale, keeps its
// schema.
func TestCatalogIsValid(t *testing.T) {
	seeds := uint64(3)
	if testing.Short() {
		seeds = 1
	}
	for _, provider := range catalog.Names {
		c, err := catalog.Load(provider)
		if err != nil {
			t.Fatal(err)
		}
		for _, shape := range []faker.Shape{faker.Minimal, faker.Typical, faker.Full} {
			for _, locale := range faker.Locales() {
				for seed := range seeds {
					f, err := faker.New(c, faker.Options{Seed: seed, Shape: shape, Locale: locale})
					if err != nil {
						t.Errorf("%s %s %s: %v", provider, shape, locale, err)
						continue
					}
					for _, et := range c.EventTypes() {
						for n := range uint64(5) {
							body := f.Append(nil, et, n)
							if found, err := et.Validate(body); err != nil || len(found) > 0 {
								t.Fatalf("%s %s: %v %v\n%s", provider, et.Name(), found, err, body)
							}
						}
					}
				}
			}
		}
	}
}

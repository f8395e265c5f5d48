package faker_test

import (
	"testing"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/faker"
)

// everything are the built-in contracts.
func everything(t testing.TB) []*contracts.Contract {
	t.Helper()
	var all []*contracts.Contract
	for _, name := range catalog.Names {
		c, err := catalog.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

// BenchmarkWorld compares the events of a world with plain events of the same
// types: ns/op of the two, in one run.
func BenchmarkWorld(b *testing.B) {
	all := everything(b)
	w, err := faker.NewWorld(all, faker.WorldOptions{Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	fakers := map[*contracts.Contract]*faker.Faker{}
	for _, c := range all {
		if fakers[c], err = faker.New(c, faker.Options{}); err != nil {
			b.Fatal(err)
		}
	}
	var types []*contracts.EventType
	for e := range w.Events() {
		if types = append(types, e.Event.Type); len(types) == 20_000 {
			break
		}
	}
	b.Run("world", func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for range w.Events() {
			if n++; n >= b.N {
				break
			}
		}
	})
	b.Run("plain", func(b *testing.B) {
		b.ReportAllocs()
		for i := range b.N {
			t := types[i%len(types)]
			fakers[t.Contract()].Append(make([]byte, 0, 256), t, uint64(i))
		}
	})
}

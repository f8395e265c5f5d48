package contracts_test

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/faker"
)

// largest are one event of each contract, with everything in it.
func largest(b *testing.B, do func(name string, c *contracts.Contract, ev contracts.Event)) {
	eachContract(b, faker.Full, func(c *contracts.Contract, f *faker.Faker) {
		var ev contracts.Event
		for _, et := range c.EventTypes() {
			if body := f.Append(nil, et, 0); len(body) > len(ev.Body) {
				ev = contracts.Event{Type: et, Body: body}
			}
		}
		do(c.Provider(), c, ev)
	})
}

func BenchmarkSeal(b *testing.B) {
	largest(b, func(name string, c *contracts.Contract, ev contracts.Event) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(ev.Body)))
			for b.Loop() {
				if _, err := c.Seal(ev, sending); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}

func BenchmarkOpen(b *testing.B) {
	largest(b, func(name string, c *contracts.Contract, ev contracts.Event) {
		r, err := c.Seal(ev, sending)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(ev.Body)))
			for b.Loop() {
				if got, err := c.Open(r, opening); err != nil || !got.OK() {
					b.Fatal(got, err)
				}
			}
		})
		b.Run(name+"/schema", func(b *testing.B) { // the part that the schema takes
			b.ReportAllocs()
			for b.Loop() {
				if v, err := ev.Type.Validate(ev.Body); err != nil || len(v) > 0 {
					b.Fatal(v, err)
				}
			}
		})
	})
}

func BenchmarkLoad(b *testing.B) {
	for _, name := range catalog.Names {
		text, err := os.ReadFile("catalog/" + name + "/asyncapi.yaml")
		if err != nil {
			b.Fatal(err)
		}
		files := fstest.MapFS{"asyncapi.yaml": {Data: text}}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := contracts.Load(files, "asyncapi.yaml"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What a page with all members of a large event asks for.
func BenchmarkProvenance(b *testing.B) {
	c, err := catalog.Load("scayle")
	if err != nil {
		b.Fatal(err)
	}
	et, err := c.EventType("order-item-returned")
	if err != nil {
		b.Fatal(err)
	}
	for _, pointer := range []string{"/payload", "/payload/order/customer/addresses/*/recipient/firstName", "/payload/order/items/*/product/attributes/x/values"} {
		b.Run(pointer, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				et.Provenance(pointer)
			}
		})
	}
}

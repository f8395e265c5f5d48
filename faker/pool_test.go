package faker_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/faker"
)

func TestPool(t *testing.T) {
	for _, pointer := range []string{"/note", "/customer/firstName", "/items/2/sku", "/labels/color", "/meta/x"} {
		for _, shape := range []faker.Shape{faker.Minimal, faker.Full} {
			f := shopFaker(t, faker.Options{Seed: 3, Shape: shape})
			pool := faker.Pool(pointer, "a", "b", "b", json.RawMessage(`"c \u00e9"`))
			events, err := f.Events("order:created", pool)
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]int{}
			n := uint64(0)
			for ev := range events {
				value := at(t, ev.Body, pointer)
				seen[value]++
				if found, err := ev.Type.Validate(ev.Body); err != nil || len(found) > 0 {
					t.Fatalf("%v %v %s", err, found, ev.Body)
				}
				// The same by itself, and the same as what Set would make of it.
				alone, err := f.Event("order:created", faker.Nth(n), pool)
				set, errSet := f.Event("order:created", faker.Nth(n), faker.Set(pointer, json.RawMessage(value)))
				if err != nil || errSet != nil || !alone.Equal(ev) || !set.Equal(ev) {
					t.Fatalf("event %d: %v %v\n%s\n%s\n%s", n, err, errSet, ev.Body, alone.Body, set.Body)
				}
				if n++; n == 400 {
					break
				}
			}
			for value, least := range map[string]int{`"a"`: 70, `"b"`: 150, `"c \u00e9"`: 70} {
				if seen[value] < least {
					t.Errorf("%s: %s came %d times of 400", pointer, value, seen[value])
				}
			}
			if len(seen) != 3 {
				t.Errorf("%s: %v", pointer, seen)
			}
		}
	}
}

// Two pools do not move together, and a seed is a seed.
func TestPoolsAreDrawnApart(t *testing.T) {
	values := []any{"a", "b", "c", "d"}
	pools := []faker.Edit{faker.Pool("/note", values...), faker.Pool("/customer/firstName", values...)}
	both := map[string]int{}
	differs := 0
	one, two := shopFaker(t, faker.Options{Seed: 1}), shopFaker(t, faker.Options{Seed: 2})
	for n := range uint64(200) {
		edits := append([]faker.Edit{faker.Nth(n)}, pools...)
		a, errA := one.Event("order:created", edits...)
		b, errB := two.Event("order:created", edits...)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		both[at(t, a.Body, "/note")+at(t, a.Body, "/customer/firstName")]++
		if at(t, a.Body, "/note") != at(t, b.Body, "/note") {
			differs++
		}
	}
	if len(both) < 14 || differs < 100 {
		t.Errorf("%d of 16 pairs, %d of 200 differ with the seed", len(both), differs)
	}
}

func TestPoolsKeepTheContract(t *testing.T) {
	f := shopFaker(t, faker.Options{})
	var broken *faker.PoolError
	for _, c := range []struct {
		pool          faker.Edit
		value, breaks string
	}{
		{faker.Pool("/id", 1, 2, "three"), `"three"`, "/id: type"},
		{faker.Pool("/items/0/quantity", 1, 0), "0", "/items/0/quantity: minimum"},
		{faker.Pool("/type", "order:created", "order:paid"), `"order:paid"`, "/type: const"},
		{faker.Pool("/customer", map[string]any{"firstName": "Ada"}, map[string]any{}), "{}", "/customer"},
		{faker.Pool("/customer/email", "ada@example.com", "ada"), `"ada"`, "/customer/email: format"},
	} {
		for range 2 { // the second time from memory
			_, err := f.Event("order:created", c.pool)
			if !errors.As(err, &broken) || string(broken.Value) != c.value || !strings.HasPrefix(broken.Violation.String(), c.breaks) || broken.Event != "order:created" {
				t.Errorf("%s: %v", c.breaks, err)
			}
			if _, err := f.Events("order:created", c.pool); !errors.As(err, &broken) {
				t.Errorf("%s: events are made", c.breaks)
			}
		}
	}
	// What Set breaks on purpose is not the pool's fault.
	if _, err := f.Event("order:created", faker.Set("/id", "x"), faker.Pool("/note", "n"), faker.Drop("/type")); err != nil {
		t.Error(err)
	}
	// A pool is judged for each event that it is used for.
	shared := faker.Pool("/type", "ping")
	if _, err := f.Event("ping", shared); err != nil {
		t.Error(err)
	}
	if _, err := f.Event("order:created", shared); !errors.As(err, &broken) {
		t.Error(err)
	}
	var unknown *faker.PointerError
	if _, err := f.Event("order:created", faker.Pool("/nate", "x")); !errors.As(err, &unknown) {
		t.Error(err)
	}
	for _, bad := range []faker.Edit{faker.Pool("/id"), faker.Pool("/id", func() {}), faker.Pool("/id", json.RawMessage("1 2")), faker.Pool("id", 1)} {
		if _, err := f.Event("order:created", bad); err == nil || errors.As(err, &broken) {
			t.Errorf("%v", err)
		}
	}
}

// An Edit may be kept and used by many.
func TestPoolsAreShared(t *testing.T) {
	f := shopFaker(t, faker.Options{})
	pool := faker.Pool("/note", "a", "b", "c")
	want, err := f.Event("order:created", pool)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	other := faker.Pool("/note", "a", "b", "c")
	for range 8 {
		wg.Go(func() {
			if got, err := f.Event("order:created", other); err != nil || !got.Equal(want) {
				t.Errorf("%v %s", err, got.Body)
			}
		})
	}
	wg.Wait()
}

// The orders that exist in the shop under test.
func ExamplePool() {
	f, err := faker.New(catalog.Shoptet(), faker.Options{Seed: 7, Events: []string{"order:create"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	codes := faker.Pool("/eventInstance", "2026000123", "2026000124", "2026000131")
	for n := range uint64(3) {
		ev, err := f.Event("order:create", faker.Nth(n), codes)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(string(ev.Body))
	}

	_, err = f.Event("order:create", faker.Pool("/eventInstance", 2026000123))
	fmt.Println(err)
	// Output:
	// {"eshopId":569021,"event":"order:create","eventCreated":"2026-01-15T10:59:48+0100","eventInstance":"2026000131"}
	// {"eshopId":797300,"event":"order:create","eventCreated":"2026-01-15T10:59:49+0100","eventInstance":"2026000131"}
	// {"eshopId":365207,"event":"order:create","eventCreated":"2026-01-15T10:59:16+0100","eventInstance":"2026000123"}
	// event "order:create": 2026000123 of the pool for "/eventInstance" breaks the contract: /eventInstance: type: expected a string, found 2026000123
}

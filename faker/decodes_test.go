package faker_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/faker"
)

// What each type loses of the shop's order, as "pointer" for what is dropped
// and "!pointer" for what is refused.
func TestDecodes(t *testing.T) {
	f := shopFaker(t, faker.Options{Seed: 5})
	for name, c := range map[string]struct {
		decodes func(edits ...faker.Edit) ([]faker.Lost, error)
		edits   []faker.Edit
		want    []string
	}{
		"everything":     {decodes[map[string]any](f), nil, nil},
		"raw":            {decodes[json.RawMessage](f), nil, nil},
		"a whole struct": {decodes[order](f), nil, nil},
		"nothing":        {decodes[struct{}](f), nil, []string{"/type", "/id", "/note", "/customer", "/items", "/meta", "/labels"}},
		"case does not matter": {decodes[struct {
			order
			ID int `json:"Id"`
		}](f), nil, nil},
		"a member inside a list": {decodes[struct {
			order
			Items []struct {
				SKU string `json:"sku"`
			} `json:"items"`
		}](f), nil, []string{"/items/0/quantity"}},
		"a type inside a list": {decodes[struct {
			order
			Items []struct {
				SKU      int `json:"sku"`
				Quantity int `json:"quantity"`
			} `json:"items"`
		}](f), nil, []string{"!/items/0/sku"}},
		"two refusals and a loss": {decodes[struct {
			order
			ID       string    `json:"id"`
			Note     time.Time `json:"note"`
			Customer struct {
				FirstName string `json:"firstName"`
				Email     string `json:"email"`
			} `json:"customer"`
		}](f), nil, []string{"/customer/address", "!/id", "!/note"}},
		"omitempty is no loss": {decodes[struct {
			order
			ID   int    `json:"id,omitempty"`
			Note string `json:"note,omitempty"`
		}](f), []faker.Edit{faker.Set("/id", 0), faker.Set("/note", "")}, nil},
		"an empty value without a field is": {decodes[struct {
			Type, Customer, Items, Meta, Labels, ID any
		}](f), []faker.Edit{faker.Set("/note", "")}, []string{"/note"}},
		"an empty value in a list": {decodes[struct {
			order
			Items []struct {
				SKU string `json:"sku"`
			} `json:"items"`
		}](f), []faker.Edit{faker.Set("/items", json.RawMessage(`[{"sku":"a"},{"sku":"b","quantity":0}]`))}, []string{"/items/1/quantity"}},
		"numbers beyond a float": {decodes[map[string]any](f), []faker.Edit{faker.Set("/id", json.RawMessage("9007199254740993"))}, []string{"!/id"}},
		"numbers within one":     {decodes[map[string]any](f), []faker.Edit{faker.Set("/id", json.RawMessage("9007199254740992.0"))}, nil},
		"a fixed array": {decodes[struct {
			order
			Items [1]any `json:"items"`
		}](f), []faker.Edit{faker.Set("/items", json.RawMessage(`[1,2]`))}, []string{"/items/1"}},
		"a spelling of its own": {decodes[struct {
			order
			Customer spelled `json:"customer"`
		}](f), nil, nil},
		"an alias that forgets":  {decodes[forgetful](f), nil, []string{"/customer", "/items", "/labels", "/note", "/type"}}, // meta is {} in these events
		"refuses whatever it is": {decodes[grumpy](f), nil, []string{"!"}},
		"refuses one of its own": {decodes[struct {
			order
			Note grumpy `json:"note"`
		}](f), nil, []string{"!/note"}},
		"a member named like one": {decodes[struct {
			order
			Labels map[string]int `json:"labels"`
		}](f), []faker.Edit{faker.Set("/labels", map[string]any{"0": "x"})}, []string{"!/labels/0"}},
	} {
		t.Run(name, func(t *testing.T) {
			lost, err := c.decodes(c.edits...)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, l := range lost {
				p := l.Pointer
				if l.Err != nil {
					p = "!" + p
				}
				got = append(got, p)
				if l.Value == nil || l.Command == "" || !strings.HasPrefix(l.String(), l.Pointer) {
					t.Errorf("%+v says too little", l)
				}
			}
			slices.Sort(got)
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q\n%v", got, c.want, lost)
			}
		})
	}
}

type order struct {
	Type     string            `json:"type"`
	ID       int               `json:"id"`
	Note     string            `json:"note"`
	Customer any               `json:"customer"`
	Items    []map[string]any  `json:"items"`
	Meta     map[string]any    `json:"meta"`
	Labels   map[string]string `json:"labels"`
}

// spelled writes an object as a text.
type spelled struct{ s string }

func (s *spelled) UnmarshalJSON(text []byte) error { s.s = string(text); return nil }
func (s spelled) MarshalJSON() ([]byte, error)     { return json.Marshal(s.s) }

// forgetful has a reader of its own, into which DisallowUnknownFields does not
// reach.
type forgetful struct {
	ID int `json:"id"`
}

func (f *forgetful) UnmarshalJSON(text []byte) error {
	type plain forgetful
	return json.Unmarshal(text, (*plain)(f))
}

type grumpy struct{}

func (*grumpy) UnmarshalJSON([]byte) error { return errors.New("no") }

func decodes[T any](f *faker.Faker) func(edits ...faker.Edit) ([]faker.Lost, error) {
	return func(edits ...faker.Edit) ([]faker.Lost, error) {
		return faker.Decodes[T](f, "order:created", edits...)
	}
}

func TestDecodesErrors(t *testing.T) {
	f := shopFaker(t, faker.Options{})
	var unknown *contracts.UnknownEventError
	if _, err := faker.Decodes[any](f, "order"); !errors.As(err, &unknown) {
		t.Error(err)
	}
	var pointer *faker.PointerError
	if _, err := faker.Decodes[any](f, "ping", faker.Set("/no", 1)); !errors.As(err, &pointer) {
		t.Error(err)
	}
	if _, err := faker.Decodes[chan int](f, "ping"); err != nil { // no type for JSON at all: a finding
		t.Error(err)
	}
}

// Every event of the catalogue arrives whole in a map that keeps its numbers.
func TestDecodesTheCatalogue(t *testing.T) {
	for _, name := range catalog.Names {
		c, err := catalog.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range c.EventTypes()[:3] {
			f, err := faker.New(c, faker.Options{Seed: 1, Events: []string{e.Name()}})
			if err != nil {
				t.Fatal(err)
			}
			lost, err := faker.Decodes[exactNumbers](f, e.Name())
			if err != nil || len(lost) > 0 {
				t.Errorf("%s %s: %v %v", name, e.Name(), lost, err)
			}
		}
	}
}

type exactNumbers struct{ v any }

func (e *exactNumbers) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	return d.Decode(&e.v)
}

func (e exactNumbers) MarshalJSON() ([]byte, error) { return json.Marshal(e.v) }

// A receiver's own type: what does it make of the events?
func ExampleDecodes() {
	f, err := faker.New(catalog.Shoptet(), faker.Options{Events: []string{"order:create"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	type event struct {
		Shop    int       `json:"eshopId"`
		Name    string    `json:"event"`
		Created time.Time `json:"eventCreated"`
	}
	lost, err := faker.Decodes[event](f, "order:create")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range lost {
		fmt.Println(l)
	}
	fmt.Println(lost[0].Command)
	// Output:
	// /eventCreated: refused: parsing time "2026-01-15T10:59:08+0100" as "2006-01-02T15:04:05Z07:00": cannot parse "+0100" as "Z07:00"
	// /eventInstance: lost: "2026012485"
	// hookrig fake shoptet order:create --seed 0 --shape full
}

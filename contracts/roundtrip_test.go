package contracts_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/faker"
)

var signedAt = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// sealed is how the tests send and open: with credentials that suit every
// algorithm of the catalogue.
var (
	password = signature.NewSecret("ann:correct horse battery staple")
	sending  = contracts.SealOptions{URL: "https://shop.example/hooks?tenant=7", Secrets: []signature.Secret{password}, ID: "d-1", Time: signedAt}
	opening  = contracts.OpenOptions{Secrets: []signature.Secret{password}, Now: signedAt}
)

// eachContract makes events of every contract of the catalogue.
func eachContract(t testing.TB, shape faker.Shape, do func(*contracts.Contract, *faker.Faker)) {
	t.Helper()
	for _, name := range catalog.Names {
		c, err := catalog.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := faker.New(c, faker.Options{Shape: shape})
		if err != nil {
			t.Fatal(err)
		}
		do(c, f)
	}
}

// TestOpenIsTheInverseOfSealForEveryEvent holds what the two promise, over
// the whole catalogue and every shape of body.
func TestOpenIsTheInverseOfSealForEveryEvent(t *testing.T) {
	events := 0
	for _, shape := range []faker.Shape{faker.Minimal, faker.Typical, faker.Full} {
		eachContract(t, shape, func(c *contracts.Contract, f *faker.Faker) {
			for _, et := range c.EventTypes() {
				events++
				ev := contracts.Event{Type: et, Body: f.Append(nil, et, 0)}
				body := bytes.Clone(ev.Body)
				r, err := c.Seal(ev, sending)
				if err != nil {
					t.Errorf("%s %s: %v", c.Provider(), et.Name(), err)
					continue
				}
				got, err := c.Open(r, opening)
				if err != nil || !got.OK() || len(got.Events) != 1 || !got.Events[0].Equal(ev) {
					t.Errorf("%s %s: opened %v, %v", c.Provider(), et.Name(), got, err)
				}
				if scheme, _ := c.Signature(); got.Checked != scheme.Signs() {
					t.Errorf("%s: checked %v", c.Provider(), got.Checked)
				}
				if !bytes.Equal(ev.Body, body) {
					t.Errorf("%s %s: the body was changed", c.Provider(), et.Name())
				}
			}
		})
	}
	if want := 3 * 247; events != want {
		t.Errorf("%d events, want %d", events, want)
	}
}

// TestBatchesOpenIntoTheirEvents joins two events of a contract whose bodies
// are lists, and expects both back as they were alone.
func TestBatchesOpenIntoTheirEvents(t *testing.T) {
	batches := 0
	eachContract(t, faker.Typical, func(c *contracts.Contract, f *faker.Faker) {
		each := c.Discriminator().Each
		if each == "" {
			return
		}
		types := c.EventTypes()
		for i, et := range types {
			first := contracts.Event{Type: et, Body: f.Append(nil, et, 0)}
			other := contracts.Event{Type: types[(i+1)%len(types)], Body: f.Append(nil, types[(i+1)%len(types)], 1)}
			batch := insert(t, first.Body, itemOf(t, other.Body))
			got, err := c.Open(&contracts.Request{Method: et.Method(), URL: "/consume/any", Body: batch}, contracts.OpenOptions{Unchecked: true})
			if err != nil || len(got.Events) != 2 {
				t.Fatalf("%s: opened %v, %v", et.Name(), got, err)
			}
			if !got.Events[0].Equal(first) || got.Events[1].Type != other.Type {
				t.Errorf("%s and %s: opened %s and %s: %s", et.Name(), other.Type.Name(), got.Events[0].Type.Name(), got.Events[1].Type.Name(), got.Events[0].Body)
			}
			if string(itemOf(t, got.Events[1].Body)) != string(itemOf(t, other.Body)) {
				t.Errorf("%s: the second event is %s", other.Type.Name(), got.Events[1].Body)
			}
			batches++
		}
	})
	if batches == 0 {
		t.Error("no contract has batches")
	}
}

// itemOf is the one event in a body of the catalogue's batches.
func itemOf(t *testing.T, body []byte) []byte {
	var outer struct {
		Synchronization struct{ Events []json.RawMessage }
	}
	if err := json.Unmarshal(body, &outer); err != nil || len(outer.Synchronization.Events) != 1 {
		t.Fatalf("%s: %v", body, err)
	}
	return outer.Synchronization.Events[0]
}

// insert puts a second event behind the one in body.
func insert(t *testing.T, body, item []byte) []byte {
	one := itemOf(t, body)
	return bytes.Replace(body, one, append(append(bytes.Clone(one), ','), item...), 1)
}

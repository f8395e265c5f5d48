package sqlite

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
)

// What a server writes is sound by every rule of Check, and the file says what
// the server says.
func TestUnderAServer(t *testing.T) {
	c, err := contracts.Load(os.DirFS("../testdata"), "shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	sold, err := c.EventType("sold")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "j")
	j := open(t, path)
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/gone" {
			w.WriteHeader(http.StatusGone)
		}
	})
	s := mockserver.Start(t, mockserver.Options{Transport: mockserver.InProcess(answer), Journal: j})
	want := map[string]mockserver.State{}
	var sent []*mockserver.Delivery
	for i := range 200 {
		p := mockserver.Parcel{
			Event:    contracts.Event{Type: sold, Body: []byte(`{"type":"sold","id":1}`)},
			Endpoint: mockserver.Endpoint{URL: "http://shop.test/hooks", Secrets: []signature.Secret{signature.NewSecret("s3cr3t-canary")}},
		}
		if i%3 == 0 {
			p.Endpoint.URL = "http://shop.test/gone"
		}
		sent = append(sent, s.Send(p))
	}
	for i, d := range sent {
		o, err := d.Wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want[d.ID()] = o.State
		if i%3 == 0 != (o.State == mockserver.Exhausted) {
			t.Errorf("%+v", o)
		}
	}
	again, err := s.Resend(sent[0].ID())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := Check(t.Context(), path)
	if err != nil || !r.Sound() || r.Deliveries != 200 || r.Attempts != 201 || r.States[mockserver.Exhausted] != 67 || r.States[mockserver.Delivered] != 133 {
		t.Errorf("%+v, %v", r, err)
	}
	j = open(t, path)
	records, err := mockserver.NewLedger(j).List(t.Context(), mockserver.Query{})
	if err != nil || len(records) != 200 {
		t.Fatal(len(records), err)
	}
	for _, r := range records {
		if r.State != want[r.ID] {
			t.Errorf("%s: %s, the server says %s", r.ID, r.State, want[r.ID])
		}
	}
}

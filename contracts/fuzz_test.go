package contracts

import (
	"errors"
	"os"
	"testing"
	"testing/fstest"

	"github.com/hookrig/hookrig/contracts/schema"
)

// FuzzLoad: any text is a contract or an error with its place, and what loads
// can be asked everything.
func FuzzLoad(f *testing.F) {
	for _, name := range []string{"parcels.yaml", "batches.yaml", "standard.yaml", "wild/channels.yaml"} {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(document("x-hookrig: {event: {header: X-Event}}", payload)))
	f.Add([]byte(document("x-hookrig: {delivery: {repeat: 1d, provenance: {/repeat: assumed}}}", "      payload: {anyOf: [{}, {$ref: '#/components/messages/paid/payload'}]}\n")))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := Load(fstest.MapFS{"c.yaml": {Data: text}}, "c.yaml")
		if err != nil {
			var at *schema.Error
			if !errors.As(err, &at) || at.Message == "" {
				t.Errorf("%v", err)
			}
			return
		}
		for _, finding := range c.Lint() {
			if finding.File != "c.yaml" || finding.Line < 1 {
				t.Errorf("%+v", finding)
			}
		}
		for _, et := range c.EventTypes() {
			if et.Provenance("/a/0/b").Level == "" || et.Policy().Provenance("waits").Level == "" || et.Identity().Provenance.Level == "" {
				t.Errorf("%s: no provenance", et.Name())
			}
			for _, body := range et.Examples() {
				_, _ = c.Seal(Event{et, body}, SealOptions{URL: "https://a.example"}) // errors are fine
			}
		}
	})
}

// FuzzOpen: any request is judged, and what it holds is what opens again.
func FuzzOpen(f *testing.F) {
	var all []*Contract
	for _, name := range []string{"parcels.yaml", "batches.yaml", "wild.yaml"} {
		c, err := Load(os.DirFS("testdata"), name)
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, c)
	}
	f.Add("/hooks/n", []byte(`{"type":"office.sent.v1","id":1,"depot":"n"}`))
	f.Add("/in", []byte(`{"data":{"events":[{"kind":"up"},{"kind":"down","by":1},{"kind":"sideways"}]}}`))
	f.Add("%zz", []byte(`{"data":{"events":[[],{"kind":{}},1,"up"]}}`))
	f.Add("/orders", []byte(`{"orderId":"x"}`))
	f.Add("", []byte(`{"data":{"events":[ ]}`))
	f.Fuzz(func(t *testing.T, url string, body []byte) {
		for _, c := range all {
			got, err := c.Open(request(url, string(body)), OpenOptions{Unchecked: true})
			if err != nil {
				t.Fatal(err)
			}
			for _, ev := range got.Events {
				again, err := c.Open(request(url, string(ev.Body)), OpenOptions{Unchecked: true})
				if err != nil || len(again.Events) != 1 || !again.Events[0].Equal(ev) {
					t.Errorf("%s %q: opened again as %+v, %v", ev.Type.Name(), ev.Body, again.Events, err)
				}
			}
		}
	})
}

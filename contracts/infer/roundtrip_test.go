package infer_test

import (
	"fmt"
	"iter"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/infer"
	"github.com/hookrig/hookrig/faker"
)

func samples(bodies [][]byte) iter.Seq2[infer.Sample, error] {
	return func(yield func(infer.Sample, error) bool) {
		for i, b := range bodies {
			if !yield(infer.Sample{Body: b, Where: fmt.Sprintf("bodies:%d", i+1)}, nil) {
				return
			}
		}
	}
}

func inferred(t testing.TB, bodies [][]byte, o infer.Options) (*infer.Result, *contracts.Contract) {
	t.Helper()
	got, err := infer.Infer(samples(bodies), o)
	if err != nil {
		t.Fatal(err)
	}
	return got, load(t, got.Document)
}

func load(t testing.TB, document []byte) *contracts.Contract {
	t.Helper()
	c, err := contracts.Load(fstest.MapFS{"c.yaml": {Data: document}}, "c.yaml")
	if err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
	for _, f := range c.Lint() {
		if f.Severity == contracts.SeverityError {
			t.Errorf("%s", f)
		}
	}
	return c
}

// narrow are the rules by which a contract may be narrower than what the samples
// were made by, because all of many samples were alike in this.
var narrow = []string{"enum", "format", "pattern", "required", "type", "anyOf"}

// TestRoundTrip: from 200 bodies of an event its contract is inferred. It accepts
// all of them and almost all further ones; what it makes itself it accepts too.
func TestRoundTrip(t *testing.T) {
	for _, name := range catalog.Names {
		t.Run(name, func(t *testing.T) {
			c, err := catalog.Load(name)
			if err != nil {
				t.Fatal(err)
			}
			f, err := faker.New(c, faker.Options{Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			refused, judged := map[string]int{}, 0
			var caught, broken int
			for _, et := range some(c.EventTypes()) {
				var bodies [][]byte
				for i := range 260 {
					ev, err := f.Event(et.Name(), faker.Nth(uint64(i)))
					if err != nil {
						t.Fatal(err)
					}
					bodies = append(bodies, ev.Body)
				}
				got, again := inferred(t, bodies[:200], infer.Options{})
				if len(got.Events) != 1 || got.Skipped > 0 {
					t.Fatalf("%s: %+v", et.Name(), got)
				}
				is := again.EventTypes()[0]
				for i, body := range bodies {
					rule := firstRule(t, is, body)
					if rule != "" && i < 200 {
						t.Errorf("%s: a sample is refused: %s", et.Name(), rule)
					}
					if i >= 200 {
						judged++
						if rule != "" {
							refused[rule]++
						}
					}
				}
				makes(t, again)
				breakages, err := f.Broken(et.Name())
				if err != nil {
					t.Fatal(err)
				}
				for b := range breakages {
					if b.Rule == "type" || b.Rule == "required" {
						broken++
						if firstRule(t, is, b.Event.Body) != "" {
							caught++
						}
					}
				}
			}
			t.Logf("%d of %d bodies with a wrong type or without a required member are refused", caught, broken)
			if caught*10 < broken*9 {
				t.Errorf("%d of %d wrong bodies are refused: the contract says too little", caught, broken)
			}
			all := 0
			for _, rule := range slices.Sorted(maps.Keys(refused)) {
				all += refused[rule]
				if !slices.Contains(narrow, rule) {
					t.Errorf("%d bodies break rule %q, which samples cannot show", refused[rule], rule)
				}
			}
			t.Logf("%d of %d further bodies refused: %v", all, judged, refused)
			if all*20 > judged {
				t.Errorf("%d of %d further bodies are refused: %v", all, judged, refused)
			}
		})
	}
}

// some are a few events, or all where time is no object.
func some(all []*contracts.EventType) (out []*contracts.EventType) {
	if os.Getenv("HOOKRIG_FULL") != "" {
		return all
	}
	for i := 0; i < len(all); i += len(all)/4 + 1 {
		out = append(out, all[i])
	}
	return out
}

func firstRule(t *testing.T, et *contracts.EventType, body []byte) string {
	t.Helper()
	v, err := et.Validate(body)
	if err != nil {
		t.Fatal(err)
	}
	if len(v) == 0 {
		return ""
	}
	return v[0].Rule
}

// makes: the faker makes events of the contract.
func makes(t *testing.T, c *contracts.Contract) {
	t.Helper()
	f, err := faker.New(c, faker.Options{Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, et := range c.EventTypes() {
		for i := range 5 {
			ev, err := f.Event(et.Name(), faker.Nth(uint64(i)))
			if err != nil {
				t.Fatal(err)
			}
			if rule := firstRule(t, et, ev.Body); rule != "" {
				t.Errorf("%s: it makes what it refuses: %s: %s", et.Name(), rule, ev.Body)
			}
		}
	}
}

// TestWhole: all events of a provider in one file are told apart.
func TestWhole(t *testing.T) {
	for _, name := range catalog.Names {
		c, err := catalog.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := faker.New(c, faker.Options{Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		var bodies [][]byte
		for _, et := range c.EventTypes() {
			for i := range 4 {
				ev, err := f.Event(et.Name(), faker.Nth(uint64(i)))
				if err != nil {
					t.Fatal(err)
				}
				bodies = append(bodies, ev.Body)
			}
		}
		d := c.Discriminator()
		at := d.Pointer
		if d.Each != "" {
			at = d.Each + "/*" + d.Pointer
		}
		got, again := inferred(t, bodies, infer.Options{At: at})
		if len(got.Events) != len(c.EventTypes()) {
			t.Errorf("%s: %d events of %d", name, len(got.Events), len(c.EventTypes()))
		}
		for i, body := range bodies {
			opened, err := again.Open(&contracts.Request{Method: "POST", Header: map[string][]string{"Content-Type": {"application/json"}}, Body: body}, contracts.OpenOptions{})
			if err != nil || len(opened.Events) != 1 || len(opened.Violations) > 0 {
				t.Fatalf("%s: body %d is not opened: %+v, %v", name, i, opened, err)
			}
			if tag := c.EventTypes()[i/4].Tag(); opened.Events[0].Type.Name() != tag {
				t.Errorf("%s: body %d is %s, not %s", name, i, opened.Events[0].Type.Name(), tag)
			}
		}
		if d.Each == "" {
			guess, _ := inferred(t, bodies, infer.Options{})
			if guess.At != at || !guess.Guessed {
				t.Errorf("%s: events are named at %s, guessed %q", name, at, guess.At)
			}
		}
		if strings.Contains(string(got.Document), "examples:") {
			t.Errorf("%s: bodies stand in the contract", name)
		}
	}
}

package main

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/hookrig/hookrig/mockserver/api"
)

// However slow or fast a shop is, what happens later there comes later here.
func TestWorldTimesDoNotOverflow(t *testing.T) {
	for _, speed := range []float64{math.SmallestNonzeroFloat64, 1e-300, 1e-9, 0.5, 0, 1, 60, 1e300, math.MaxFloat64} {
		w := worldRun{doc: worldDoc{Speed: speed}}
		var before time.Duration
		for _, d := range []time.Duration{0, 1, time.Second, time.Hour, 300 * 24 * time.Hour, math.MaxInt64} {
			at := w.real(d)
			if at < before {
				t.Errorf("speed %g: %s comes after %s, before what was earlier at %s", speed, d, at, before)
			}
			before = at
		}
	}
}

// What is wrong with the world of a request is said in its own words, at its place.
func TestWorldDocMistakes(t *testing.T) {
	for doc, want := range map[string][2]string{
		`{"seed":-1}`:                        {"/seed", "expected an integer, 0 or more"},
		`{"seed":1e400}`:                     {"/seed", "expected an integer, 0 or more"},
		`{"orders":1.5}`:                     {"/orders", "expected an integer"},
		`{"at":"soon"}`:                      {"/at", "expected a time such as 2026-01-05T10:12:03Z"},
		`{"speed":"fast"}`:                   {"/speed", "expected a number"},
		`{"providers":{"a":1}}`:              {"/providers", "expected a list of names"},
		`{"set":[]}`:                         {"/set", "expected an object"},
		`{"oders":3}`:                        {"/oders", `unknown member "oders", the nearest is orders`},
		`{"a/b":3}`:                          {"/a~1b", `unknown member "a/b"`},
		`{"seed":3,"locale":5,"orders":"x"}`: {"/locale", "expected a text"},
	} {
		_, err := readWorldDoc(json.RawMessage(doc))
		var at *api.WorldError
		if !errors.As(err, &at) || at.Pointer != want[0] || !strings.HasPrefix(err.Error(), want[1]) {
			t.Errorf("%s: %v, want %v", doc, err, want)
		}
	}
	w, err := readWorldDoc(json.RawMessage(`{"seed":18446744073709551615,"orders":3,"providers":["shoptet"],"set":{"world.shop.name":1}}`))
	if err != nil || w.Seed != math.MaxUint64 || w.Orders != 3 || len(w.Providers) != 1 || len(w.Set) != 1 {
		t.Errorf("%+v, %v", w, err)
	}
}

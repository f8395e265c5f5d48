package faker_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/faker/audit"
)

// The stream of all built-in contracts keeps them, makes sense as a whole when
// its bodies are read backwards, and tells of a lot.
func TestWorldOfAllContracts(t *testing.T) {
	n := 12_000
	if os.Getenv("HOOKRIG_FULL") != "" {
		n = 100_000
	}
	w, err := faker.NewWorld(everything(t), faker.WorldOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	a := audit.New(w.Opened().UnixMilli())
	seen := map[string]int{}
	for e := range w.Events() {
		name := e.Event.Type.Contract().Provider() + " " + e.Event.Type.Name()
		if seen[name]++; seen[name] < 400 {
			if v, err := e.Event.Type.Validate(e.Event.Body); err != nil || len(v) > 0 {
				t.Fatalf("%s: %v %v %s", name, v, err, e.Event.Body)
			}
		}
		s := w.Sighting(e.Event, e.Action, e.Time)
		if s == nil {
			t.Fatalf("%s cannot be read", name)
		}
		a.See(s)
		if n--; n == 0 {
			break
		}
	}
	rules := map[string]int{}
	for _, v := range a.Violations() {
		if rules[v.Rule]++; rules[v.Rule] < 4 {
			t.Error(v)
		}
	}
	for _, m := range w.Misfits() {
		if m.Count > 0 {
			t.Errorf("%+v", m)
		}
	}
	t.Logf("%d events, %d violations", len(seen), a.Count())
	if testing.Verbose() {
		for _, m := range w.Misfits() {
			t.Logf("%+v", m)
		}
	}
}

// What is wrong in a body is found when it is read backwards.
func TestWorldBodiesAreAudited(t *testing.T) {
	w := worldOf(t, worldContract, faker.WorldOptions{Seed: 1})
	for _, x := range []struct{ member, rule string }{
		{"minor", "contradiction/order"}, {"number", "constant/order"}, {"at", "contradiction/action"},
	} {
		a := audit.New(w.Opened().UnixMilli())
		n := 0
		for e := range w.Events() {
			a.See(w.Sighting(e.Event, e.Action, e.Time))
			if e.Event.Type.Name() == "placed" {
				if a.Count() > 0 {
					t.Fatalf("a true event: %v", a.Violations())
				}
				var b map[string]json.RawMessage
				if err := json.Unmarshal(e.Event.Body, &b); err != nil {
					t.Fatal(err)
				}
				e.Event.Body = bytes.Replace(e.Event.Body, append([]byte(`"`+x.member+`":`), b[x.member]...), append([]byte(`"`+x.member+`":`), damaged(b[x.member])...), 1)
				a.See(w.Sighting(e.Event, e.Action, e.Time))
				found := false
				for _, v := range a.Violations() {
					found = found || v.Rule == x.rule
				}
				if !found {
					t.Errorf("a damaged %s is not noticed by %s: %v", x.member, x.rule, a.Violations())
				}
				break
			}
			if n++; n > 100 {
				t.Fatal("no order")
			}
		}
	}
}

// damaged is another value of the same form.
func damaged(text json.RawMessage) []byte {
	out := bytes.Clone(text)
	for i := len(out) - 1; i >= 0; i-- {
		if out[i] >= '0' && out[i] <= '9' {
			out[i] = '0' + (out[i]-'0'+5)%10
			break
		}
	}
	return out
}

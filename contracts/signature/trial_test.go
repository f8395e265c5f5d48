package signature

import (
	"net/http"
	"testing"
)

// A trial stops when its budget is used up, whatever is left to try.
func TestTrialKeepsItsBudget(t *testing.T) {
	s := Scheme{Algorithm: HMACSHA256, Signed: "{body}", Encoding: Hex, Header: "x"}
	body, key := []byte(`{"a": 1}`), []byte("key")
	mac := s.appendMAC(nil, s.mac(key, values{body: []byte(`{"a":1}`)}, nil))
	h := http.Header{"X": {string(mac)}}
	for budget, want := range map[int]bool{maxHashed: true, 1000: false, 0: false} {
		tr := trial{scheme: s, received: s.glance(h), spellings: s.spellings(h), budget: budget}
		tr.received.body = body
		if _, found := tr.run(key, "key"); found != want {
			t.Errorf("with %d bytes: found is %v", budget, found)
		}
	}
}

func TestEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}, {"same", "same", 0}} {
		if got := edits(c.a, c.b); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

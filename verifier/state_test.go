package verifier_test

import (
	"encoding/json"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/hookrig/hookrig/verifier"
)

func TestSameState(t *testing.T) {
	for _, x := range []struct {
		a, b      string
		same, has bool // the second is in the first
	}{
		{"", "", true, true}, {"", "null", true, true}, {"", "{}", false, false}, {"1", "", false, false},
		{"10", "10.00", true, true}, {"10", "1e1", true, true}, {"-0", "0.0", true, true}, {"0.1", "1E-1", true, true}, {"1", "-1", false, false},
		{"9007199254740993", "9007199254740992", false, false}, {"10", `"10"`, false, false}, {"1e99999999999999999999", "1e99999999999999999998", false, false},
		{"1e999999999", "10e999999998", true, true},
		{`{"a":1,"b":[2.0]}`, `{"b":[2],"a":1.0}`, true, true}, {`{"a":1,"b":2}`, `{"a":1}`, false, true}, {`{"a":1}`, `{"a":1,"b":2}`, false, false},
		{`{"a":{"b":10.00,"c":1}}`, `{"a":{"b":10}}`, false, true}, {`{"a":null}`, `{"a":null}`, true, true}, {`{}`, `{"a":null}`, false, false},
		{`[{"a":1,"b":2}]`, `[{"a":1}]`, false, false}, {"null", "{}", false, false}, {"{}", "{}", true, true}, {"x", "x", true, true}, {"x", "y", false, false},
	} {
		a, b := json.RawMessage(x.a), json.RawMessage(x.b)
		if got := verifier.SameState(a, b); got != x.same || verifier.SameState(b, a) != x.same {
			t.Errorf("%s and %s: the same %t", x.a, x.b, got)
		}
		if got := verifier.HasState(a, b); got != x.has {
			t.Errorf("%s has %s: %t", x.a, x.b, got)
		}
	}
}

// Two numbers are the same state if, and only if, they are the same number.
func TestSameNumber(t *testing.T) {
	number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,3})?([eE][-+]?[0-3])?`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		if got := verifier.SameState(json.RawMessage(a), json.RawMessage(b)); got != (x.Cmp(y) == 0) {
			t.Fatalf("%s and %s: %t", a, b, got)
		}
	})
}

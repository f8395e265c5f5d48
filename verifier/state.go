package verifier

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
)

// SameState reports whether two states are the same JSON, whatever the order of
// members and the spelling of numbers: 10 is 10.00 and 1e1. No state and null are
// the same.
func SameState(a, b json.RawMessage) bool {
	if nothing(a) || nothing(b) {
		return nothing(a) && nothing(b)
	}
	return reflect.DeepEqual(decoded(a), decoded(b))
}

// HasState reports whether a state has the members that are wanted, those of
// objects within it too; what else it has does not matter. What is no object has
// to be the same.
func HasState(state, want json.RawMessage) bool {
	var members, there map[string]json.RawMessage
	if json.Unmarshal(want, &members) != nil || members == nil {
		return SameState(state, want)
	}
	if json.Unmarshal(state, &there) != nil {
		return false
	}
	for name, value := range members {
		if got, known := there[name]; !known || !HasState(got, value) {
			return false
		}
	}
	return len(members) > 0 || there != nil
}

func decoded(text json.RawMessage) (v any) {
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.UseNumber()
	if dec.Decode(&v) != nil {
		return string(text)
	}
	return plainNumbers(v)
}

// plainNumbers writes all numbers in one spelling.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		return plainNumber(v)
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = plainNumbers(v[name])
		}
	}
	return v
}

// plainNumber is a number as digits and a power of ten, without zeros at either
// end. It works on the text: a short one such as 1e999999 is too large a number
// to calculate with.
func plainNumber(n json.Number) json.Number {
	digits, power, _ := strings.Cut(strings.ToLower(string(n)), "e")
	exponent := 0
	if power != "" {
		var err error
		if exponent, err = strconv.Atoi(power); err != nil {
			return n
		}
	}
	digits, negative := strings.CutPrefix(digits, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	exponent -= len(fraction)
	digits = strings.TrimLeft(whole+fraction, "0")
	short := strings.TrimRight(digits, "0")
	exponent += len(digits) - len(short)
	switch {
	case short == "":
		return "0"
	case negative:
		short = "-" + short
	}
	return json.Number(short + "e" + strconv.Itoa(exponent))
}

package faker_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/faker"
)

// Check digits stay right beside patterns that are narrower than the usual
// numbers, and beside lengths and enums.
func TestCheckDigitsUnderPatterns(t *testing.T) {
	const few, many = 1, 20
	for _, row := range []struct {
		hint, schema string
		right        func(string) bool
		values       int // at least, of 200
	}{
		{"commerce.ean", `pattern: "^97[89][0-9]{10}$"`, eanIsRight, many}, // ISBN
		{"commerce.ean", `pattern: "^40012345678[0-9]{2}$"`, eanIsRight, 10},
		{"commerce.ean", `pattern: "^[0-9]{12}7$"`, eanIsRight, many},
		{"commerce.ean", `pattern: "^590"`, eanIsRight, many},
		{"commerce.ean", `pattern: "^[0-9]{12}$"`, func(s string) bool { return eanIsRight("0" + s) }, many},
		{"commerce.ean", `pattern: "^[0-9]+$", maxLength: 8`, func(s string) bool { return eanIsRight("00000" + s) }, many},
		{"commerce.ean", `not: {pattern: "^[45]"}`, eanIsRight, many},
		{"commerce.ean", `enum: ["4006381333932", "4006381333931", "9783161484100"]`, eanIsRight, 2},
		{"finance.iban", `pattern: "^NL[0-9]{2}[A-Z]{4}[0-9]{10}$"`, ibanIsRight, many},
		{"finance.iban", `pattern: "^DE[0-9]{2}50010517[0-9]{10}$"`, ibanIsRight, many},
		{"finance.iban", `pattern: "^DE89370400440532[0-9]{6}$"`, ibanIsRight, few},
		{"finance.iban", `pattern: "^PL"`, ibanIsRight, many},
		{"finance.iban", `maxLength: 16`, ibanIsRight, many},
		{"finance.vatId", `pattern: "^DE8[0-9]{8}$"`, vatIsRight, many},
		{"finance.vatId", `pattern: "^CZ[0-9]{8}$"`, vatIsRight, many},
		{"finance.vatId", `pattern: "^PL[0-9]{9}3$"`, vatIsRight, many},
	} {
		s := compileText(t, fmt.Sprintf("{type: string, %s, x-faker: %s}", row.schema, row.hint))
		v, err := faker.FromSchema(s, faker.Options{})
		if err != nil {
			t.Error(row.hint, row.schema, err)
			continue
		}
		seen := map[string]bool{}
		for n := range uint64(200) {
			body := v.Append(nil, n)
			text := strings.Trim(string(body), `"`)
			if len(s.Validate(body)) > 0 || !row.right(text) {
				t.Errorf("%s with %s made %s", row.hint, row.schema, text)
				break
			}
			seen[text] = true
		}
		if len(seen) < row.values {
			t.Errorf("%s with %s made only %d values", row.hint, row.schema, len(seen))
		}
	}
}

// How long the bank accounts of a country are: the IBAN registry of SWIFT.
func TestBankAccountsAreAsLongAsTheirCountrySays(t *testing.T) {
	lengths := map[string]int{"GB": 22, "DE": 22, "AT": 20, "CZ": 24, "PL": 28}
	s := compileText(t, "{type: string, x-faker: finance.iban}")
	for _, locale := range faker.Locales() {
		v, err := faker.FromSchema(s, faker.Options{Locale: locale})
		if err != nil {
			t.Fatal(err)
		}
		for n := range uint64(40) {
			if iban := strings.Trim(string(v.Append(nil, n)), `"`); len(iban) != lengths[iban[:2]] {
				t.Errorf("%s has %d characters", iban, len(iban))
			}
		}
	}
}

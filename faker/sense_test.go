package faker_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/faker"
)

func keysOf(m map[string]any) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// made is an event as a receiver sees it.
type made map[string]any

func (m made) at(path string) any {
	var v any = map[string]any(m)
	for _, t := range strings.Split(path, "/") {
		switch c := v.(type) {
		case map[string]any:
			v = c[t]
		case []any:
			i, _ := strconv.Atoi(t)
			v = c[i]
		}
	}
	return v
}

func (m made) text(path string) string { return fmt.Sprint(m.at(path)) }

func (m made) cents(t *testing.T, path string) int64 {
	t.Helper()
	n, err := m.at(path).(json.Number).Int64()
	if err != nil {
		t.Fatal(path, err)
	}
	return n
}

// each makes many events of a schema, in every locale.
func each(t *testing.T, s *schema.Schema, check func(t *testing.T, m made)) {
	for _, locale := range faker.Locales() {
		t.Run(locale, func(t *testing.T) {
			for seed := range uint64(20) {
				v, err := faker.FromSchema(s, faker.Options{Seed: seed, Locale: locale})
				if err != nil {
					t.Fatal(err)
				}
				for n := range uint64(10) {
					body := v.Append(nil, n)
					if found := s.Validate(body); len(found) > 0 {
						t.Fatal(found)
					}
					var m made
					d := json.NewDecoder(strings.NewReader(string(body)))
					d.UseNumber()
					if err := d.Decode(&m); err != nil {
						t.Fatal(err)
					}
					check(t, m)
				}
			}
		})
	}
}

// What the values of one order have to do with each other, checked by somebody
// who does not know how they are made.
func TestOrdersMakeSense(t *testing.T) {
	genders := map[string]string{}
	zips := map[string]string{}
	each(t, compileFile(t, "testdata/order.yaml"), func(t *testing.T, m made) {
		inOrder(t, m, "order/createdAt", "order/confirmedAt", "order/shipment/shippedAt", "order/updatedAt", "occurredAt")
		inOrder(t, m, "order/customer/createdAt", "order/customer/updatedAt", "order/createdAt")
		total := map[string]int64{}
		for i := range 3 {
			price := fmt.Sprint("order/items/", i, "/price")
			if at := m.text(fmt.Sprint("order/items/", i, "/position")); at != fmt.Sprint(i+1) {
				t.Errorf("item %d has position %s", i, at)
			}
			inOrder(t, m, fmt.Sprint("order/items/", i, "/createdAt"), fmt.Sprint("order/items/", i, "/updatedAt"))
			priceAdds(t, m, price)
			for _, part := range []string{"/withTax", "/withoutTax", "/tax/vat/amount"} {
				total[part] += m.cents(t, price+part)
			}
			if ean := m.text(fmt.Sprint("order/items/", i, "/ean")); !eanIsRight(ean) {
				t.Errorf("EAN %s", ean)
			}
		}
		priceAdds(t, m, "order/total")
		for part, sum := range total {
			if got := m.cents(t, "order/total"+part); got != sum {
				t.Errorf("total%s is %d, the items make %d", part, got, sum)
			}
		}
		if paid := m.cents(t, "order/payments/0/amount"); paid != total["/withTax"] {
			t.Errorf("paid %d of %d", paid, total["/withTax"])
		}
		if a, b := m.text("order/currency"), m.text("order/payments/0/currency"); a != b {
			t.Errorf("%s and %s", a, b)
		}
		first, gender := m.text("order/customer/firstName"), m.text("order/customer/gender")
		if old, ok := genders[first]; ok && old != gender {
			t.Errorf("%s is %s and %s", first, old, gender)
		}
		genders[first] = gender
		for _, address := range []string{"order/billingAddress", "order/shippingAddress"} {
			city, zip := m.text(address+"/city"), m.text(address+"/zipCode")
			if old, ok := zips[zip]; ok && old != city {
				t.Errorf("%s is in %s and in %s", zip, old, city)
			}
			zips[zip] = city
			if a, b := m.text(address+"/countryCode"), m.text("order/billingAddress/countryCode"); a != b {
				t.Errorf("%s and %s", a, b)
			}
		}
		email := m.text("order/customer/email")
		if !strings.HasPrefix(email, ascii(first)+"."+ascii(m.text("order/customer/lastName"))+"@example.") {
			t.Errorf("%s %s has the address %s", first, m.text("order/customer/lastName"), email)
		}
		if vat := m.text("order/customer/vatId"); !vatIsRight(vat) {
			t.Errorf("VAT id %s", vat)
		}
		for _, url := range []string{"order/shipment/trackingUrl", "order/items/0/imageUrl"} {
			if !strings.HasPrefix(m.text(url), "https://") || !strings.Contains(m.text(url), ".example.") {
				t.Errorf("%s: %s", url, m.text(url))
			}
		}
	})
	if len(genders) < 20 || len(zips) < 20 {
		t.Errorf("only %d first names and %d postcodes", len(genders), len(zips))
	}
}

func inOrder(t *testing.T, m made, paths ...string) {
	t.Helper()
	var last time.Time
	for i, p := range paths {
		at, err := time.Parse(time.RFC3339, m.text(p))
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 && at.Before(last) {
			t.Errorf("%s %s is before %s %s", p, at, paths[i-1], last)
		}
		last = at
	}
	if moment := time.Date(2026, 1, 15, 10, 0, 0, 0, time.UTC); last.After(moment) {
		t.Errorf("%s is after the event's moment", last)
	}
}

func priceAdds(t *testing.T, m made, price string) {
	t.Helper()
	gross, net, tax := m.cents(t, price+"/withTax"), m.cents(t, price+"/withoutTax"), m.cents(t, price+"/tax/vat/amount")
	if gross != net+tax {
		t.Errorf("%s: %d is not %d + %d", price, gross, net, tax)
	}
	rate, ok := new(big.Rat).SetString(m.text(price + "/tax/vat/rate"))
	if !ok {
		t.Fatal("no rate")
	}
	// Rounded once for each item.
	exact, _ := new(big.Rat).Mul(rate, big.NewRat(net, 1)).Float64()
	if diff := exact - float64(tax); diff > 2 || diff < -2 {
		t.Errorf("%s: %s of %d is not %d", price, rate, net, tax)
	}
}

// ascii is how mail addresses spell names, from Unicode's names of letters.
func ascii(name string) string {
	r := strings.NewReplacer(
		"ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "á", "a", "č", "c", "ď", "d", "é", "e", "ě", "e", "í", "i", "ň", "n", "ó", "o", "ř", "r", "š", "s",
		"ť", "t", "ú", "u", "ů", "u", "ý", "y", "ž", "z", "ą", "a", "ć", "c", "ę", "e", "ł", "l", "ń", "n", "ś", "s", "ź", "z", "ż", "z", "'", "", "-", "", " ", "")
	return r.Replace(strings.ToLower(name))
}

func eanIsRight(s string) bool {
	sum := 0
	for i, c := range s {
		sum += int(c-'0') * []int{1, 3}[(i+13-len(s))%2]
	}
	return len(s) == 13 && sum%10 == 0
}

// vatIsRight checks VAT ids as tax offices do, by other formulas than ours
// where there are.
func vatIsRight(s string) bool {
	digits := func(s string) (d []int) {
		for _, c := range s {
			d = append(d, int(c-'0'))
		}
		return d
	}
	weighted := func(d []int, weights ...int) (sum int) {
		for i, w := range weights {
			sum += d[i] * w
		}
		return sum
	}
	switch {
	case strings.HasPrefix(s, "GB") && len(s) == 11:
		d := digits(s[2:])
		return (weighted(d, 8, 7, 6, 5, 4, 3, 2)+10*d[7]+d[8])%97 == 0
	case strings.HasPrefix(s, "CZ") && len(s) == 10:
		d := digits(s[2:])
		c := 11 - weighted(d, 8, 7, 6, 5, 4, 3, 2)%11
		return map[int]int{10: 0, 11: 1}[c] == d[7] && c >= 10 || c == d[7]
	case strings.HasPrefix(s, "PL") && len(s) == 12:
		d := digits(s[2:])
		return weighted(d, 6, 5, 7, 2, 3, 4, 5, 6, 7)%11 == d[9]
	case strings.HasPrefix(s, "DE") && len(s) == 11:
		product := 10
		d := digits(s[2:])
		for _, x := range d[:8] {
			sum := (x + product) % 10
			if sum == 0 {
				sum = 10
			}
			product = sum * 2 % 11
		}
		return (product+d[8])%10 == 1
	case strings.HasPrefix(s, "ATU") && len(s) == 11:
		d := digits(s[3:])
		sum := 0
		for i, x := range d[:7] {
			if i%2 == 1 {
				x = x/5 + x*2%10
			}
			sum += x
		}
		return (96-sum)%10 == d[7]
	}
	return false
}

func ibanIsRight(s string) bool {
	var b strings.Builder
	for _, c := range s[4:] + s[:4] {
		if c >= 'A' {
			fmt.Fprint(&b, int(c-'A')+10)
		} else {
			b.WriteRune(c)
		}
	}
	n, ok := new(big.Int).SetString(b.String(), 10)
	return ok && new(big.Int).Mod(n, big.NewInt(97)).Int64() == 1
}

// Each hint of the vocabulary makes something of its kind.
func TestHintsMakeTheirKind(t *testing.T) {
	s := compileText(t, `
type: object
required: [iban, ean8, ean14, code, shop, vat, full, birth, price, small, hex, sku, tariff, pick, lang, at, past, future, unix, day, instance, sum, list, map, constant]
properties:
  iban: {type: string, x-faker: finance.iban}
  ean8: {type: string, x-faker: {commerce.ean: {digits: 8}}}
  ean14: {type: string, x-faker: {commerce.ean: {digits: 14}}}
  code: {type: string, x-faker: {code.year: {digits: 6, prefix: "R-"}}}
  shop: {type: integer, x-faker: {id.small: {min: 200000, max: 999999}}}
  instance: {type: string, x-faker: {same: {as: 1/shop}}}
  vat: {type: string, x-faker: finance.vatId}
  full: {type: object, required: [name, firstName, lastName], properties: {name: {type: string, x-faker: person.fullName}, firstName: {type: string}, lastName: {type: string}}}
  birth: {type: string, x-faker: person.birthDate}
  price: {type: number, x-faker: {finance.amount: {min: 5, max: 6}}}
  small: {type: integer, x-faker: {integer: {min: 3, max: 4}}}
  hex: {type: string, x-faker: {id.hex: {length: 40}}}
  sku: {type: string, x-faker: {commerce.sku: {like: "AB-##"}}}
  tariff: {type: string, x-faker: commerce.customsTariffNumber}
  pick: {type: string, x-faker: {pick: [readytoship, shipped]}}
  lang: {type: string, x-faker: {language.code: {style: en-GB}}}
  at: {type: string, pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}[+-]\\d{4}$", x-faker: {date.recent: {layout: "2006-01-02T15:04:05-0700", zone: "+0100"}}}
  past: {type: string, format: date, x-faker: date.past}
  future: {type: string, format: date, x-faker: date.future}
  unix: {type: integer, x-faker: {date.recent: {layout: unix}}}
  day: {type: string, x-faker: {date.recent: {layout: "02.01.2006"}}}
  list: {type: array, items: {type: object, required: [n], properties: {n: {type: integer, minimum: 0}}}, x-faker: {list: {min: 4, max: 4}}}
  sum: {type: integer, x-faker: {sum: {of: ["1/list/*/n", "/small"]}}}
  map: {type: object, additionalProperties: {type: string}, x-faker: {members: [de_DE, en_GB]}}
  constant: {type: object, properties: {a: {type: integer}}, x-faker: {constant: {a: 5}}}
`)
	zones := map[string]bool{}
	each(t, s, func(t *testing.T, m made) {
		expect := func(ok bool, what string) {
			t.Helper()
			if !ok {
				t.Errorf("%s: %v", what, m[what])
			}
		}
		expect(ibanIsRight(m.text("iban")), "iban")
		expect(len(m.text("ean8")) == 8 && eanIsRight("00000"+m.text("ean8")), "ean8")
		expect(len(m.text("ean14")) == 14, "ean14")
		expect(strings.HasPrefix(m.text("code"), "R-2026") && len(m.text("code")) == 12, "code")
		expect(m.text("instance") == m.text("shop") && len(m.text("shop")) == 6, "instance")
		expect(vatIsRight(m.text("vat")), "vat")
		expect(m.text("full/name") == m.text("full/firstName")+" "+m.text("full/lastName"), "full")
		expect(m.text("birth") > "1955-01-01" && m.text("birth") < "2008-01-01", "birth")
		expect(strings.HasPrefix(m.text("price"), "5") || m.text("price") == "6", "price")
		expect(m.text("small") == "3" || m.text("small") == "4", "small")
		expect(len(m.text("hex")) == 40, "hex")
		expect(strings.HasPrefix(m.text("sku"), "AB-") && len(m.text("sku")) == 5, "sku")
		expect(len(m.text("tariff")) == 8, "tariff")
		expect(m.text("pick") == "shipped" || m.text("pick") == "readytoship", "pick")
		expect(len(m.text("lang")) == 5 && m.text("lang")[2] == '-', "lang")
		expect(strings.HasSuffix(m.text("at"), "+0100"), "at")
		expect(m.text("past") < "2026-01-15" && m.text("past") >= "2025-01-15", "past")
		expect(m.text("future") > "2026-01-15" && m.text("future") < "2026-02-20", "future")
		day, err := time.Parse("02.01.2006", m.text("day"))
		expect(err == nil && day.Year() == 2026, "day")
		seconds, err := m["unix"].(json.Number).Int64()
		expect(err == nil && time.Unix(seconds, 0).UTC().Year() == 2026, "unix")
		sum := m.cents(t, "small")
		for i := range 4 {
			sum += m.cents(t, fmt.Sprint("list/", i, "/n"))
		}
		expect(len(m["list"].([]any)) == 4 && m.cents(t, "sum") == sum, "sum")
		for _, k := range keysOf(m["map"].(map[string]any)) {
			expect(k == "de_DE" || k == "en_GB", "map")
			zones[k] = true
		}
		expect(m.text("constant") == "map[a:5]", "constant")
	})
	if len(zones) != 2 {
		t.Errorf("members %v", zones)
	}
}

func compileText(t testing.TB, text string) *schema.Schema {
	t.Helper()
	d, err := schema.Read("schema.yaml", []byte(text), schema.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := schema.Compile(d, "", schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// docs/contract-format.md has a row for every hint and no other.
func TestHintsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/contract-format.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## x-faker")
	documented := map[string]bool{}
	for _, line := range strings.Split(section, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		for i, part := range strings.Split(cells[1], "`") {
			if i%2 == 1 {
				documented[part] = true
			}
		}
	}
	for _, h := range faker.Hints() {
		if !documented[h] {
			t.Errorf("%s is not documented", h)
		}
		delete(documented, h)
	}
	for h := range documented {
		t.Errorf("%s is documented and not known", h)
	}
}

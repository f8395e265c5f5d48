package faker_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A senseJudge says what a person of the trade would find wrong with an event.
// It reads bodies as a receiver does and knows nothing of how they are made:
// what it knows of countries and codes stands in sense_facts_test.go.
type senseJudge struct {
	locale string
	moment time.Time
	event  string
	found  []string

	country string // alpha-2, once a value has told it
	letters map[rune]bool
}

// judgeSense lists what is wrong with a body, each with its pointer.
func judgeSense(locale, event string, body []byte) *senseJudge {
	j := &senseJudge{locale: locale, event: event, moment: time.Date(2026, 1, 15, 10, 0, 0, 0, time.UTC), letters: map[rune]bool{}}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		j.say("", "no JSON: %v", err)
		return j
	}
	j.visit("", v, func(pointer string, v any) {
		if name := lastToken(pointer); name == "countryCode" {
			j.land(pointer, v)
		}
	})
	j.visit("", v, j.value)
	j.pairs("", v)
	return j
}

func (j *senseJudge) say(pointer, format string, args ...any) {
	j.found = append(j.found, pointer+": "+fmt.Sprintf(format, args...))
}

func (j *senseJudge) visit(pointer string, v any, each func(string, any)) {
	switch c := v.(type) {
	case map[string]any:
		for _, k := range keysOf(c) {
			j.visit(pointer+"/"+k, c[k], each)
		}
	case []any:
		for i, item := range c {
			j.visit(pointer+"/"+strconv.Itoa(i), item, each)
		}
	}
	each(pointer, v)
}

func lastToken(pointer string) string { return pointer[strings.LastIndexByte(pointer, '/')+1:] }

// land: all countries of an event are one.
func (j *senseJudge) land(pointer string, v any) {
	code := fmt.Sprint(v)
	for alpha2, c := range countryFacts {
		if code != alpha2 && code != c.alpha3 {
			continue
		}
		if j.country != "" && j.country != alpha2 {
			j.say(pointer, "%s beside %s", code, j.country)
		}
		j.country = alpha2
	}
	if c, ok := countryFacts[j.country]; !ok || c.locale != j.locale {
		j.say(pointer, "country %s in locale %s", code, j.locale)
	}
}

// countries are those that the event may be in.
func (j *senseJudge) countries() []countryFact {
	if c, ok := countryFacts[j.country]; ok {
		return []countryFact{c}
	}
	var out []countryFact
	for _, k := range []string{"GB", "DE", "AT", "CZ", "PL"} {
		if c := countryFacts[k]; c.locale == j.locale {
			out = append(out, c)
		}
	}
	return out
}

func (j *senseJudge) fits(what func(countryFact) bool) bool {
	return slices.ContainsFunc(j.countries(), what)
}

var indexToken = regexp.MustCompile(`/[0-9]+(/|$)`)

func generic(pointer string) string {
	for indexToken.MatchString(pointer) {
		pointer = indexToken.ReplaceAllString(pointer, "/*$1")
	}
	return pointer
}

// value judges a scalar by the first row of senseForms for its place. A place
// that no row knows is a finding too: somebody has to think about it.
func (j *senseJudge) value(pointer string, v any) {
	switch v.(type) {
	case map[string]any, []any, nil, bool:
		return
	}
	text, place := fmt.Sprint(v), generic(pointer)
	if _, ok := v.(string); ok {
		j.spelling(pointer, text)
	}
	for _, row := range senseForms {
		if !row.place.MatchString(place) {
			continue
		}
		if row.form != nil && !row.form.MatchString(text) {
			j.say(pointer, "%q does not look like it (%s)", text, row.form)
		}
		if row.judge != nil {
			if wrong := row.judge(j, text); wrong != "" {
				j.say(pointer, "%q: %s", text, wrong)
			}
		}
		return
	}
	j.say(pointer, "nobody knows what %q should look like", text)
}

// spelling: letters are those of the locale or of English, and none is broken.
func (j *senseJudge) spelling(pointer, text string) {
	for _, r := range text {
		switch {
		case r >= ' ' && r <= '~':
		case strings.ContainsRune(diacritics[j.locale], r):
			j.letters[r] = true
		default:
			j.say(pointer, "%q has the letter %q", text, r)
		}
	}
	if strings.TrimSpace(text) != text || strings.Contains(text, "  ") || text == "" {
		j.say(pointer, "%q has odd spaces", text)
	}
}

// pairs judges what the members of each object have to do with each other.
func (j *senseJudge) pairs(pointer string, v any) {
	switch c := v.(type) {
	case map[string]any:
		j.times(pointer, c)
		j.price(pointer, c)
		j.order(pointer, c)
		j.address(pointer, c)
		j.person(pointer, c)
		j.shop(pointer, c)
		j.changes(pointer, c)
		for _, k := range keysOf(c) {
			j.pairs(pointer+"/"+k, c[k])
		}
	case []any:
		j.list(pointer, c)
		for i, item := range c {
			j.pairs(pointer+"/"+strconv.Itoa(i), item)
		}
	}
}

// below finds a value below an object, nil where there is none.
func below(v any, path string) any {
	for _, k := range strings.Split(path, "/") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[k]
	}
	return v
}

func timeAt(v any, path string) (time.Time, bool) {
	s, ok := below(v, path).(string)
	if !ok {
		return time.Time{}, false
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05-0700", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// times: what happens later is later; nothing has happened after the event.
func (j *senseJudge) times(pointer string, m map[string]any) {
	ordered := func(a, b any, path1, path2 string) {
		x, ok1 := timeAt(a, path1)
		y, ok2 := timeAt(b, path2)
		if ok1 && ok2 && x.After(y) {
			j.say(pointer+"/"+path1, "%s is after %s %s", x, path2, y)
		}
	}
	for _, row := range laterThan {
		ordered(m, m, row[0], row[1])
	}
	for k, v := range m {
		happened, ok := timeAt(m, k)
		if ok && slices.Contains(pastTimes, k) {
			if happened.After(j.moment) {
				j.say(pointer+"/"+k, "%s has not happened yet", happened)
			}
		} else if ok && slices.Contains(futureTimes, k) && !happened.After(j.moment) {
			j.say(pointer+"/"+k, "%s is over", happened)
		}
		parts, _ := v.([]any)
		for _, part := range parts { // an item of an order
			ordered(m, part, "createdAt", "createdAt")
			ordered(part, m, "updatedAt", "updatedAt")
		}
	}
	ordered(below(m, "customer"), m, "createdAt", "createdAt")
	ordered(below(m, "payload"), m, "updatedAt", "occurredAt")
}

// amountAt is an amount in the smallest unit there is: whole cents, or a
// decimal number of euros that is counted in cents.
func amountAt(v any, path string) (*big.Rat, bool) {
	switch n := below(v, path).(type) {
	case json.Number:
		return new(big.Rat).SetString(n.String())
	case string:
		return new(big.Rat).SetString(n)
	}
	return nil, false
}

func total(items []any, path string) (*big.Rat, bool) {
	sum := new(big.Rat)
	for _, item := range items {
		a, ok := amountAt(item, path)
		if !ok {
			return nil, false
		}
		sum.Add(sum, a)
	}
	return sum, len(items) > 0
}

func (j *senseJudge) equal(pointer, what string, a, b *big.Rat) {
	if a.Cmp(b) != 0 {
		j.say(pointer, "%s: %s is not %s", what, a.RatString(), b.RatString())
	}
}

// price: gross is net and tax, tax is the rate of net, and the reductions are
// what lies between the price before and the price.
func (j *senseJudge) price(pointer string, m map[string]any) {
	prefix := ""
	if below(m, "amount/withTax") != nil {
		prefix = "amount/" // a fee
	}
	gross, hasGross := amountAt(m, prefix+"withTax")
	net, hasNet := amountAt(m, prefix+"withoutTax")
	tax, hasTax := amountAt(m, "tax/vat/amount")
	if hasGross && gross.Sign() <= 0 {
		j.say(pointer, "nothing costs %s", gross.RatString())
	}
	if hasGross && hasNet && hasTax {
		j.equal(pointer, "with tax", gross, new(big.Rat).Add(net, tax))
	}
	if rate, ok := amountAt(m, "tax/vat/rate"); ok && hasTax && hasNet {
		off := new(big.Rat).Sub(new(big.Rat).Mul(rate, net), tax)
		if off.Abs(off).Cmp(big.NewRat(1, 2)) > 0 {
			j.say(pointer, "%s of %s is not %s", rate.FloatString(2), net.RatString(), tax.RatString())
		}
	}
	for name, of := range map[string]*big.Rat{"overrideWithTax": gross, "overrideWithoutTax": net, "costCapture": gross} {
		if a, ok := amountAt(m, name); ok && of != nil {
			j.equal(pointer, name, a, of)
		}
	}
	before, hasBefore := amountAt(m, "undiscountedWithTax")
	reductions, _ := m["appliedReductions"].([]any)
	off, ok := total(reductions, "amount/absoluteWithTax")
	if ok = ok || len(reductions) == 0; ok && hasBefore && hasGross && m["appliedReductions"] != nil {
		if off == nil {
			off = new(big.Rat)
		}
		j.equal(pointer, "before reductions", before, new(big.Rat).Add(gross, off))
	}
	if net2, ok := amountAt(m, "undiscountedWithOutTax"); ok && hasNet && hasBefore && (net2.Cmp(net) < 0 || net2.Cmp(before) > 0) {
		j.say(pointer, "without tax and undiscounted it is %s", net2.RatString())
	}
}

// order: the cost is the sum of the items, and the payments pay it.
func (j *senseJudge) order(pointer string, m map[string]any) {
	items, _ := m["items"].([]any)
	for _, part := range []string{"withTax", "withoutTax", "tax/vat/amount"} {
		cost, ok1 := amountAt(m, "cost/"+part)
		sum, ok2 := total(items, "price/"+part)
		if ok1 && ok2 {
			j.equal(pointer+"/cost/"+part, "sum of items", cost, sum)
		}
	}
	payments, _ := m["payment"].([]any)
	cost, ok1 := amountAt(m, "cost/withTax")
	paid, ok2 := total(payments, "amount")
	if ok1 && ok2 {
		j.equal(pointer+"/payment", "paid", paid, cost)
	}
	for i, p := range payments {
		a, ok := amountAt(p, "amount")
		for _, path := range []string{"data/amount", "data/amount/value"} {
			if b, ok2 := amountAt(p, path); ok && ok2 {
				j.equal(fmt.Sprint(pointer, "/payment/", i, "/", path), "paid", b, a)
			}
		}
	}
	packages, _ := m["packages"].([]any)
	var ids []string
	for _, p := range packages {
		ids = append(ids, fmt.Sprint(below(p, "id")))
	}
	for i, item := range items {
		if id := below(item, "packageId"); id != nil && len(ids) > 0 && !slices.Contains(ids, "<nil>") && !slices.Contains(ids, fmt.Sprint(id)) {
			j.say(fmt.Sprint(pointer, "/items/", i, "/packageId"), "%v is none of the packages %v", id, ids)
		}
	}
}

// address: a postcode belongs to its city.
func (j *senseJudge) address(pointer string, m map[string]any) {
	city, hasCity := m["city"].(string)
	zip, hasZip := m["zipCode"].(string)
	if !hasCity && !hasZip {
		return
	}
	if hasZip && !j.fits(func(c countryFact) bool { return c.zip.MatchString(zip) }) {
		j.say(pointer+"/zipCode", "%q is no postcode of %s", zip, j.country)
	}
	if begin, known := postcodes[city]; hasCity && !known {
		j.say(pointer+"/city", "where is %q", city)
	} else if hasCity && hasZip && !begin.MatchString(zip) {
		j.say(pointer+"/zipCode", "%s is not in %s", zip, city)
	}
	if state, ok := m["IPState"].(string); ok && m["IPCity"] != nil && !strings.Contains(states[fmt.Sprint(m["IPCity"])], state) {
		j.say(pointer+"/IPState", "%s is not in %s", m["IPCity"], state)
	}
}

// person: the address is made of the name, and the name is of the gender.
func (j *senseJudge) person(pointer string, m map[string]any) {
	first, ok1 := m["firstName"].(string)
	last, ok2 := m["lastName"].(string)
	if email, ok := m["email"].(string); ok && ok1 && ok2 {
		if want := ascii(first) + "." + ascii(last) + "@example."; !strings.HasPrefix(email, want) {
			j.say(pointer+"/email", "%s is not %s %s", email, first, last)
		}
	}
	g, ok := m["gender"].(string)
	if !ok {
		return
	}
	if want := genderOf[first]; ok1 && want != "" && want != g {
		j.say(pointer+"/gender", "%s is %s", first, g)
	}
	female := g == "f"
	switch {
	case j.locale == "cs" && ok2 && female != (strings.HasSuffix(last, "á") || strings.HasSuffix(last, "í") && female):
		j.say(pointer+"/lastName", "%s is %s", last, g)
	case j.locale == "pl" && ok2 && (strings.HasSuffix(last, "ski") && female || strings.HasSuffix(last, "ska") && !female):
		j.say(pointer+"/lastName", "%s is %s", last, g)
	}
}

// shop: a shop's country, currency and language belong together.
func (j *senseJudge) shop(pointer string, m map[string]any) {
	language, ok := m["defaultLanguageCode"].(string)
	if ok && j.country != "" && !strings.HasSuffix(language, "_"+j.country) {
		j.say(pointer+"/defaultLanguageCode", "%s in %s", language, j.country)
	}
	if list, has := m["supportedLanguageCodes"].([]any); ok && has && len(list) > 0 && !slices.Contains(list, any(language)) {
		j.say(pointer+"/supportedLanguageCodes", "%v without %s", list, language)
	}
	if shop, ok := m["eshopId"]; ok && strings.HasPrefix(j.event, "eshop:") && fmt.Sprint(shop) != fmt.Sprint(m["eventInstance"]) {
		j.say(pointer+"/eventInstance", "%v is not the shop %v", m["eventInstance"], shop)
	}
}

// changes: what is said of a resource is about that resource.
func (j *senseJudge) changes(pointer string, m map[string]any) {
	if a, b := m["option_code"], m["previous_option_code"]; a != nil && a == b {
		j.say(pointer+"/previous_option_code", "%v is not another", a)
	}
	events, _ := below(m, "synchronization/events").([]any)
	id := below(m, "resource_id/id")
	for i, e := range events {
		kind := fmt.Sprint(below(e, "type"))
		if name, _, _ := strings.Cut(fmt.Sprint(m["name"]), "_"); !strings.HasPrefix(kind, name) && !strings.Contains(kind, "_"+name) {
			j.say(fmt.Sprint(pointer, "/synchronization/events/", i, "/type"), "%s in %v", kind, m["name"])
		}
		if !strings.HasSuffix(kind, "_created") || strings.Contains(kind, "option") {
			continue
		}
		for _, k := range []string{"code", "sku"} {
			if v := below(e, "payload/"+k); v != nil && v != id {
				j.say(fmt.Sprint(pointer, "/synchronization/events/", i, "/payload/", k), "%v is not %v", v, id)
			}
		}
	}
}

// list: identifiers and languages of a list differ.
func (j *senseJudge) list(pointer string, items []any) {
	seen := map[string]bool{}
	for i, item := range items {
		key := ""
		switch v := item.(type) {
		case map[string]any:
			for _, k := range []string{"id", "key", "language", "name"} {
				if s, ok := v[k]; ok && !slices.Contains(repeatable, lastToken(pointer)) {
					key = k + " " + fmt.Sprint(s)
					break
				}
			}
		case json.Number:
			key = v.String()
		case string:
			key = v
		}
		if key != "" && seen[key] {
			j.say(fmt.Sprint(pointer, "/", i), "%s again", key)
		}
		seen[key] = true
	}
}

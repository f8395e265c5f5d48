package faker

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hookrig/hookrig/contracts/schema"
)

var patterns = []string{
	`^[A-Z]{2}\d{4}$`, `^(foo|bar)+$`, `a.c`, `^\S+@\S+\.\w{2,3}$`, `^(?:[01]\d|2[0-3]):[0-5]\d$`, `\bword\b`, `^$`, `^\w*$`,
	`(?i)^hello$`, `^[^a-z]+$`, `^(a|ab)(c|bcd)(d*)$`, `^\p{Lu}\p{Ll}+$`, `x*`, `^a{3,}$|^b{2}$`, `^\d+(\.\d{1,2})?$`, `[äöü]`, `^.{0,3}$`,
	`^(?=.*\d)(?=.*[a-z]).{4,8}$`, `^(?!admin)[a-z]{5}$`, `^-?(0|[1-9]\d*)$`, `\Bx`, `^\$\d+\.\d\d$`, `^[\w.-]+$`, `^[0-9a-f]{8}-[0-9a-f]{4}$`,
}

// Words of a language match its patterns, are of the length asked for, and
// different numbers make different words.
func TestLanguagesMakeMatches(t *testing.T) {
	j := newJudge()
	for _, expr := range patterns {
		for _, bounds := range [][2]int{{0, -1}, {3, 6}, {5, 5}, {0, 1}, {40, 60}} {
			l, err := newLanguage([]rule{{expr, false}}, bounds[0], bounds[1])
			if err != nil {
				t.Fatalf("%s: %v", expr, err)
			}
			seen := map[string]bool{}
			for i := range min(l.total, 300) {
				at := i
				if l.total > 300 {
					at = key(mix(i, 9)).below(l.total)
				}
				w := unescape(l.append(nil, at))
				n := utf8.RuneCountInString(w)
				if !j.matches(expr, w) || n < bounds[0] || bounds[1] >= 0 && n > bounds[1] {
					t.Fatalf("%s %v makes %q", expr, bounds, w)
				}
				if l.total <= 300 && seen[w] {
					t.Fatalf("%s %v makes %q twice", expr, bounds, w)
				}
				seen[w] = true
				if d := unescape(l.draw(nil, key(mix(i, 10)))); !j.matches(expr, d) {
					t.Fatalf("%s %v draws %q", expr, bounds, d)
				}
			}
		}
	}
}

// A language is empty only if no string of a large sample is in it.
func TestEmptyLanguagesAreEmpty(t *testing.T) {
	samples := []string{""}
	for _, expr := range patterns {
		l, err := newLanguage([]rule{{expr, false}}, 0, -1)
		if err != nil {
			t.Fatal(err)
		}
		for i := range min(l.total, 40) {
			samples = append(samples, unescape(l.append(nil, i*(l.total/min(l.total, 40)))))
		}
	}
	j := newJudge()
	for _, a := range patterns {
		for _, b := range patterns {
			for _, not := range []bool{false, true} {
				if not && strings.Contains(b, "(?=") || not && strings.Contains(b, "(?!") {
					continue
				}
				l, err := newLanguage([]rule{{a, false}, {b, not}}, 0, -1)
				if err != nil {
					t.Fatalf("%s, %s: %v", a, b, err)
				}
				if l.total > 0 {
					for i := range min(l.total, 20) {
						if w := unescape(l.append(nil, i)); !j.matches(a, w) || j.matches(b, w) == not {
							t.Fatalf("%s and %s (not %v) make %q", a, b, not, w)
						}
					}
					continue
				}
				for _, s := range samples {
					if j.matches(a, s) && j.matches(b, s) != not {
						t.Fatalf("%s and %s (not %v) are called empty, but have %q", a, b, not, s)
					}
				}
			}
		}
	}
}

func TestLanguagesCount(t *testing.T) {
	for expr, want := range map[string]uint64{`^[ab]{3}$`: 8, `^(a|b)?$`: 3, `^\d{2}$`: 100, `^x$`: 1, `^$`: 1, `^[a-c]$|^b$`: 3, `$^a`: 0} {
		l, err := newLanguage([]rule{{expr, false}}, 0, -1)
		if err != nil || l.total != want {
			t.Errorf("%s has %d words, not %d; %v", expr, l.total, want, err)
		}
	}
	if _, err := newLanguage([]rule{{`(a|b)*a(a|b){20}$`, false}}, 0, -1); err == nil {
		t.Error("an automaton of a million states was built")
	}
}

// Each format's own pattern makes strings of that format, as the validator
// sees it.
func TestFormatPatternsAreOfTheirFormat(t *testing.T) {
	j := newJudge()
	for _, format := range sortedKeys(formats) {
		expr := formats[format]
		for _, s := range formatExtras[format] {
			if format != "email" && format != "idn-email" && !j.format(format, s) {
				t.Errorf("%s: sample %q", format, s)
			}
		}
		if expr == "" {
			continue
		}
		for _, bounds := range [][2]int{{0, -1}, {20, 60}, {100, 200}} {
			l, err := newLanguage([]rule{{expr, false}}, bounds[0], bounds[1])
			if err != nil {
				t.Fatal(format, err)
			}
			for i := range min(l.total, 200) {
				if w := unescape(l.draw(nil, key(mix(i, 3)))); !j.format(format, w) || !regexp.MustCompile(expr).MatchString(w) {
					t.Fatalf("%s: %q", format, w)
				}
			}
		}
	}
}

func TestLattices(t *testing.T) {
	rat := func(s string) *big.Rat {
		if s == "" {
			return nil
		}
		r, _ := new(big.Rat).SetString(s)
		return r
	}
	for _, c := range []struct {
		min, max, above, below, step, not string
		types                             schema.Types
		size                              uint64
		some                              string
	}{
		{min: "1", max: "3", types: schema.Integer, size: 3},
		{above: "1", below: "3", types: schema.Integer, size: 1, some: "2"},
		{above: "1", below: "2", types: schema.Integer, size: 0},
		{min: "0.5", max: "0.6", types: numberType, size: 2},
		{above: "0", below: "0.001", types: numberType, size: 9},
		{min: "0", max: "1", step: "0.25", types: numberType, size: 5},
		{min: "7", max: "20", step: "6", types: schema.Integer, size: 2, some: "12"},
		{min: "1", max: "1", types: numberType, size: 1, some: "1"},
		{min: "1e300", max: "1e300", types: numberType, size: 1},
		{min: "1", max: "2", types: schema.Number, size: 9}, // no integers
		{min: "10", max: "20", step: "2", not: "4", types: schema.Integer, size: 3},
		{min: "-3", max: "-1", types: schema.Integer, size: 3},
		{min: "0.123456789012345678901", max: "0.123456789012345678901", types: numberType, size: 1, some: "0.123456789012345678901"},
		{min: "0", max: "0.000000000000000001", above: "0", types: numberType, size: 1},
	} {
		n := &schema.Node{Types: c.types, Minimum: rat(c.min), Maximum: rat(c.max), ExclusiveMinimum: rat(c.above), ExclusiveMaximum: rat(c.below), MultipleOf: rat(c.step)}
		b := &branch{kept: []*schema.Node{n}, types: c.types}
		if c.not != "" {
			b.broken = append(b.broken, &schema.Node{Types: numberType, MultipleOf: rat(c.not)})
		}
		r := newNumberRules(b)
		l := r.lattice(nil)
		if l.size() != c.size {
			t.Errorf("%+v has %d points", c, l.size())
			continue
		}
		for i := range l.size() {
			text := string(l.append(nil, i))
			v := rat(text)
			if v == nil || !r.keeps(v) || c.some != "" && l.size() == 1 && text != c.some {
				t.Errorf("%+v makes %s", c, text)
			}
		}
	}
}

func TestAppendInt(t *testing.T) {
	for v := int64(1); v > 0 && v < 1<<62; v = v*3 + 1 {
		for _, x := range []int64{v, -v, v - 1, v / 10 * 10} {
			if got, want := string(appendInt([]byte("x"), x)), "x"+strconv.FormatInt(x, 10); got != want {
				t.Fatalf("%d is written %s", x, got)
			}
		}
	}
}

func TestTokens(t *testing.T) {
	for name, want := range map[string]string{
		"updatedAt": "updated at", "xRequestId": "x request id", "URLPath": "url path", "zip_code": "zip code", "vat-id": "vat id",
		"SellerSKUs": "seller sk us", "a b": "a b", "": "", "Příjmení": "příjmení", "address1": "address1",
	} {
		if got := strings.Join(tokens(name), " "); got != want {
			t.Errorf("%q is %q", name, got)
		}
	}
}

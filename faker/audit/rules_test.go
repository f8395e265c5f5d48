package audit_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/faker/audit"
	"github.com/hookrig/hookrig/faker/shop"
)

// sighting shows entities of one kind, each by pairs of a property and a text.
func sighting(by, action string, kind shop.Kind, pairs ...string) *audit.Sighting {
	f := &audit.Fact{Kind: kind, Fresh: true, Values: map[string]shop.Value{}}
	for i := 0; i < len(pairs); i += 2 {
		f.Values[pairs[i]] = shop.Value{Type: shop.Text, Text: pairs[i+1]}
	}
	return &audit.Sighting{Action: action, By: by, Where: by + " " + action, Facts: []*audit.Fact{f}}
}

// told are streams in which the last sighting breaks a rule, and no other does.
var told = []struct {
	rule string
	all  func() []*audit.Sighting
}{
	{"reference/identity", func() []*audit.Sighting {
		return []*audit.Sighting{
			sighting("", "", shop.KindSupplier, "id", "1", "number", "A"), sighting("", "", shop.KindSupplier, "id", "2", "number", "B"),
			sighting("", "", shop.KindSupplier, "id", "1", "number", "B"),
		}
	}},
	{"contradiction/order", func() []*audit.Sighting {
		s := sighting("", "", shop.KindOrder, "id", "1")
		s.Facts[0].Clashes = []string{"total"}
		return []*audit.Sighting{s}
	}},
	{"state/customer", func() []*audit.Sighting {
		return []*audit.Sighting{
			sighting("", "customer.registered", shop.KindCustomer, "id", "1", "email", "a@example.com"),
			sighting("", "customer.updated", shop.KindCustomer, "id", "2", "email", "b@example.com"),
			sighting("", "customer.updated", shop.KindCustomer, "id", "2", "email", "c@example.com"),
			sighting("", "customer.loggedIn", shop.KindCustomer, "id", "1", "email", "d@example.com"),
		}
	}},
	{"reference/order", func() []*audit.Sighting { // its own herald is silent
		return []*audit.Sighting{
			heralded(sighting("p", "order.placed", shop.KindOrder, "id", "1")), heralded(sighting("q", "order.placed", shop.KindOrder, "id", "1")),
			heralded(sighting("q", "order.placed", shop.KindOrder, "id", "2")), sighting("q", "order.updated", shop.KindOrder, "id", "2"),
			sighting("p", "order.updated", shop.KindOrder, "id", "2"),
		}
	}},
	{"reference/order", func() []*audit.Sighting { // one that always tells is silent, whoever speaks
		return []*audit.Sighting{
			heralded(sighting("q", "order.placed", shop.KindOrder, "id", "1")), sighting("r", "order.updated", shop.KindOrder, "id", "1"),
			sighting("r", "order.updated", shop.KindOrder, "key", "unheard"), // by a name that the herald does not use
			sighting("r", "order.updated", shop.KindOrder, "id", "2"),
		}
	}},
}

func heralded(s *audit.Sighting) *audit.Sighting {
	s.New = []shop.Kind{s.Facts[0].Kind}
	return s
}

func TestToldViolations(t *testing.T) {
	for _, x := range told {
		a := audit.New(0)
		a.FromTheStart([]audit.Herald{{By: "p", Kind: shop.KindOrder}, {By: "q", Kind: shop.KindOrder, Always: true}})
		all := x.all()
		for i, s := range all {
			a.See(s)
			switch found := a.Violations(); {
			case i < len(all)-1 && len(found) > 0:
				t.Fatalf("%s: nothing is wrong yet with %s: %v", x.rule, s.Where, found)
			case i == len(all)-1 && (len(found) == 0 || found[0].Rule != x.rule):
				t.Errorf("%s was not noticed, found were %v", x.rule, found)
			}
		}
	}
}

// Each rule of the source has a violation that was made on purpose.
func TestEachRuleIsSeeded(t *testing.T) {
	var seeded []string
	for _, x := range spoils {
		seeded = append(seeded, x.rule)
	}
	for _, x := range told {
		seeded = append(seeded, x.rule)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"((?:constant|contradiction|life|money|reference|state|stock|time)/[a-z]*)"`).FindAllStringSubmatch(string(text), -1) {
			n++
			if !strings.Contains(" "+strings.Join(seeded, " "), " "+m[1]) {
				t.Errorf("%s: nothing breaks %s", file, m[1])
			}
		}
	}
	if n < 15 {
		t.Errorf("the source has more rules than %d", n)
	}
}

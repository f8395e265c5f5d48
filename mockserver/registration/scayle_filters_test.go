package registration_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/mockserver/registration"
)

// What a subscription's filters let pass.
func TestScayleFilters(t *testing.T) {
	_, subs := scayleClient(t)
	order := func(whole string, about ...string) string {
		items := make([]string, len(about))
		for i, key := range about {
			items[i] = fmt.Sprintf(`{"merchant":{"referenceKey":%q}}`, key)
		}
		return fmt.Sprintf(`{"payload":{"order":{"items":[{"merchant":{"referenceKey":%q}}]},"items":[%s]}}`, whole, strings.Join(items, ","))
	}
	const main = `{"merchantReferenceKeys":{"include":["main","extra"]}}`
	for _, c := range []struct {
		filters, body string
		want          bool
	}{
		{`[` + main + `]`, order("x", "main"), true},
		{`[` + main + `]`, order("x", "other", "extra"), true},
		{`[` + main + `]`, order("main", "other"), false}, // the item that it is about is another's
		{`[` + main + `]`, order("x", "Main"), false},
		{`[` + main + `]`, order("x"), true}, // it names nobody
		{`[` + main + `]`, `{"payload":{"customer":{"id":1}}}`, true},
		{`[` + main + `]`, `{"payload":{"items":[{"merchant":{}},{}]}}`, true},
		{`[` + main + `]`, `{"payload":{"items":7}}`, true},
		{`[` + main + `,{"merchantReferenceKeys":{"include":["other"]}}]`, order("x", "main"), false},
		{`[` + main + `,{"merchantReferenceKeys":{"include":["other"]}}]`, order("x", "main", "other"), true},
		{`[{"merchantReferenceKeys":{"include":[]}}]`, order("x", "other"), true},
		{`[{"merchantReferenceKeys":7},{"countries":["DE"]},3]`, order("x", "other"), true},
		{`[]`, order("x", "other"), true},
		{`null`, order("x", "other"), true},
	} {
		sub := registration.Subscription{Provider: "scayle", Extra: json.RawMessage(`{"version":1,"filters":` + c.filters + `}`)}
		if got := subs.Wants(sub, []byte(c.body)); got != c.want {
			t.Errorf("%s of %s: %v", c.filters, c.body, got)
		}
		sub.Provider = "xentral"
		if !subs.Wants(sub, []byte(c.body)) {
			t.Errorf("another provider filters %s", c.body)
		}
	}
}

// Events are said to be filtered exactly where they name merchants.
func TestScayleSaysWhatIsFiltered(t *testing.T) {
	c, _ := scayleClient(t)
	var list struct {
		Entities []struct {
			Event            string
			SupportedFilters map[string]bool
		}
	}
	if err := json.Unmarshal([]byte(c.do("GET", "/webhooks/events", "").want(t, 200, "").body), &list); err != nil {
		t.Fatal(err)
	}
	events, err := faker.New(builtin(t)[3], faker.Options{Shape: faker.Full})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list.Entities {
		event, err := events.Event(e.Event)
		if err != nil {
			t.Fatal(err)
		}
		if names := strings.Contains(string(event.Body), `"merchant":{"referenceKey"`); names != e.SupportedFilters["merchants"] {
			t.Errorf("%s: %v, and it names merchants: %v", e.Event, e.SupportedFilters, names)
		}
	}
}

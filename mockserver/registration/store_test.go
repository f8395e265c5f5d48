package registration_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/registration"
)

func draft(provider, url string, events ...string) registration.Draft {
	return registration.Draft{Provider: provider, URL: url, Events: events}
}

func create(t *testing.T, s *registration.Subscriptions, drafts ...registration.Draft) []registration.Subscription {
	t.Helper()
	subs, err := s.Create(t.Context(), drafts...)
	if err != nil {
		t.Fatal(err)
	}
	return subs
}

// TestRules: what each provider takes, and why it refuses.
func TestRules(t *testing.T) {
	long := func(n int) string { return "https://a.example/" + strings.Repeat("é", n-len("https://a.example/")) }
	tests := []struct {
		name    string
		draft   registration.Draft
		refused registration.Kind // "": taken
		waived  string            // where URLs are relaxed
	}{
		{"no contract", draft("nobody", "https://a.example/", "x"), registration.KindProvider, ""},
		{"no event", draft("shoptet", "https://a.example/"), registration.KindMissing, ""},
		{"no event where none is taken", draft("xentral", "https://a.example/"), "", ""},
		{"unknown event", draft("shoptet", "https://a.example/", "order:creat"), registration.KindEvent, ""},
		{"an event of another provider", draft("shoptet", "https://a.example/", "onOrderCreated"), registration.KindEvent, ""},
		{"two events where one is taken", draft("scayle", "https://a.example/", "order-confirmed", "order-invoiced"), registration.KindValue, ""},
		{"the same event twice is once", draft("scayle", "https://a.example/", "order-confirmed", "order-confirmed"), "", ""},
		{"several events", draft("sellercenter", "http://a.example/", "onOrderCreated", "onProductCreated"), "", ""},

		{"no URL", draft("shoptet", "", "order:create"), registration.KindMissing, ""},
		{"relative", draft("shoptet", "/hooks", "order:create"), registration.KindURL, ""},
		{"no host", draft("shoptet", "https:///hooks", "order:create"), registration.KindURL, ""},
		{"a port and no host", draft("shoptet", "https://:443/hooks", "order:create"), registration.KindURL, ""},
		{"another scheme", draft("scayle", "ftp://a.example/", "order-confirmed"), registration.KindURL, ""},
		{"a script", draft("scayle", "javascript:alert(1)", "order-confirmed"), registration.KindURL, ""},
		{"a line break", draft("scayle", "https://a.example/\r\nX: y", "order-confirmed"), registration.KindURL, ""},
		{"no port of this world", draft("scayle", "https://a.example:65536/", "order-confirmed"), registration.KindURL, ""},
		{"no number", draft("scayle", "https://a.example:http/", "order-confirmed"), registration.KindURL, ""},
		{"ports", draft("shoptet", "https://a.example:8443/", "order:create"), "", ""},
		{"another port", draft("shoptet", "https://a.example:8444/", "order:create"), registration.KindURL, "port 8444 is not one of 80, 8080, 443, 8443"},
		{"at home", draft("shoptet", "http://localhost:3000/", "order:create"), registration.KindURL, "port 3000 is not one of 80, 8080, 443, 8443"},
		{"no https", draft("xentral", "http://localhost:3000/", "salesOrder.created"), registration.KindURL, "only https is taken"},
		{"http where it is taken", draft("sellercenter", "http://localhost/callbacks/1", "onFeedCreated"), "", ""},
		{"2000 characters", draft("shoptet", long(2000), "order:create"), "", ""},
		{"2001 characters", draft("shoptet", long(2001), "order:create"), registration.KindURL, ""},
		{"255 characters", draft("xentral", long(255), "salesOrder.created"), "", ""},
		{"256 characters", draft("xentral", long(256), "salesOrder.created"), registration.KindURL, ""},
		{"8192 bytes", draft("scayle", "https://a.example/"+strings.Repeat("a", 8192-18), "order-confirmed"), "", ""},
		{"8193 bytes", draft("scayle", "https://a.example/"+strings.Repeat("a", 8193-18), "order-confirmed"), registration.KindURL, ""},
	}
	for _, test := range tests {
		for _, relaxed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, relaxed %v", test.name, relaxed), func(t *testing.T) {
				log, logger := newLog()
				subs := load(t, registration.Config{RelaxedURLs: relaxed, Logger: logger})
				got, err := subs.Create(t.Context(), test.draft)
				var refused *registration.RefusedError
				if test.refused == "" || relaxed && test.waived != "" {
					if err != nil {
						t.Fatal(err)
					}
					if got[0].Relaxed != map[bool]string{true: test.waived}[relaxed] {
						t.Errorf("waived %q", got[0].Relaxed)
					}
					if relaxed && test.waived != "" && !strings.Contains(log.String(), test.waived) {
						t.Errorf("the log does not say what was waived: %s", log)
					}
					return
				}
				if !errors.As(err, &refused) || refused.Kind != test.refused {
					t.Fatalf("got %v, want %s", err, test.refused)
				}
				if len(subs.List("")) != 0 {
					t.Error("something is registered")
				}
			})
		}
	}
}

// TestConflicts: documented pairs, in one request and against what is there.
func TestConflicts(t *testing.T) {
	const url = "https://a.example/"
	tests := []struct {
		first, second string
		conflict      bool
	}{
		{"customer:update", "customer:disableOrders", true},
		{"customer:update", "customer:enableOrders", true},
		{"order:update", "order:cancel", true},
		{"customer:disableOrders", "customer:enableOrders", false},
		{"order:update", "customer:disableOrders", false},
		{"order:create", "order:cancel", false},
	}
	for _, test := range tests {
		for _, pair := range [][2]string{{test.first, test.second}, {test.second, test.first}} {
			t.Run(pair[0]+" "+pair[1], func(t *testing.T) {
				one, two := draft("shoptet", url, pair[0]), draft("shoptet", url, pair[1])
				together := load(t, registration.Config{})
				_, err := together.Create(t.Context(), one, two)
				judge(t, "in one request", err, test.conflict, pair)
				if test.conflict && len(together.List("")) != 0 {
					t.Error("half of a refused request was kept")
				}

				apart := load(t, registration.Config{})
				first := create(t, apart, one)[0]
				_, err = apart.Create(t.Context(), two)
				judge(t, "against a live one", err, test.conflict, pair)
				if err := apart.Disable(t.Context(), first.ID, "failures"); err != nil {
					t.Fatal(err)
				}
				if test.conflict {
					_, err = apart.Create(t.Context(), two)
					judge(t, "against a disabled one", err, true, pair)
					if err := apart.Delete(t.Context(), first.ID); err != nil {
						t.Fatal(err)
					}
					_, err = apart.Create(t.Context(), two)
					judge(t, "once it is gone", err, false, pair)
				}
			})
		}
	}
}

func judge(t *testing.T, when string, err error, conflict bool, pair [2]string) {
	t.Helper()
	var refused *registration.RefusedError
	if errors.As(err, &refused); conflict != (refused != nil && refused.Kind == registration.KindConflict) {
		t.Errorf("%s: got %v, want conflict %v", when, err, conflict)
	}
	if conflict && refused != nil && !slices.Equal([]string{refused.Other, refused.Event}, pair[:]) {
		t.Errorf("%s: %q and %q, want %v", when, refused.Event, refused.Other, pair)
	}
}

func TestConflictsDoNotCrossProviders(t *testing.T) {
	own := userContract(t, "twin", "customer:update", "customer:disableOrders")
	subs := load(t, registration.Config{Contracts: append(builtin(t), own)})
	create(t, subs, draft("twin", "http://localhost:1/", "customer:disableOrders", "customer:update"), draft("shoptet", "https://a.example/", "customer:update"))
}

// TestOnceEach: where the provider takes an event once, twice is refused in one
// request, against what is there, and by an update.
func TestOnceEach(t *testing.T) {
	const url = "https://a.example/"
	subs := load(t, registration.Config{})
	_, err := subs.Create(t.Context(), draft("shoptet", url, "order:create"), draft("shoptet", url, "order:create"))
	var refused *registration.RefusedError
	if !errors.As(err, &refused) || refused.Kind != registration.KindExists || refused.Index != 1 {
		t.Fatalf("in one request: %v", err)
	}
	both := create(t, subs, draft("shoptet", url, "order:create"), draft("shoptet", url, "order:update"))
	_, err = subs.Create(t.Context(), draft("shoptet", "https://b.example/", "order:create"))
	if !errors.As(err, &refused) || refused.Kind != registration.KindExists || refused.Other != both[0].ID {
		t.Fatalf("against a live one: %v", err)
	}
	_, err = subs.Update(t.Context(), both[1].ID, registration.Change{Events: []string{"order:create"}})
	if !errors.As(err, &refused) || refused.Kind != registration.KindExists {
		t.Fatalf("by an update: %v", err)
	}
	if _, err = subs.Update(t.Context(), both[1].ID, registration.Change{Events: []string{"order:update"}}); err != nil {
		t.Fatalf("an update to what it is: %v", err)
	}
	create(t, subs, draft("scayle", url, "order-confirmed"), draft("scayle", url, "order-confirmed"))
}

// TestRestart: another store over the same shelf and secrets is the same.
func TestRestart(t *testing.T) {
	shelf, secrets := mockserver.NewMemory(), newSecrets()
	config := registration.Config{Shelf: shelf, Secrets: secrets}
	first := load(t, config)
	made := create(t, first,
		draft("shoptet", "https://a.example/", "order:create"),
		draft("shoptet", "https://a.example/?token=c4n4ry", "order:update"),
		draft("scayle", "https://user:c4n4ry@a.example/", "order-confirmed"),
		registration.Draft{Provider: "xentral", URL: "https://a.example/", Events: []string{"salesOrder.created"}, Secret: signature.NewSecret("c4n4ry-c4n4ry-c4n4ry")},
	)
	if err := first.Disable(t.Context(), made[0].ID, "three attempts failed"); err != nil {
		t.Fatal(err)
	}
	if err := first.Delete(t.Context(), made[3].ID); err != nil {
		t.Fatal(err)
	}

	again := load(t, config)
	if got, want := fmt.Sprint(again.List("")), fmt.Sprint(first.List("")); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, sub := range again.List("") {
		before, err1 := first.Target(sub.ID)
		after, err2 := again.Target(sub.ID)
		if err := errors.Join(err1, err2); err != nil || before != after {
			t.Errorf("%s: target %q, before %q (%v)", sub.ID, after, before, err)
		}
	}
	var refused *registration.RefusedError
	if _, err := again.Create(t.Context(), draft("shoptet", "https://a.example/", "order:cancel")); !errors.As(err, &refused) || refused.Kind != registration.KindConflict {
		t.Errorf("order:update is registered: %v", err)
	}
}

func TestRestartDoesNotGiveIDsTwice(t *testing.T) {
	shelf := mockserver.NewMemory()
	first := load(t, registration.Config{Shelf: shelf})
	ids := map[string]bool{}
	for range 3 {
		sub := create(t, first, draft("scayle", "https://a.example/", "order-confirmed"))[0]
		ids[sub.ID] = true
		if err := first.Delete(t.Context(), sub.ID); err != nil {
			t.Fatal(err)
		}
		first = load(t, registration.Config{Shelf: shelf})
	}
	if len(ids) != 3 {
		t.Errorf("ids %v", ids)
	}

	sub := create(t, first, draft("scayle", "https://a.example/", "order-confirmed"))[0]
	if err := shelf.Delete(t.Context(), "subscription-counter", "last"); err != nil {
		t.Fatal(err)
	}
	first = load(t, registration.Config{Shelf: shelf})
	for range 5 {
		if again := create(t, first, draft("scayle", "https://a.example/", "order-confirmed"))[0]; again.ID == sub.ID {
			t.Errorf("id %s was given twice because the counter was lost", sub.ID)
		}
	}
}

// TestSecretsStayOut: no document and no Subscription holds what is secret.
func TestSecretsStayOut(t *testing.T) {
	const canary = "c4n4ry-c4n4ry-c4n4ry"
	log, logger := newLog()
	shelf, secrets := mockserver.NewMemory(), newSecrets()
	subs := load(t, registration.Config{Shelf: shelf, Secrets: secrets, Logger: logger, RelaxedURLs: true})
	made := create(t, subs,
		draft("shoptet", "https://a.example:3000/?token="+canary, "order:create"),
		draft("scayle", "https://user:"+canary+"@a.example/", "order-confirmed"),
		registration.Draft{Provider: "xentral", URL: "https://a.example/", Events: []string{"salesOrder.created"}, Secret: signature.NewSecret(canary)},
	)
	for _, sub := range made {
		if strings.Contains(fmt.Sprintf("%+v", sub), canary) {
			t.Errorf("subscription %+v", sub)
		}
	}
	for _, kind := range []string{"subscription", "subscription-counter"} {
		for doc, err := range shelf.All(t.Context(), kind) {
			if err != nil || strings.Contains(string(doc.Doc), canary) {
				t.Errorf("%s %s: %s (%v)", kind, doc.Name, doc.Doc, err)
			}
		}
	}
	if strings.Contains(log.String(), canary) {
		t.Errorf("log: %s", log)
	}
	for _, sub := range made {
		if err := subs.Delete(t.Context(), sub.ID); err != nil {
			t.Fatal(err)
		}
	}
	if secrets.names() != 1 { // the key that all registrations with one provider share
		t.Errorf("%d secrets are left", secrets.names())
	}
}

func TestUpdateOfURLs(t *testing.T) {
	secrets := newSecrets()
	subs := load(t, registration.Config{Secrets: secrets, RelaxedURLs: true})
	sub := create(t, subs, draft("scayle", "https://user:pass@a.example/", "order-confirmed"))[0]
	for _, step := range []struct{ url, shown string }{
		{"https://user:other@a.example/", "https://a.example/"},
		{"https://b.example/", "https://b.example/"},
		{"https://b.example/?token=x&y=z", "https://b.example/?token=[redacted]&y=z"},
	} {
		got, err := subs.Update(t.Context(), sub.ID, registration.Change{URL: step.url})
		if err != nil || got.URL != step.shown || !got.Updated.Equal(noon) {
			t.Fatalf("%+v %v", got, err)
		}
		if target, err := subs.Target(sub.ID); err != nil || target != step.url {
			t.Errorf("target %q %v, want %q", target, err, step.url)
		}
		if want := map[bool]int{true: 1}[got.Private]; secrets.names() != want {
			t.Errorf("%s: %d secrets are kept", step.url, secrets.names())
		}
	}
	if _, err := subs.Update(t.Context(), "404", registration.Change{}); !errors.Is(err, registration.ErrUnknown) {
		t.Error(err)
	}
	secrets.refuse = errors.New("disk")
	if _, err := subs.Update(t.Context(), sub.ID, registration.Change{URL: "https://c.example/?token=y"}); err == nil {
		t.Error("the store of secrets failed and nobody noticed")
	}
	secrets.refuse = nil
	if target, err := subs.Target(sub.ID); err != nil || target != "https://b.example/?token=x&y=z" {
		t.Errorf("after a failed update: %q %v", target, err)
	}
}

// fullShelf takes so many documents and no more.
type fullShelf struct {
	mockserver.Shelf
	room int
}

func (f *fullShelf) Put(ctx context.Context, kind, name string, doc []byte) error {
	if kind == "subscription" {
		if f.room == 0 {
			return fmt.Errorf("shelf: %w", mockserver.ErrFull)
		}
		f.room--
	}
	return f.Shelf.Put(ctx, kind, name, doc)
}

func (f *fullShelf) All(ctx context.Context, kind string) iter.Seq2[mockserver.Document, error] {
	return f.Shelf.All(ctx, kind)
}

func TestAllOrNoneWhenTheShelfIsFull(t *testing.T) {
	shelf, secrets := &fullShelf{mockserver.NewMemory(), 2}, newSecrets()
	subs := load(t, registration.Config{Shelf: shelf, Secrets: secrets})
	_, err := subs.Create(t.Context(),
		draft("scayle", "https://u:p@a.example/", "order-confirmed"), draft("scayle", "https://u:p@a.example/", "order-confirmed"),
		draft("scayle", "https://u:p@a.example/", "order-confirmed"))
	if !errors.Is(err, mockserver.ErrFull) {
		t.Fatal(err)
	}
	left := 0
	for range shelf.All(t.Context(), "subscription") {
		left++
	}
	if left != 0 || secrets.names() != 0 || len(subs.List("")) != 0 {
		t.Errorf("%d documents, %d secrets, %d subscriptions are left", left, secrets.names(), len(subs.List("")))
	}
	if _, err := subs.Update(t.Context(), "1", registration.Change{}); !errors.Is(err, registration.ErrUnknown) {
		t.Error(err)
	}
}

func TestUpdateWhenTheShelfIsFull(t *testing.T) {
	shelf := &fullShelf{mockserver.NewMemory(), 1}
	subs := load(t, registration.Config{Shelf: shelf})
	sub := create(t, subs, draft("scayle", "https://u:p@a.example/", "order-confirmed"))[0]
	if _, err := subs.Update(t.Context(), sub.ID, registration.Change{URL: "https://u:q@a.example/", Secret: signature.NewSecret("k")}); !errors.Is(err, mockserver.ErrFull) {
		t.Fatal(err)
	}
	if target, err := subs.Target(sub.ID); err != nil || target != "https://u:p@a.example/" {
		t.Errorf("target %q %v", target, err)
	}
	if got, _ := subs.Get(sub.ID); got.Secret != "" || !got.Updated.IsZero() {
		t.Errorf("%+v", got)
	}
}

func TestMaximum(t *testing.T) {
	subs := load(t, registration.Config{Max: 10})
	var wait sync.WaitGroup
	var mu sync.Mutex
	taken, refusals := 0, 0
	for range 40 {
		wait.Go(func() {
			_, err := subs.Create(context.Background(), draft("scayle", "https://a.example/", "order-confirmed"))
			mu.Lock()
			defer mu.Unlock()
			var refused *registration.RefusedError
			switch {
			case err == nil:
				taken++
			case errors.As(err, &refused) && refused.Kind == registration.KindFull:
				refusals++
			}
		})
	}
	wait.Wait()
	ids := map[string]bool{}
	for _, sub := range subs.List("scayle") {
		ids[sub.ID] = true
	}
	if taken != 10 || refusals != 30 || len(ids) != 10 {
		t.Errorf("%d taken, %d refused, %d ids", taken, refusals, len(ids))
	}
}

func TestConcurrentCreatesOfOneEvent(t *testing.T) {
	subs := load(t, registration.Config{})
	var wait sync.WaitGroup
	results := make(chan error, 20)
	for range 20 {
		wait.Go(func() {
			_, err := subs.Create(context.Background(), draft("shoptet", "https://a.example/", "order:create"))
			results <- err
			subs.Matching("shoptet", "order:create")
		})
	}
	wait.Wait()
	close(results)
	taken := 0
	for err := range results {
		if err == nil {
			taken++
		}
	}
	if taken != 1 || len(subs.Matching("shoptet", "order:create")) != 1 {
		t.Errorf("%d taken", taken)
	}
}

func TestMatching(t *testing.T) {
	subs := load(t, registration.Config{})
	match := func(event string) (ids []string) {
		for _, sub := range subs.Matching("sellercenter", event) {
			ids = append(ids, sub.ID)
		}
		return ids
	}
	if match("onOrderCreated") != nil {
		t.Error("nobody is there")
	}
	made := create(t, subs,
		draft("sellercenter", "http://a.example/", "onOrderCreated", "onFeedCreated"),
		draft("sellercenter", "http://b.example/", "onOrderCreated"),
		draft("shoptet", "http://c.example/", "order:create"))
	both := []string{made[0].ID, made[1].ID}
	slices.Sort(both)
	if got := match("onOrderCreated"); !slices.Equal(slices.Sorted(slices.Values(got)), both) {
		t.Errorf("got %v, want %v", got, both)
	}
	if err := subs.Disable(t.Context(), made[0].ID, "enough"); err != nil {
		t.Fatal(err)
	}
	if got := match("onOrderCreated"); !slices.Equal(got, []string{made[1].ID}) {
		t.Errorf("a disabled one still gets events: %v", got)
	}
	if match("onFeedCreated") != nil || len(subs.Matching("shoptet", "onOrderCreated")) != 0 {
		t.Error("events go where nobody asked for them")
	}
	on := true
	if sub, err := subs.Update(t.Context(), made[0].ID, registration.Change{Active: &on}); err != nil || sub.Reason != "" {
		t.Errorf("%+v %v", sub, err)
	}
	if len(match("onFeedCreated")) != 1 {
		t.Error("an enabled one gets nothing")
	}
	if err := subs.Delete(t.Context(), made[1].ID); err != nil || len(match("onOrderCreated")) != 1 {
		t.Errorf("a deleted one still gets events (%v)", err)
	}
}

// TestEnded: entries of the journal act on registrations, once.
func TestEnded(t *testing.T) {
	now := noon
	subs := load(t, registration.Config{Now: func() time.Time { return now }})
	made := create(t, subs, draft("shoptet", "https://a.example/", "order:create"), draft("sellercenter", "http://a.example/", "onFeedCreated"))
	ended := func(sub registration.Subscription, then string) mockserver.Entry {
		return mockserver.Entry{Kind: mockserver.EntryEnded, Endpoint: sub.Ref(), Then: then, At: now, Reason: "after 3 attempts"}
	}
	apply := func(e mockserver.Entry) {
		t.Helper()
		if err := subs.Ended(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(time.Hour)
	other := ended(made[0], contracts.Disable)
	other.Kind = mockserver.EntryAttempt
	apply(other)
	apply(ended(made[0], contracts.Keep))
	apply(mockserver.Entry{Kind: mockserver.EntryEnded, Endpoint: "https://a.example/", Then: contracts.Delete, At: now})
	apply(mockserver.Entry{Kind: mockserver.EntryEnded, Endpoint: "subscription/404", Then: contracts.Delete, At: now})
	if sub, _ := subs.Get(made[0].ID); !sub.Active {
		t.Fatal("disabled for nothing")
	}
	gaveUp := ended(made[0], contracts.Disable)
	apply(gaveUp)
	if sub, _ := subs.Get(made[0].ID); sub.Active || sub.Reason != "after 3 attempts" {
		t.Fatalf("%+v", sub)
	}
	now = now.Add(time.Hour)
	on := true
	if _, err := subs.Update(t.Context(), made[0].ID, registration.Change{Active: &on}); err != nil {
		t.Fatal(err)
	}
	apply(gaveUp)
	if sub, _ := subs.Get(made[0].ID); !sub.Active {
		t.Error("an old entry disabled it again")
	}
	apply(ended(made[1], contracts.Delete))
	if _, err := subs.Get(made[1].ID); !errors.Is(err, registration.ErrUnknown) {
		t.Errorf("not deleted: %v", err)
	}
	if err := subs.Apply(t.Context(), "explode", made[0].ID, ""); err == nil {
		t.Error("an unknown word was taken")
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, docs := range map[string]map[string]string{
		"no JSON":        {"1": "{"},
		"another's":      {"1": `{"id":"2","provider":"scayle","events":["order-confirmed"]}`},
		"events missing": {"1": `{"id":"1","provider":"scayle","events":[]}`},
		"extra":          {"1": `{"id":"1","provider":"scayle","events":["order-confirmed"],"extra":[1]}`},
	} {
		shelf := mockserver.NewMemory()
		for id, doc := range docs {
			if err := shelf.Put(t.Context(), "subscription", id, []byte(doc)); err != nil {
				t.Fatal(err)
			}
		}
		_, err := registration.Load(t.Context(), registration.Config{Contracts: builtin(t), Shelf: shelf})
		if err == nil || !strings.Contains(err.Error(), `"1"`) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := registration.Load(t.Context(), registration.Config{}); err == nil {
		t.Error("no contracts")
	}
	twice := append(builtin(t), builtin(t)[0])
	if _, err := registration.Load(t.Context(), registration.Config{Contracts: twice}); err == nil {
		t.Error("two contracts of one provider")
	}
}

package catalog_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/schema"
)

// TestCounts holds the catalogue against what the five documents list.
func TestCounts(t *testing.T) {
	want := map[string]map[contracts.Documentation]int{
		"xentral":      {contracts.DocumentedFully: 137, contracts.DocumentedPartly: 6},
		"shoptet":      {contracts.DocumentedPartly: 48},
		"sellercenter": {contracts.DocumentedFully: 9},
		"scayle":       {contracts.DocumentedFully: 16, contracts.DocumentedPartly: 1, contracts.Undocumented: 9},
		"ergonode":     {contracts.DocumentedFully: 21},
	}
	if len(catalog.Names) != len(want) {
		t.Errorf("%d providers, want %d", len(catalog.Names), len(want))
	}
	for _, provider := range catalog.Names {
		got := map[contracts.Documentation]int{}
		for _, e := range load(t, provider).EventTypes() {
			got[e.Documentation()]++
		}
		for _, d := range []contracts.Documentation{contracts.DocumentedFully, contracts.DocumentedPartly, contracts.Undocumented} {
			if got[d] != want[provider][d] {
				t.Errorf("%s: %d events with documentation %q, want %d", provider, got[d], d, want[provider][d])
			}
		}
	}
}

// TestLint: nothing is to be said against the built-in contracts.
func TestLint(t *testing.T) {
	for _, provider := range catalog.Names {
		for _, f := range load(t, provider).Lint() {
			t.Errorf("%s/asyncapi.yaml:%d:%d: %s: %s (%s at %s)", provider, f.Line, f.Column, f.Severity, f.Message, f.Rule, f.Pointer)
		}
	}
}

func TestTitles(t *testing.T) {
	eachEvent(t, func(t *testing.T, e *contracts.EventType) {
		switch title := e.Title(); {
		case title == "":
			t.Error("no title")
		case strings.ContainsAny(title, "\n") || strings.HasSuffix(title, ".") || len(title) > 80:
			t.Errorf("a title is one short line without a full stop, not %q", title)
		}
	})
}

// TestPolicies keeps the few delivery rules that somebody states from drifting,
// and the others at the one default.
func TestPolicies(t *testing.T) {
	minutes := func(all ...int) (out []time.Duration) {
		for _, m := range all {
			out = append(out, time.Duration(m)*time.Minute)
		}
		return out
	}
	for _, tt := range []struct {
		provider, event    string
		accepts, refuses   int
		timeout            time.Duration
		waits              []time.Duration
		repeat, giveUp     time.Duration
		then               string
		success, waitsFrom contracts.Level
	}{
		{"xentral", "salesOrder.created", 202, 301, 10 * time.Second, minutes(1, 5, 30, 120, 720), 0, 0, contracts.Keep, contracts.Assumed, contracts.Assumed},
		{"shoptet", "order:create", 200, 201, 4 * time.Second, minutes(15, 15), 0, 0, contracts.Disable, contracts.Reported, contracts.Reported},
		{"sellercenter", "onOrderCreated", 200, 204, 10 * time.Second, minutes(1, 5, 10, 30, 60, 120, 300, 600), 24 * time.Hour, 30 * 24 * time.Hour,
			contracts.Delete, contracts.Documented, contracts.Published},
		{"scayle", "order-confirmed", 202, 301, 10 * time.Second, minutes(1, 5, 30, 120, 720), 0, 0, contracts.Keep, contracts.Assumed, contracts.Assumed},
		{"ergonode", "product_created", 204, 301, 10 * time.Second, minutes(1, 5, 30, 120, 720), 0, 0, contracts.Keep, contracts.Published, contracts.Assumed},
	} {
		p := event(t, tt.provider, tt.event).Policy()
		if !p.Accepts(tt.accepts) || p.Accepts(tt.refuses) {
			t.Errorf("%s: success %v, want %d in it and %d not", tt.provider, p.Success, tt.accepts, tt.refuses)
		}
		if p.Timeout != tt.timeout || !equal(p.Waits, tt.waits) || p.Repeat != tt.repeat || p.GiveUp != tt.giveUp || p.Then != tt.then || p.Jitter != 0 || p.RetryAfterCap != 24*time.Hour {
			t.Errorf("%s: %+v", tt.provider, p)
		}
		if got := p.Provenance("success").Level; got != tt.success {
			t.Errorf("%s: success is %s, want %s", tt.provider, got, tt.success)
		}
		if got := p.Provenance("waits").Level; got != tt.waitsFrom {
			t.Errorf("%s: waits are %s, want %s", tt.provider, got, tt.waitsFrom)
		}
	}
}

// TestProvenance: what no document says must not pass for documented.
func TestProvenance(t *testing.T) {
	for _, tt := range []struct {
		provider, event, pointer string
		want                     contracts.Level
		note                     string // a part of it
	}{
		{"xentral", "salesOrder.created", "/type", contracts.Published, ""},
		{"xentral", "salesOrder.sent", "/type", contracts.Assumed, "com.xentral"},
		{"xentral", "salesOrder.sent", "/body/salesOrderId", contracts.Documented, ""},
		{"xentral", "salesOrder.sent", "/body/updatedAt", contracts.Documented, "+02:00"},
		{"xentral", "order.fetched", "/body/orderNumbers", contracts.Documented, "always there"},
		{"xentral", "order.fetched", "/body/orderNumbers/0", contracts.Published, "lost the line"},
		{"xentral", "dropshippingSupplier.orderCreated", "/body/purchaseOrderIds/*", contracts.Published, "lost the line"},
		{"xentral", "purchaseOrder.goodsReceived", "/body/purchaseOrderId", contracts.Published, `"purchase orderId"`},
		{"xentral", "outgoingPayment.executed", "/body/businessAccountType", contracts.Published, "eighteen"},
		{"xentral", "salesPrice.updated", "/body/customer", contracts.Documented, "null"},
		{"xentral", "salesPrice.updated", "/body/price/currency", contracts.Documented, "pattern"},
		{"xentral", "purchasePrice.created", "/body/validFrom", contracts.Documented, "free text"},
		{"xentral", "shipment.created", "/body/trackingUrl", contracts.Documented, "null"},
		{"xentral", "picklist.created", "/body/pickListId", contracts.Documented, "picklistId"},
		{"shoptet", "order:create", "/eshopId", contracts.Published, ""},
		{"shoptet", "order:create", "/event", contracts.Documented, "table"},
		{"shoptet", "order:create", "/eventCreated", contracts.Published, ""},
		{"shoptet", "order:create", "/eventInstance", contracts.Documented, "string"},
		{"sellercenter", "onOrderCreated", "/payload/OrderId", contracts.Documented, "Order"},
		{"sellercenter", "onOrderItemsStatusChanged", "/payload/NewStatus", contracts.Documented, "open list"},
		{"sellercenter", "onFeedCreated", "/payload/Feed", contracts.Documented, "UUID"},
	} {
		got := event(t, tt.provider, tt.event).Provenance(tt.pointer)
		if got.Level != tt.want || !strings.Contains(got.Note, tt.note) || got.Source == "" {
			t.Errorf("%s %s %s: %+v, want %s with a source and a note about %q", tt.provider, tt.event, tt.pointer, got, tt.want, tt.note)
		}
	}
}

// TestConflicts: the pairs for which the table promises a 409, and no other.
func TestConflicts(t *testing.T) {
	want := "[[customer:update customer:disableOrders] [customer:update customer:enableOrders] [order:update order:cancel]]"
	got, from := load(t, "shoptet").Conflicts()
	if fmt.Sprint(got) != want || from.Level != contracts.Documented {
		t.Errorf("%v (%s), want %s", got, from.Level, want)
	}
	for _, provider := range catalog.Names {
		if got, _ := load(t, provider).Conflicts(); provider != "shoptet" && len(got) > 0 {
			t.Errorf("%s: no document speaks of conflicts %v", provider, got)
		}
	}
}

func TestUnknownProvider(t *testing.T) {
	_, err := catalog.Load("shoptt")
	var unknown *catalog.UnknownProviderError
	if !errors.As(err, &unknown) || len(unknown.Nearest) == 0 || unknown.Nearest[0] != "shoptet" {
		t.Errorf("%v, want the nearest provider named", err)
	}
}

const examples = "testdata/examples"

// shown is how many examples each document shows; see testdata/examples/README.md.
var shown = map[string]int{"xentral": 143, "shoptet": 2, "sellercenter": 9, "scayle": 17, "ergonode": 21}

// TestDocumentedExamples judges every example that the documents show: it is
// accepted, or defects.yaml says why not and then it is refused indeed.
func TestDocumentedExamples(t *testing.T) {
	for _, provider := range catalog.Names {
		t.Run(provider, func(t *testing.T) {
			c := load(t, provider)
			defects := defectsOf(t, provider)
			files := 0
			for _, f := range list(t, path.Join(examples, provider)) {
				if f == "defects.yaml" {
					continue
				}
				files++
				name, isJSON := strings.CutSuffix(f, ".json")
				if !isJSON {
					t.Errorf("%s is neither an example nor defects.yaml", f)
					continue
				}
				e, broken := judge(t, c, name, read(t, path.Join(examples, provider, f)))
				reason, listed := defects[name]
				delete(defects, name)
				switch {
				case broken == nil && listed:
					t.Errorf("%s is accepted, but defects.yaml lists it: %s", f, reason)
				case broken != nil && !listed:
					t.Errorf("%s is refused, and defects.yaml does not list it:\n%s", f, lines(broken))
				case e == nil && !listed:
					t.Errorf("%s: no such event", f)
				}
			}
			for name := range defects {
				t.Errorf("defects.yaml lists %s, there is no such file", name)
			}
			if files != shown[provider] {
				t.Errorf("%d examples, the document shows %d", files, shown[provider])
			}
		})
	}
}

// judge finds the event of a file and judges its example, inside a whole body
// where the document shows a part of one.
func judge(t *testing.T, c *contracts.Contract, file string, example []byte) (*contracts.EventType, []contracts.Violation) {
	t.Helper()
	for _, e := range c.EventTypes() {
		if strings.ReplaceAll(e.Name(), ":", ".") != file {
			continue
		}
		body := example
		switch c.Provider() {
		case "xentral": // the member "body"
			body = []byte(`{"type":"` + e.Tag() + `","body":` + string(example) + `}`)
		case "ergonode": // one of the events of a request
			request := sampler{}.value(spot{root(t, e)})
			body = encode(t, with(request, []any{"synchronization", "events"}, []any{json.RawMessage(example)}))
		}
		return e, validate(t, e, body)
	}
	return nil, []contracts.Violation{{Rule: "event", Expected: "an event of the contract", Found: file}}
}

// TestOwnExamples: the examples inside the documents are whole bodies of their event.
func TestOwnExamples(t *testing.T) {
	n := 0
	eachEvent(t, func(t *testing.T, e *contracts.EventType) {
		for _, body := range e.Examples() {
			n++
			if broken := validate(t, e, body); broken != nil {
				t.Errorf("%s\n%s", body, lines(broken))
			}
		}
	})
	if n < 11 { // nine of Seller Center, one published for Shoptet and Xentral each
		t.Errorf("only %d examples", n)
	}
}

// defectsOf reads a list of {event, reason, source} by file name.
func defectsOf(t *testing.T, provider string) map[string]string {
	t.Helper()
	name := path.Join(examples, provider, "defects.yaml")
	doc, err := schema.Read(name, read(t, name), schema.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	entries, ok := doc.Value().([]any)
	if !ok {
		t.Fatalf("%s is no list", name)
	}
	out := map[string]string{}
	for i, x := range entries {
		entry, _ := x.(map[string]any)
		event, _ := entry["event"].(string)
		reason, _ := entry["reason"].(string)
		source, _ := entry["source"].(string)
		if event == "" || reason == "" || source == "" || len(entry) != 3 {
			t.Fatalf("%s: entry %d needs event, reason and source, and nothing else", name, i)
		}
		out[strings.ReplaceAll(event, ":", ".")] = reason
	}
	return out
}

func load(t *testing.T, provider string) *contracts.Contract {
	t.Helper()
	c, err := catalog.Load(provider)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func event(t *testing.T, provider, name string) *contracts.EventType {
	t.Helper()
	e, err := load(t, provider).EventType(name)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// eachEvent runs a subtest per event of the catalogue.
func eachEvent(t *testing.T, f func(*testing.T, *contracts.EventType)) {
	t.Helper()
	for _, provider := range catalog.Names {
		for _, e := range load(t, provider).EventTypes() {
			t.Run(provider+"/"+e.Name(), func(t *testing.T) { f(t, e) })
		}
	}
}

func validate(t *testing.T, e *contracts.EventType, body []byte) []contracts.Violation {
	t.Helper()
	broken, err := e.Validate(body)
	if err != nil {
		t.Fatal(err)
	}
	return broken
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(data)
}

func list(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := fs.ReadDir(os.DirFS(dir), ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func lines(broken []contracts.Violation) string {
	var out []string
	for _, v := range broken {
		out = append(out, "\t"+v.String())
	}
	return strings.Join(out, "\n")
}

func equal(a, b []time.Duration) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

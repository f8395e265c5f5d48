package catalog_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/schema"
)

// The SCAYLE document shows a type template for 17 of its 26 events. Here each
// template is compared with the contract, member by member and both ways.

var scayleUndocumented = []string{
	"payment-capture", "payment-refund", "newsletter-subscribed", "product-updated", "product-master-updated",
	"product-variant-prices-updated", "product-variant-availability-updated", "product-variant-stock-updated",
	"shop-category-tree-updated",
}

// kind is what a schema, or a word of a template, says of one member.
type kind struct {
	types  schema.Types
	format string
	value  string // the only allowed text
}

func (k kind) String() string {
	var names []string
	for i, name := range []string{"null", "boolean", "integer", "number", "string", "array", "object"} {
		if k.types.Has(1<<i) && !(name == "integer" && k.types.Has(schema.Number)) {
			names = append(names, name)
		}
	}
	return strings.TrimSpace(strings.Join(names, "|") + " " + k.format + " " + k.value)
}

var scayleWords = map[string]kind{
	"integer":  {types: schema.Integer},
	"string":   {types: schema.String},
	"boolean":  {types: schema.Boolean},
	"datetime": {types: schema.String, format: "date-time"},
	"{}":       {types: schema.Object},
	"[]":       {types: schema.Array},
}

// scayleRead lists where the contract reads a template otherwise than it is
// written. The expressions are matched against "event:pointer".
var scayleRead = []struct {
	at      *regexp.Regexp
	written string
	read    kind
	why     string
}{
	{regexp.MustCompile(`/(rate|relative|relativeDifferenceToPrice)$`), "integer",
		kind{types: schema.Number | schema.Integer}, "the provider's SDK says float, its sample 0.19"},
	{regexp.MustCompile(`/priceGroupKey$`), "object", kind{types: schema.String | schema.Null}, `"object" is null; the SDK says string`},
	{regexp.MustCompile(`/priceGroupKey$`), "string", kind{types: schema.String | schema.Null}, "the SDK's sample has null"},
	{regexp.MustCompile(`/shopCountry/currencyCode$`), "string", kind{types: schema.String | schema.Null}, "the SDK's sample has null"},
	{regexp.MustCompile(`/carrierKey$`), "object", kind{types: schema.String | schema.Null}, `"object" is null; elsewhere "string"`},
	{regexp.MustCompile(`/carrierKey$`), "string", kind{types: schema.String | schema.Null}, "null in order-item-unshippable"},
	{regexp.MustCompile(`/itemGroup$`), "object", kind{types: schema.Object | schema.Null}, `"object" is null`},
	{regexp.MustCompile(`/itemGroup$`), "{}", kind{types: schema.Object | schema.Null}, "null in the other sections"},
	{regexp.MustCompile(`/payment/\*/data/amount$`), "integer", kind{types: schema.Object | schema.Integer}, "an object from other payment providers"},
	{regexp.MustCompile(`/payment/\*/data/amount$`), "{}", kind{types: schema.Object | schema.Integer}, "an integer from other payment providers"},
	{regexp.MustCompile(`^order-canceled:/type$`), "string", kind{types: schema.String, value: "order-canceled"}, "a placeholder"},
	{regexp.MustCompile(`^order-item-canceled:/type$`), "string", kind{types: schema.String, value: "order-item-canceled"}, "a placeholder"},
}

// scayleShared lists the members of shared shapes that some sections lack: the
// events whose schema has the member although their section does not show it.
// The contract says so in a provenance note.
var scayleShared = []struct {
	at      *regexp.Regexp
	missing []string
}{
	{regexp.MustCompile(`:/version$`), []string{"order-canceled", "order-item-canceled"}},
	{regexp.MustCompile(`/supportedLanguageCodes/\*$`), // the sections show an empty list
		[]string{"customer-created", "customer-updated", "customer-login", "customer-logout", "customer-password-reset",
			"customer-address-created", "customer-address-updated", "customer-address-deleted", "order-confirmed", "order-invoiced",
			"order-item-out-of-stock", "order-item-returned", "order-item-unshippable"}},
	{regexp.MustCompile(`^customer.*:/payload(/customer)?/referenceKey$|/customer/referenceKey$`),
		[]string{"customer-created", "order-confirmed", "order-invoiced", "order-item-unshippable"}},
	{regexp.MustCompile(`/customer/gender$`), []string{"order-item-out-of-stock"}},
	{regexp.MustCompile(`^customer.*:/payload(/customer)?/title$|/customer/title$`),
		[]string{"customer-created", "customer-updated", "customer-login", "customer-logout", "customer-password-reset",
			"customer-address-created", "order-confirmed", "order-invoiced", "order-item-out-of-stock", "order-item-unshippable"}},
	{regexp.MustCompile(`/customer/(birthDate|phone)$`), []string{"order-confirmed", "order-item-unshippable"}},
	{regexp.MustCompile(`/(address|billing)/referenceKey$`),
		[]string{"customer-address-created", "customer-address-updated", "customer-address-deleted", "order-confirmed", "order-invoiced",
			"order-item-out-of-stock", "order-item-returned", "order-item-unshippable", "order-package-shipped"}},
	{regexp.MustCompile(`/shipping/referenceKey$`),
		[]string{"order-confirmed", "order-invoiced", "order-item-returned", "order-item-unshippable"}},
	{regexp.MustCompile(`/(address|billing|shipping)/additional$`),
		[]string{"customer-address-created", "customer-address-deleted", "order-confirmed", "order-invoiced",
			"order-item-returned", "order-item-unshippable", "order-package-shipped"}},
	{regexp.MustCompile(`/recipient/title$`),
		[]string{"customer-address-created", "customer-address-updated", "customer-address-deleted", "order-confirmed", "order-invoiced",
			"order-item-out-of-stock", "order-item-unshippable"}},
	{regexp.MustCompile(`/recipient/type$`), []string{"order-canceled", "order-item-canceled"}},
	{regexp.MustCompile(`/cost/appliedFees$`), []string{"order-confirmed", "order-invoiced", "order-item-returned", "order-package-shipped"}},
	{regexp.MustCompile(`/contacts/\*/value$`), []string{"order-confirmed", "order-item-unshippable"}},
	{regexp.MustCompile(`/shipping/(deliveryCosts|expressDeliveryCosts)$`), []string{"order-confirmed", "order-invoiced", "order-item-returned"}},
	{regexp.MustCompile(`/payload/order/items/\*/promotion$|^order-(confirmed|invoiced|canceled).*/items/\*/promotion$|^order-item-[^c].*/items/\*/promotion$`),
		[]string{"order-confirmed", "order-invoiced", "order-item-returned", "order-item-unshippable"}},
	{regexp.MustCompile(`^order-item-canceled:/payload/items/\*/promotion$`), []string{"order-item-canceled"}},
	{regexp.MustCompile(`/items/\*/campaignKey$`),
		[]string{"order-invoiced", "order-item-out-of-stock", "order-item-returned", "order-item-unshippable"}},
	{regexp.MustCompile(`/items/\*/lowestPriorPrice$`), []string{"order-invoiced", "order-item-out-of-stock"}},
	{regexp.MustCompile(`/items/\*/price/appliedReductions$`), []string{"order-invoiced"}},
	{regexp.MustCompile(`/itemGroup/(id|isMainItem|isRequired)$`),
		[]string{"order-confirmed", "order-invoiced", "order-item-out-of-stock", "order-item-returned", "order-item-unshippable"}},
	{regexp.MustCompile(`/tracking/url$`), []string{"order-item-unshippable"}},
	{regexp.MustCompile(`/vouchers/\*/voucherId$`), []string{"order-item-canceled"}},
	{regexp.MustCompile(`/payment/\*/data/amount/(currency|value)$`), []string{"order-item-out-of-stock"}},
}

// scayleBeforeTheCut are the parts of order-package-shipped that the document
// shows whole.
var scayleBeforeTheCut = []string{"/key", "/meta", "/occurredAt", "/type", "/version", "/payload/order/id", "/payload/order/basketKey",
	"/payload/order/cost", "/payload/order/currencyCode", "/payload/order/status", "/payload/order/detailedStatus",
	"/payload/order/address/billing/referenceKey", "/payload/order/address/billing/additional"}

func inside(at string, places []string) bool {
	return slices.ContainsFunc(places, func(p string) bool { return at == p || strings.HasPrefix(at, p+"/") })
}

// scayleTemplate reads a section. The last one ends in the middle of a text;
// closing what is open makes it JSON again.
func scayleTemplate(t *testing.T, event string) any {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "examples", "scayle", event+".json"))
	if err != nil {
		t.Fatal(err)
	}
	if event == "order-package-shipped" {
		data = append(data, `"`...)
		data = append(data, strings.Repeat("}", strings.Count(string(data), "{")-strings.Count(string(data), "}"))...)
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%s: %v", event, err)
	}
	return v
}

// words are the words of a template by pointer: "{}" for an object, "[]" for a
// list, "*" for each of its items.
func words(v any, at string, into map[string]string) map[string]string {
	switch v := v.(type) {
	case map[string]any:
		into[at] = "{}"
		for name, value := range v {
			words(value, at+"/"+name, into)
		}
	case []any:
		into[at] = "[]"
		for _, item := range v {
			words(item, at+"/*", into)
		}
	case string:
		into[at] = v
	}
	return into
}

// members are what a schema says of each member, by pointer.
func members(nodes []*schema.Node, at string, into map[string]kind) map[string]kind {
	k := kind{types: schema.AnyType}
	children := map[string][]*schema.Node{}
	for _, n := range nodes {
		own := gather(n, children)
		k.types &= own.types
		k.format += own.format
		k.value += own.value
	}
	into[at] = k
	for name, below := range children {
		members(below, at+"/"+name, into)
	}
	return into
}

// gather joins a schema with all that it refers to and is composed of.
func gather(n *schema.Node, children map[string][]*schema.Node) kind {
	k := kind{types: n.Types, format: n.Format}
	if n.HasEnum && len(n.Enum) == 1 {
		k.types &= schema.String
		k.value = strings.Trim(string(n.Enum[0]), `"`)
	}
	for _, p := range n.Properties {
		children[p.Name] = append(children[p.Name], p.Node)
	}
	if n.Items != nil {
		children["*"] = append(children["*"], n.Items)
	}
	all := n.AllOf
	if n.Ref != nil {
		all = append(slices.Clip(all), n.Ref)
	}
	for _, part := range all {
		own := gather(part, children)
		k.types &= own.types
		k.format += own.format
		k.value += own.value
	}
	if len(n.AnyOf) > 0 {
		var any schema.Types
		for _, part := range n.AnyOf {
			any |= gather(part, children).types
		}
		k.types &= any
	}
	return k
}

func scayleEvents(t *testing.T, visit func(e *contracts.EventType, template any, known map[string]kind)) {
	t.Helper()
	for _, e := range catalog.Scayle().EventTypes() {
		if slices.Contains(scayleUndocumented, e.Name()) {
			continue
		}
		s, err := e.Schema()
		if err != nil {
			t.Fatal(err)
		}
		visit(e, scayleTemplate(t, e.Name()), members([]*schema.Node{s.Node()}, "", map[string]kind{}))
	}
}

func TestScayleMembersAreDocumented(t *testing.T) {
	used := make([]bool, len(scayleRead))
	scayleEvents(t, func(e *contracts.EventType, template any, known map[string]kind) {
		for at, word := range words(template, "", map[string]string{}) {
			if at == "" {
				continue
			}
			got, ok := known[at]
			if !ok {
				t.Errorf("%s: the contract lacks %s, documented as %q", e.Name(), at, word)
				continue
			}
			want, ok := scayleWords[word]
			if at == "/type" {
				want, ok = kind{types: schema.String, value: word}, true
			}
			for i, r := range scayleRead {
				if r.at.MatchString(e.Name()+":"+at) && r.written == word {
					want, ok, used[i] = r.read, true, true
				}
			}
			if !ok {
				t.Errorf("%s: %s: no idea how to read %q", e.Name(), at, word)
			} else if got != want {
				t.Errorf("%s: %s is %q in the document, want %v, got %v", e.Name(), at, word, want, got)
			}
			if level := e.Provenance(at).Level; level != contracts.Documented && level != contracts.Published {
				t.Errorf("%s: %s is documented, the contract says %s", e.Name(), at, level)
			}
		}
	})
	for i, r := range scayleRead {
		if !used[i] {
			t.Errorf("exception %v %q is not needed", r.at, r.written)
		}
	}
}

func TestScayleDocumentsNoMore(t *testing.T) {
	missing := make([]map[string]bool, len(scayleShared))
	for i := range missing {
		missing[i] = map[string]bool{}
	}
	scayleEvents(t, func(e *contracts.EventType, template any, known map[string]kind) {
		shown := words(template, "", map[string]string{})
		for _, at := range slices.Sorted(maps.Keys(known)) {
			if _, ok := shown[at]; ok || at == "" {
				continue
			}
			says := e.Provenance(at)
			if says.Level == contracts.Assumed {
				continue // the contract says itself that it is not documented
			}
			if cut := e.Documentation() != contracts.DocumentedFully; cut && !inside(at, scayleBeforeTheCut) {
				t.Errorf("%s: the document ends before %s, the contract calls it %s", e.Name(), at, says)
			}
			if parent := at[:strings.LastIndex(at, "/")]; shown[parent] == "" && parent != "" {
				continue // judged where the branch begins
			}
			i := slices.IndexFunc(scayleShared, func(s struct {
				at      *regexp.Regexp
				missing []string
			}) bool {
				return s.at.MatchString(e.Name() + ":" + at)
			})
			if i < 0 {
				t.Errorf("%s: the section does not show %s (%v)", e.Name(), at, known[at])
				continue
			}
			missing[i][e.Name()] = true
			if !strings.Contains(says.Note, "section") && !strings.Contains(says.Note, "show") {
				t.Errorf("%s: no provenance note says that the section lacks %s: %q", e.Name(), at, says.Note)
			}
		}
	})
	for i, s := range scayleShared {
		want := slices.Sorted(slices.Values(s.missing))
		if got := slices.Sorted(maps.Keys(missing[i])); !slices.Equal(got, want) {
			t.Errorf("%v is missing in the sections\n%v, want\n%v", s.at, got, want)
		}
	}
}

// instances of the words of a template, right and wrong.
func instance(word string, right bool) any {
	values := map[string][2]any{
		"integer":  {1390, "1390"},
		"string":   {"x", 1},
		"boolean":  {true, "true"},
		"datetime": {"2018-02-05T10:00:00+01:00", "2018-02-05"},
		"object":   {nil, 1},
		"{}":       {nil, 1},
		"[]":       {nil, 1},
	}
	if right {
		return values[word][0]
	}
	return values[word][1]
}

// fill makes an instance of a template; wrong is the pointer of the one member
// that gets a value of another type.
func fill(v any, at, event, wrong string) any {
	pick := func(word string) any { return instance(word, at != wrong) }
	switch v := v.(type) {
	case map[string]any:
		if at == wrong {
			return pick("{}")
		}
		out := map[string]any{}
		for name, value := range v {
			out[name] = fill(value, at+"/"+name, event, wrong)
		}
		return out
	case []any:
		if at == wrong {
			return pick("[]")
		}
		out := []any{}
		for _, item := range v[:min(len(v), 1)] {
			out = append(out, fill(item, at+"/*", event, wrong))
		}
		return out
	default:
		if at == "/type" && at != wrong {
			return event
		}
		word := v.(string)
		if at == "/type" {
			word = "string"
		}
		return pick(word)
	}
}

func TestScayleTypesAreJudged(t *testing.T) {
	scayleEvents(t, func(e *contracts.EventType, template any, _ map[string]kind) {
		body, _ := json.Marshal(fill(template, "", e.Name(), "none"))
		if rules := rulesOf(t, e, string(body)); rules != nil {
			t.Errorf("%s: an instance of the template is refused: %v", e.Name(), rules)
		}
		for at := range words(template, "", map[string]string{}) {
			if at == "" || strings.HasSuffix(at, "/data/amount") {
				continue
			}
			body, _ := json.Marshal(fill(template, "", e.Name(), at))
			want := strings.ReplaceAll(at, "*", "0")
			rules := rulesOf(t, e, string(body))
			if !slices.ContainsFunc(rules, func(r string) bool { return strings.HasSuffix(r, " "+want) }) {
				t.Errorf("%s: a wrong type at %s is not refused there: %v", e.Name(), want, rules)
			}
		}
	})
}

func TestScayleUndocumented(t *testing.T) {
	for _, name := range scayleUndocumented {
		e, err := catalog.Scayle().EventType(name)
		if err != nil {
			t.Fatal(err)
		}
		if e.Documentation() != contracts.Undocumented || e.Provenance("/payload").Level != contracts.Assumed {
			t.Errorf("%s: documentation %s, payload %v", name, e.Documentation(), e.Provenance("/payload"))
		}
		envelope := fmt.Sprintf(`{"key":"k","occurredAt":"2018-02-05T10:00:00+01:00","type":%q,"payload":`, name)
		for payload, want := range map[string]bool{`{}}`: true, `{"a":1}}`: true, `null}`: false, `[]}`: false} {
			if rules := rulesOf(t, e, envelope+payload); (rules == nil) != want {
				t.Errorf("%s: payload %s accepted %v, want %v", name, payload, rules == nil, want)
			}
		}
	}
}

func TestScayleEnvelope(t *testing.T) {
	whole := map[string]any{
		"key": "k", "meta": map[string]any{"tenantKey": "t", "xRequestId": "r"}, "occurredAt": "2018-02-05T10:00:00+01:00",
		"version": 1, "payload": map[string]any{},
	}
	for _, e := range catalog.Scayle().EventTypes() {
		whole["type"] = e.Name()
		for _, name := range slices.Sorted(maps.Keys(whole)) {
			value := whole[name]
			delete(whole, name)
			body, _ := json.Marshal(whole)
			optional := name == "meta" || name == "version"
			if rules := rulesOf(t, e, string(body)); (rules == nil) != optional {
				t.Errorf("%s without %s: accepted %v, want %v", e.Name(), name, rules == nil, optional)
			}
			whole[name] = value
		}
		whole["type"] = "order-cancelled"
		body, _ := json.Marshal(whole)
		if rules := rulesOf(t, e, string(body)); rules == nil {
			t.Errorf("%s: another event's name is accepted", e.Name())
		}
	}
}

package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
)

// TestNarrow makes full bodies of every event, puts something wrong into each
// place in turn, and wants it refused: a schema that lets a wrong type, format,
// enum value or event name pass is a toy.
func TestNarrow(t *testing.T) {
	places := 0
	eachEvent(t, func(t *testing.T, e *contracts.EventType) {
		top := spot{root(t, e)}
		tried := map[string]bool{}
		for branch := range width(top) {
			maker := sampler{branch}
			body := maker.value(top)
			if broken := validate(t, e, encode(t, body)); broken != nil {
				t.Fatalf("a sample is refused:\n%s\n%s", encode(t, body), lines(broken))
			}
			named := false
			maker.walk(top, nil, func(at []any, here spot) {
				value := get(body, at)
				named = named || value == e.Tag()
				place := fmt.Sprintf("%v %v", at, value) // the same in all branches but one's own
				if tried[place] {
					return
				}
				tried[place] = true
				places++
				for _, wrong := range wrongs(e, maker, here, at, value) {
					if validate(t, e, encode(t, with(body, at, wrong))) == nil {
						t.Errorf("%v: %s passes for %s", at, encode(t, wrong), encode(t, value))
					}
				}
			})
			if !named {
				t.Errorf("nothing in a body is fixed to %q", e.Tag())
			}
		}
	})
	if places < 2000 {
		t.Errorf("only %d places were tried", places)
	}
}

// wrongs are values that must not pass for a right one at this place.
func wrongs(e *contracts.EventType, maker sampler, here spot, at []any, value any) (out []any) {
	const other = "nothing like it"
	nodes := maker.flat(here)
	switch value.(type) {
	case map[string]any:
		out = []any{other, 7, true, []any{}}
	case []any:
		out = []any{other, 7, true, map[string]any{}}
	case bool:
		out = []any{other, 7, map[string]any{}, []any{}}
	case int:
		out = []any{other, true, map[string]any{}, []any{}}
		if !types(nodes).Has(schema.Number) {
			out = append(out, 7.5)
		}
	case string:
		out = []any{7, true, map[string]any{}, []any{}}
		name, _ := at[len(at)-1].(string)
		if special(nodes) || isTime(name) && !freeTimes[e.Name()+" "+name] {
			out = append(out, other)
		}
	}
	return slices.DeleteFunc(out, func(x any) bool { return otherwise(here, x) })
}

// isTime: members with such names hold a time, whether the schema knows it or not.
func isTime(name string) bool { return strings.HasSuffix(name, "At") || name == "eventCreated" }

// freeTimes are named like times and documented as texts.
var freeTimes = map[string]bool{
	"purchasePrice.created expiresAt": true,
	"purchasePrice.updated expiresAt": true,
}

// TestRequired: nothing that makes a delivery what it is may be missing.
func TestRequired(t *testing.T) {
	envelopes := map[string][]string{
		"xentral":      {"type", "body"},
		"shoptet":      {"eshopId", "event", "eventCreated", "eventInstance"},
		"sellercenter": {"event", "payload"},
		"scayle":       {"type"},
		"ergonode":     {"name", "resource_id", "synchronization"},
	}
	eachEvent(t, func(t *testing.T, e *contracts.EventType) {
		for _, member := range envelopes[e.Contract().Provider()] {
			body := sampler{}.value(spot{root(t, e)}).(map[string]any)
			delete(body, member)
			if validate(t, e, encode(t, body)) == nil {
				t.Errorf("a body without %q passes", member)
			}
		}
	})
}

// TestClosedBodies: the provider forbids members that it does not name; a
// misspelt one, such as the document's own, must not pass.
func TestClosedBodies(t *testing.T) {
	for _, e := range load(t, "xentral").EventTypes() {
		body := sampler{}.value(spot{root(t, e)})
		get(body, []any{"body"}).(map[string]any)["purchase orderId"] = 1
		if validate(t, e, encode(t, body)) == nil {
			t.Errorf("%s: a member that the provider does not name passes", e.Name())
		}
	}
}

// TestValues pins what single statements of the documents come to.
func TestValues(t *testing.T) {
	for _, tt := range []struct {
		provider, event string
		at              []any
		value           any
		ok              bool
	}{
		// Offsets without a colon are not RFC 3339, and those with one would be wrong.
		{"shoptet", "order:create", way("eventCreated"), "2019-01-08T15:13:39+0100", true},
		{"shoptet", "order:create", way("eventCreated"), "2019-12-31T23:59:59-0330", true},
		{"shoptet", "order:create", way("eventCreated"), "2019-01-08T15:13:39+01:00", false},
		{"shoptet", "order:create", way("eventCreated"), "2019-01-08T15:13:39Z", false},
		{"shoptet", "order:create", way("eventCreated"), "2019-13-08T15:13:39+0100", false},
		{"shoptet", "order:create", way("eventCreated"), "2019-01-32T15:13:39+0100", false},
		{"shoptet", "order:create", way("eventCreated"), "2019-01-08T24:13:39+0100", false},
		{"shoptet", "order:create", way("eventCreated"), "2019-01-08 15:13:39+0100", false},
		// "Number (code)" is a text, and the e-shop's id is a number here and a text there.
		{"shoptet", "order:create", way("eventInstance"), 2018000057, false},
		{"shoptet", "order:create", way("eventInstance"), "2018-A/57", true},
		{"shoptet", "order:create", way("eshopId"), "315185", false},
		{"shoptet", "eshop:design", way("eventInstance"), "315185", true},
		{"shoptet", "eshop:design", way("eventInstance"), "my-shop", false},
		{"shoptet", "customer:create", way("eventInstance"), "2018000057", false},
		{"shoptet", "customer:import", way("eventInstance"), "customers", true},
		{"shoptet", "customer:import", way("eventInstance"), "customer", false},
		// An identifier is no decimal; open lists, and formats that nobody promises, stay open.
		{"sellercenter", "onOrderCreated", way("payload", "OrderId"), 1.5, false},
		{"sellercenter", "onOrderItemsStatusChanged", way("payload", "OrderItemIds", 0), 1.5, false},
		{"sellercenter", "onOrderItemsStatusChanged", way("payload", "NewStatus"), "ready_to_ship", true},
		{"sellercenter", "onFeedCreated", way("payload", "Feed"), "feed-1", true},
		{"sellercenter", "onMetricsUpdated", way("payload"), map[string]any{}, true},
		{"sellercenter", "onMetricsUpdated", way("payload"), nil, false},
		// Quantities are numbers, ids are not; one of the two prices has real dates and currencies.
		{"xentral", "salesOrder.created", way("body", "salesOrderId"), 1.5, false},
		{"xentral", "salesOrder.created", way("body", "createdAt"), "2024-05-28T17:30:07+02:00", true},
		{"xentral", "salesOrder.created", way("body", "createdAt"), "2024-05-28T17:30:07+0200", false},
		{"xentral", "salesPrice.created", way("body", "amount"), 0.1, true},
		{"xentral", "salesPrice.created", way("body", "price", "currency"), "string", false},
		{"xentral", "salesPrice.created", way("body", "validFrom"), "soon", false},
		{"xentral", "purchasePrice.created", way("body", "validFrom"), "soon", true},
		{"xentral", "purchasePrice.created", way("body", "packageAmount"), 0.5, true},
		{"xentral", "outgoingPayment.executed", way("body", "businessAccountType"), "hbci4phpapi", true},
		{"xentral", "outgoingPayment.executed", way("body", "businessAccountType"), "konto", true},
		{"xentral", "outgoingPayment.executed", way("body", "businessAccountType"), "bank", false},
		{"xentral", "order.fetched", way("body", "orderNumbers", 0), 7, false},
		{"xentral", "paymentList.imported", way("body", "paymentIds", 0), "7", false},
		// Where a null is published it passes, elsewhere it does not.
		{"xentral", "productCategory.created", way("body", "parentId"), nil, true},
		{"xentral", "product.created", way("body", "description"), nil, true},
		{"xentral", "product.created", way("body", "name"), nil, false},
		{"xentral", "product.propertiesUpdated", way("body", "properties", 0, "unit"), nil, true},
		{"xentral", "product.propertiesUpdated", way("body", "properties", 0, "name"), nil, false},
		{"xentral", "salesPrice.created", way("body", "customer"), nil, true},
		{"xentral", "salesPrice.created", way("body", "customerGroup"), nil, true},
		{"xentral", "salesPrice.created", way("body", "product"), nil, false},
		{"xentral", "salesPrice.created", way("body", "validFrom"), nil, true},
		{"xentral", "salesPrice.created", way("body", "expiresAt"), nil, true},
		{"xentral", "purchasePrice.created", way("body", "packageAmount"), nil, true},
		{"xentral", "purchasePrice.created", way("body", "fromQuantity"), nil, false},
		{"xentral", "shipment.created", way("body", "carrier"), nil, true},
		{"xentral", "shipment.created", way("body", "trackingNumber"), nil, true},
		{"xentral", "shipment.created", way("body", "trackingUrl"), nil, true},
		{"xentral", "shipment.created", way("body", "deliveryNoteId"), nil, false},
		{"xentral", "shipment.labelCreationSuccessful", way("body", "salesOrderId"), nil, true},
		{"xentral", "transfer.jobError", way("body", "doctypeId"), nil, true},
		{"xentral", "transfer.jobError", way("body", "errorDescription"), nil, false},
		{"xentral", "salesOrder.created", way("body", "createdAt"), nil, false},
	} {
		e := event(t, tt.provider, tt.event)
		body := with(sampler{}.value(spot{root(t, e)}), tt.at, tt.value)
		if got := validate(t, e, encode(t, body)) == nil; got != tt.ok {
			t.Errorf("%s %s: %v at %v accepted %t, want %t", tt.provider, tt.event, tt.value, tt.at, got, tt.ok)
		}
	}
}

// way leads into a body by member names and indices.
func way(steps ...any) []any { return steps }

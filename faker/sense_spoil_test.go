package faker_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/faker"
)

// The judge of sense sees what is wrong: each row spoils one value of an event
// that makes sense, and names the place that has to be complained of.
func TestSenseJudgeSeesNonsense(t *testing.T) {
	computesAlone(t)
	const (
		scayle = "scayle order-confirmed"
		item   = "/payload/items/0"
		billed = "/payload/address/billing"
	)
	for _, row := range []struct{ event, pointer, value, found string }{
		{scayle, "/payload/createdAt", `"2026-01-14T23:00:00+00:00"`, "/payload/createdAt: "},
		{scayle, "/payload/confirmedAt", `"2026-01-13T01:00:00+00:00"`, "/payload/createdAt: "},
		{scayle, "/payload/updatedAt", `"2026-01-15T10:00:01+00:00"`, "/payload/updatedAt: "},
		{scayle, "/payload/updatedAt", `"2026-02-30T10:00:01+00:00"`, "/payload/updatedAt: "},
		{scayle, "/payload/customer/createdAt", `"2026-01-14T10:00:00+00:00"`, "/createdAt: "},
		{scayle, "/payload/customer/birthDate", `"1887-01-14"`, "/payload/customer/birthDate: "},
		{scayle, "/occurredAt", `"2026-01-16T10:00:00+00:00"`, "/occurredAt: "},
		{scayle, item + "/createdAt", `"2026-01-13T00:00:00+00:00"`, "/payload/createdAt: "},
		{scayle, item + "/updatedAt", `"2026-01-15T09:30:00+00:00"`, "/payload/updatedAt: "},
		{scayle, "/payload/packages/0/deliveryDate/minimum", `"2026-03-01"`, "/deliveryDate/minimum: "},
		{scayle, item + "/price/withTax", `1`, item + "/price: with tax"},
		{scayle, item + "/price/tax/vat/rate", `0.07`, item + "/price/tax/vat/rate: "},
		{scayle, item + "/price/tax/vat/amount", `1`, item + "/price: "},
		{scayle, item + "/price/undiscountedWithTax", `1`, item + "/price: before"},
		{scayle, item + "/price/overrideWithTax", `1`, item + "/price: override"},
		{scayle, "/payload/cost/appliedFees/0/tax/vat/amount", `7`, "/payload/cost/appliedFees/0: "},
		{scayle, "/payload/cost/withoutTax", `7`, "/payload/cost/withoutTax: sum"},
		{scayle, "/payload/cost/tax/vat/amount", `7`, "/payload/cost/tax/vat/amount: sum"},
		{scayle, "/payload/cost/costCapture", `7`, "/payload/cost: costCapture"},
		{scayle, "/payload/payment/0/amount", `7`, "/payload/payment: paid"},
		{scayle, "/payload/payment/0/data/amount", `7`, "/payload/payment/0/data/amount: paid"},
		{scayle, item + "/packageId", `7`, item + "/packageId: "},
		{scayle, item + "/currency", `"PLN"`, item + "/currency: "},
		{scayle, "/payload/currencyCode", `"USD"`, "/payload/currencyCode: "},
		{scayle, "/payload/shopCountry/countryCode", `"CZ"`, "/payload/shopCountry/countryCode: "},
		{scayle, "/payload/shopCountry/defaultLanguageCode", `"cs_CZ"`, "/payload/shopCountry/defaultLanguageCode: "},
		{scayle, "/payload/shopCountry/supportedLanguageCodes/0", `"pl_PL"`, "/payload/shopCountry/supportedLanguageCodes: "},
		{scayle, billed + "/countryCode", `"POL"`, billed + "/countryCode: "},
		{scayle, billed + "/city", `"Praha"`, billed + "/zipCode: "},
		{scayle, billed + "/city", `"Atlantis"`, billed + "/city: "},
		{scayle, billed + "/zipCode", `"99999"`, billed + "/zipCode: "},
		{scayle, billed + "/street", `"Hauptstraï¿½e"`, billed + "/street: "},
		{scayle, billed + "/recipient/firstName", `"Mária"`, billed + "/recipient/firstName: "},
		{scayle, "/payload/customer/email", `"nobody@example.com"`, "/payload/customer/email: "},
		{scayle, "/payload/customer/phone", `"+1 555 0100 100"`, "/payload/customer/phone: "},
		{scayle, "/key", `"2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d"`, "/key: "},
		{scayle, "/payload/brandNew", `"x"`, "/payload/brandNew: nobody"},
		{"xentral product.created", "/body/ean", `"4006381333932"`, "/body/ean: "},
		{"xentral salesPrice.created", "/body/price/currency", `"CZK"`, "/body/price/currency: "},
		{"xentral salesPrice.created", "/body/price/amount", `12.345`, "/body/price/amount: "},
		{"xentral salesPrice.created", "/body/expiresAt", `"2020-01-01"`, "/body/expiresAt: "},
		{"shoptet eshop:currencies", "/eventInstance", `"1"`, "/eventInstance: "},
		{"shoptet order:create", "/eventCreated", `"2026-01-15T12:00:00+0100"`, "/eventCreated: "},
		{"sellercenter onOrderItemsStatusChanged", "/payload/OrderItemIds", `[5,5]`, "/payload/OrderItemIds/1: "},
		{"ergonode product_created", "/synchronization/events/0/payload/sku", `"OTHER-1"`, "/synchronization/events/0/payload/sku: "},
		{"ergonode attribute_option_code_changed", "/synchronization/events/0/payload/previous_option_code", `"red"`, "previous_option_code: "},
	} {
		provider, event, _ := strings.Cut(row.event, " ")
		c, err := catalog.Load(provider)
		if err != nil {
			t.Fatal(err)
		}
		f, err := faker.New(c, faker.Options{Shape: faker.Full, Locale: "de", Events: []string{event}})
		if err != nil {
			t.Error(err)
			continue
		}
		ev, err := f.Event(event)
		if err != nil {
			t.Fatal(err)
		}
		if found := judgeSense("de", event, ev.Body).found; len(found) > 0 {
			t.Errorf("%s: %v", row.event, found)
		}
		spoiled := put(t, ev.Body, row.pointer, row.value)
		if event == "attribute_option_code_changed" {
			spoiled = put(t, spoiled, strings.Replace(row.pointer, "previous_", "", 1), row.value)
		}
		found := judgeSense("de", event, spoiled).found
		if !slices.ContainsFunc(found, func(f string) bool { return strings.Contains(f, row.found) }) {
			t.Errorf("%s with %s = %s: %q", row.event, row.pointer, row.value, found)
		}
	}
}

// put replaces or adds a value.
func put(t *testing.T, body []byte, pointer, value string) []byte {
	t.Helper()
	var root any
	if err := json.Unmarshal(body, &root); err != nil {
		t.Fatal(err)
	}
	at, steps := root, strings.Split(pointer, "/")[1:]
	for i, step := range steps {
		last := i == len(steps)-1
		switch c := at.(type) {
		case map[string]any:
			if last {
				c[step] = json.RawMessage(value)
			}
			at = c[step]
		case []any:
			n, err := strconv.Atoi(step)
			if err != nil || n >= len(c) {
				t.Fatalf("no %s in %s", pointer, body)
			}
			if last {
				c[n] = json.RawMessage(value)
			}
			at = c[n]
		default:
			t.Fatalf("no %s in %s", pointer, body)
		}
	}
	out, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

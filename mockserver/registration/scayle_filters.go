package registration

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts"
)

// scayleFilter is one of a subscription's filters. Its form is published, in the
// fixtures of the SDK; what it compares is assumed: the merchants of the items
// that the event is about.
type scayleFilter struct {
	MerchantReferenceKeys struct {
		Include []string `json:"include"`
	} `json:"merchantReferenceKeys"`
}

// scayleFilters reports whether an event of this type can be filtered: those about
// orders name merchants.
func scayleFilters(t *contracts.EventType) bool { return strings.HasPrefix(t.Name(), "order-") }

// scayleWants applies a subscription's filters. A filter that includes nobody by
// name, or that has another form, lets everything pass; so does every filter where
// an event names no merchant.
func scayleWants(extra json.RawMessage, body []byte) bool {
	var sub struct {
		Filters []json.RawMessage `json:"filters"`
	}
	if json.Unmarshal(extra, &sub) != nil || len(sub.Filters) == 0 {
		return true
	}
	merchants := scayleMerchants(body)
	if len(merchants) == 0 {
		return true
	}
	for _, raw := range sub.Filters {
		var f scayleFilter
		if json.Unmarshal(raw, &f) != nil {
			continue
		}
		include := f.MerchantReferenceKeys.Include
		if len(include) > 0 && !slices.ContainsFunc(merchants, func(key string) bool { return slices.Contains(include, key) }) {
			return false
		}
	}
	return true
}

// scayleMerchants are those of the items that an event is about; beside them the
// whole order may stand.
func scayleMerchants(body []byte) (keys []string) {
	var event struct {
		Payload struct {
			Items []struct {
				Merchant struct {
					ReferenceKey string `json:"referenceKey"`
				} `json:"merchant"`
			} `json:"items"`
		} `json:"payload"`
	}
	if json.Unmarshal(body, &event) != nil {
		return nil
	}
	for _, item := range event.Payload.Items {
		if key := item.Merchant.ReferenceKey; key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

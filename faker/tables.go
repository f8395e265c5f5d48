package faker

import (
	"slices"
	"strings"
	"sync"

	"github.com/brianvoe/gofakeit/v6"
)

// sampled draws up to n different English words from gofakeit, always from the
// same seed: the seed of Options chooses among the words, it does not change
// them. It is asked while plans are made and never while events are. Rows that
// would need escapes or are not ASCII are left out.
//
// Only functions that do not read the clock may be given; gofakeit's dates and
// its Firefox user agents do.
func sampled(n int, word func(*gofakeit.Faker) string) []string {
	source := gofakeit.NewUnlocked(20260115)
	var rows []string
	seen := map[string]bool{}
	for range 4 * n {
		w := word(source)
		if len(rows) == n {
			break
		}
		if w == "" || seen[w] || strings.ContainsFunc(w, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
			continue
		}
		seen[w] = true
		rows = append(rows, w)
	}
	slices.Sort(rows)
	return rows
}

var (
	// plainWords stand where nothing says what a string means.
	plainWords = []string{
		"standard", "express", "premium", "basic", "summer", "winter", "spring", "autumn", "north", "south", "central", "retail", "wholesale", "online",
		"store", "outlet", "pickup", "parcel", "sample", "bundle", "spare", "classic", "compact", "regular", "partial", "manual", "automatic", "internal",
		"external", "primary", "secondary", "import", "export", "seasonal", "archive", "draft", "review", "campaign", "newsletter", "voucher", "loyalty", "default",
	}
	userAgents = sync.OnceValue(func() []string { return sampled(40, (*gofakeit.Faker).ChromeUserAgent) })
	brands     = []string{"Nordlicht", "Alder & Pine", "Kestrel", "Moravia", "Vistula", "Bluebell", "Tatra", "Oakham", "Lumen", "Fjordline"}
	sizes      = []string{"XS", "S", "M", "L", "XL", "XXL", "38", "40", "42", "44"}
	mediaTypes = []string{"application/pdf", "image/jpeg", "image/png", "text/csv", "application/json"}
	carriers   = []string{"dhl", "dpd", "ups", "gls", "fedex"}
	hosts      = []string{"www.example.com", "shop.example.com", "api.example.org", "media.example.net"}
	domains    = []string{"example.com", "example.org", "example.net"}
	slugs      = []string{"summer-sale", "new-arrivals", "spring-2026", "last-chance", "free-delivery", "members-only", "gift-guide", "back-in-stock"}
	mishaps    = []string{"connection timed out", "the remote server refused the request", "unexpected response from the remote server", "the record is locked by another process", "a required field is missing"}
	titles     = []string{"Summer sale", "New arrivals", "Order overview", "Weekly stock report", "Supplier price list", "Returns of the month", "Spring collection"}
	labels     = []string{"Standard", "Priority", "Online shop", "Main warehouse", "Retail", "Wholesale", "Marketplace", "Outlet"}
)

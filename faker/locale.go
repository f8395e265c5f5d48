package faker

// A locale is where the events happen: names as they are given there, and the
// countries that its business is in.
type locale struct {
	code         string
	male, female []string
	last         []string
	lastFemale   []string // where surnames of women differ; parallel to last
	mister, miss string
	titles       []string
	additional   []string // second lines of addresses
	countries    []country
	firms        []string // forms of companies: "%s Ltd"
	products     []string
	colors       []string
	categories   []string
	words        []string
	sentences    []string
}

// A country has what its addresses, taxes and banks look like.
type country struct {
	alpha2, alpha3, name string
	language             string // as in en_GB
	currency             string
	vat                  int // usual rate in per cent
	cities               []city
	streets              []string
	houseFirst           bool     // "12 High Street"
	phones               []string // # is a digit
	iban                 string   // the account part: # a digit, ? a letter
	bics                 []string
	vatPrefix            string
	vatID                vatRule
	ean                  string // prefix
}

type city struct {
	name, zip, state string
	lat, lng         float64
}

func localeOf(code string) *locale {
	switch code {
	case "de":
		return &german
	case "cs":
		return &czech
	case "pl":
		return &polish
	}
	return english()
}

// Locales lists the values of Options.Locale.
func Locales() []string { return []string{"en", "de", "cs", "pl"} }

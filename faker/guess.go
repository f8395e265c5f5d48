package faker

import (
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
)

// A guess is a rule from a member's name to a hint. The first rule that fits
// counts, so narrow rules stand before wide ones.
type guess struct {
	types  schema.Types
	names  []string // whole names, letters only, lower case
	last   []string // or the last word of the name
	within []string // a word of an enclosing name, or of the name's beginning
	inside []string // a word of the directly enclosing name
	hint   string
	args   map[string]any
}

var persons = []string{"customer", "user", "person", "recipient", "contact", "author", "employee", "buyer", "billing", "shipping", "owner", "sender", "member", "account", "seller"}

var goods = []string{"product", "products", "item", "items", "article", "variant", "variants", "lines", "line", "position", "positions"}

var guesses = []guess{
	{types: textType, names: []string{"email", "emailaddress", "mail"}, last: []string{"email"}, hint: "internet.email"},
	{types: textType, names: []string{"firstname", "givenname", "forename"}, hint: "person.firstName"},
	{types: textType, names: []string{"lastname", "surname", "familyname"}, hint: "person.lastName"},
	{types: textType, names: []string{"name"}, inside: persons, hint: "person.fullName"},
	{types: textType, names: []string{"fullname", "displayname", "recipientname", "customername", "contactname", "contactperson"}, hint: "person.fullName"},
	{types: textType, names: []string{"username", "login", "nickname"}, hint: "internet.userName"},
	{types: textType, names: []string{"gender", "sex"}, hint: "person.gender"},
	{types: textType, names: []string{"salutation"}, hint: "person.salutation"},
	{types: textType, names: []string{"title"}, inside: persons, hint: "person.title"},
	{types: textType, names: []string{"birthdate", "dateofbirth", "birthday", "dob"}, hint: "person.birthDate"},
	{types: textType, names: []string{"phone", "phonenumber", "telephone", "mobile", "fax", "tel"}, last: []string{"phone"}, hint: "phone.number"},
	{types: textType, names: []string{"company", "companyname", "organisation", "organization", "firm", "vendor", "supplier"}, hint: "company.name"},

	{types: textType, names: []string{"name"}, inside: []string{"company", "organisation", "organization", "supplier", "vendor", "merchant", "manufacturer"}, hint: "company.name"},

	{types: textType, names: []string{"street", "streetname"}, hint: "address.street"},
	{types: textType, names: []string{"housenumber", "streetnumber"}, hint: "address.houseNumber"},
	{types: textType, names: []string{"address", "address1", "addressline1", "line1", "addressline", "streetaddress"}, hint: "address.line"},
	{types: textType, names: []string{"additional", "address2", "addressline2", "line2", "addition"}, hint: "address.additional"},
	{types: textType, names: []string{"city", "town", "locality"}, hint: "address.city"},
	{types: textType, names: []string{"zip", "zipcode", "postcode", "postalcode", "plz"}, hint: "address.zipCode"},
	{types: textType, names: []string{"county", "province"}, hint: "address.state"},
	{types: textType, names: []string{"state", "region"}, within: []string{"address", "billing", "shipping", "location"}, hint: "address.state"},
	{types: textType, names: []string{"country", "countryname"}, hint: "address.country"},
	{types: textType, names: []string{"countrycode", "countryiso", "countryalpha2"}, last: []string{"countrycode"}, hint: "address.countryCode"},
	{types: textType, names: []string{"countryalpha3", "countrycode3"}, hint: "address.countryCode3"},
	{types: numberType, names: []string{"lat", "latitude"}, hint: "address.latitude"},
	{types: numberType, names: []string{"lng", "lon", "long", "longitude"}, hint: "address.longitude"},
	{types: textType, names: []string{"language", "locale", "languagecode", "lang", "defaultlanguagecode", "localecode"}, last: []string{"languagecode", "languagecodes"}, hint: "language.code"},

	{types: textType, names: []string{"currency", "currencycode"}, last: []string{"currency", "currencycode"}, hint: "finance.currencyCode"},
	{types: textType, names: []string{"iban"}, hint: "finance.iban"},
	{types: textType, names: []string{"bic", "swift"}, hint: "finance.bic"},
	{types: textType, names: []string{"vatid", "vatnumber", "taxid", "vatidnumber", "ustid"}, hint: "finance.vatId"},

	{types: textType, names: []string{"ean", "gtin", "barcode", "ean13"}, hint: "commerce.ean"},
	{types: textType, names: []string{"sku", "sellersku", "articlenumber", "itemnumber"}, last: []string{"sku", "skus"}, hint: "commerce.sku"},
	{types: textType, names: []string{"number"}, inside: goods, hint: "commerce.sku"},
	{types: textType, names: []string{"productname", "itemname", "articlename"}, hint: "commerce.productName"},
	{types: textType, names: []string{"name", "title"}, inside: goods, hint: "commerce.productName"},
	{types: textType, names: []string{"brand", "manufacturer"}, hint: "commerce.brand"},
	{types: textType, names: []string{"category", "categoryname", "department"}, hint: "commerce.category"},
	{types: textType, names: []string{"color", "colour"}, hint: "commerce.color"},
	{types: textType, names: []string{"size"}, hint: "commerce.size"},
	{types: textType, names: []string{"carrier", "carrierkey", "carriername", "shippingcarrier"}, hint: "commerce.carrier"},
	{types: textType, names: []string{"trackingnumber", "trackingcode", "trackingid"}, hint: "commerce.trackingNumber"},
	{types: textType, names: []string{"id"}, inside: []string{"tracking"}, hint: "commerce.trackingNumber"},
	{types: textType, names: []string{"customstariffnumber", "hscode", "tariffnumber"}, hint: "commerce.customsTariffNumber"},

	{types: textType, names: []string{"image", "imageurl", "picture", "thumbnail", "avatar", "photo"}, hint: "internet.imageUrl"},
	{types: textType, last: []string{"url", "uri", "link", "href", "website", "webhook"}, hint: "internet.url"},
	{types: textType, last: []string{"host", "hostname", "domain"}, hint: "internet.host"},
	{types: textType, names: []string{"ip", "ipaddress", "ipv4", "clientip", "remoteip"}, hint: "internet.ipv4"},
	{types: textType, names: []string{"useragent"}, hint: "internet.userAgent"},
	{types: textType, last: []string{"filename"}, names: []string{"file"}, hint: "file.name"},
	{types: textType, names: []string{"path", "filepath"}, hint: "file.path"},
	{types: textType, names: []string{"contenttype", "mimetype", "mediatype"}, hint: "file.mediaType"},

	{types: textType | schema.Integer, last: []string{"until", "expires", "expiry", "expiration", "due", "deadline", "expired"}, hint: "date.future"},
	{types: textType, names: []string{"expiresat", "duedate", "expirydate", "validto", "enddate", "expirationdate"}, hint: "date.future"},
	{types: textType, names: []string{"minimum", "maximum", "min", "max", "earliest", "latest", "from", "to"}, within: []string{"delivery", "date"}, hint: "date.future", args: map[string]any{"layout": "2006-01-02"}},
	{types: textType, names: []string{"validfrom", "startdate"}, hint: "date.recent"},
	{types: textType | schema.Integer, last: []string{"at", "date", "time", "timestamp", "datetime", "created", "updated", "changed", "modified"}, hint: "date.recent"},

	{types: textType, last: []string{"uuid", "guid"}, names: []string{"requestid", "xrequestid", "correlationid", "traceid", "eventid", "messageid"}, hint: "id.uuid"},
	{types: textType, last: []string{"sha", "sha1"}, hint: "id.hex", args: map[string]any{"length": num("40")}},
	{types: textType, names: []string{"hash", "checksum", "md5", "digest", "token"}, last: []string{"token", "hash"}, hint: "id.hex"},
	{types: textType, names: []string{"ordernumber", "invoicenumber", "documentnumber", "number", "ordercode"}, hint: "code.year"},
	{types: textType, last: []string{"number", "numbers"}, hint: "code.year"},
	{types: textType, last: []string{"id", "ids", "key", "code", "reference", "ref", "identifier"}, hint: "text.code"},
	{types: textType, last: []string{"description", "note", "notes", "comment", "comments", "message", "remark", "error", "reason", "text", "summary", "body", "content", "instructions"}, hint: "text.sentence"},
	{types: textType, last: []string{"slug", "alias", "tag", "tags", "permalink"}, hint: "text.slug"},
	{types: textType, last: []string{"title", "subject", "headline"}, hint: "text.title"},
	{types: textType, last: []string{"name", "label", "group", "caption"}, hint: "text.name"},
	{types: textType, last: []string{"status", "state"}, hint: "pick", args: map[string]any{"values": []any{"new", "open", "processing", "completed"}}},

	{types: textType, last: []string{"price", "total", "subtotal", "cost", "amount", "balance"}, hint: "finance.amount"},
	{types: schema.Integer, names: []string{"position", "linenumber", "itemnumber", "sortorder", "index", "rank", "line"}, hint: "index"},
	{types: schema.Integer, last: []string{"quantity", "qty", "count", "units", "pieces", "position", "sort", "step"}, hint: "integer", args: smallRange("1", "9")},
	{types: schema.Number, last: []string{"quantity", "qty", "count", "units", "pieces"}, hint: "number", args: map[string]any{"min": num("1"), "max": num("9"), "decimals": num("0")}},
	{types: schema.Integer, names: []string{"version", "revision"}, hint: "integer", args: smallRange("1", "3")},
	{types: schema.Integer, last: []string{"year"}, hint: "integer", args: smallRange("2024", "2026")},
	{types: schema.Integer, last: []string{"month"}, hint: "integer", args: smallRange("1", "12")},
	{types: schema.Integer, last: []string{"day"}, hint: "integer", args: smallRange("1", "28")},
	{types: schema.Integer, last: []string{"age"}, hint: "integer", args: smallRange("18", "80")},
	{types: schema.Integer, last: []string{"status", "statuscode", "httpstatus"}, within: []string{"http", "response"}, hint: "integer", args: smallRange("200", "204")},
	{types: schema.Integer, last: []string{"port"}, hint: "integer", args: smallRange("1024", "49151")},
	{types: schema.Integer, last: []string{"percent", "percentage"}, hint: "integer", args: smallRange("1", "100")},
	{types: numberType, names: []string{"vatrate", "taxrate"}, hint: "finance.vatRate"},
	{types: numberType, last: []string{"rate"}, within: []string{"vat", "tax", "taxes"}, hint: "finance.vatRate"},
	{types: schema.Number, last: []string{"rate", "ratio", "score", "relative"}, hint: "number", args: map[string]any{"min": num("0.01"), "max": num("0.9")}},
	{types: schema.Number, last: []string{"weight", "width", "height", "depth"}, hint: "number", args: map[string]any{"min": num("0.1"), "max": num("20")}},
	// Before that of integers, which a number may be as well.
	{types: schema.Number, last: moneyWords, hint: "finance.amount"},
	{types: schema.Integer, last: moneyWords, hint: "finance.minorUnits"},
	{types: schema.Integer, last: []string{"id", "ids", "key", "number", "code", "reference"}, hint: "id.small"},

	{types: schema.Boolean, last: []string{"deleted", "disabled", "cancelled", "canceled", "hidden", "archived", "test", "guest"}, hint: "boolean", args: map[string]any{"share": num("0.1")}},
	{types: schema.Boolean, last: []string{"active", "enabled", "success", "successful", "valid", "visible", "available", "verified", "confirmed"}, hint: "boolean", args: map[string]any{"share": num("0.85")}},
}

var moneyWords = []string{"price", "total", "subtotal", "cost", "costs", "amount", "sum", "value", "fee", "tax", "net", "gross", "discount", "balance", "revenue", "capture"}

// formatHints are the hints of formats.
var formatHints = map[string]string{
	"email": "internet.email", "idn-email": "internet.email",
	"date-time": "date.recent", "date": "date.recent", "time": "date.recent",
	"uri": "internet.url", "iri": "internet.url", "uri-reference": "internet.url", "iri-reference": "internet.url", "url": "internet.url",
	"hostname": "internet.host", "idn-hostname": "internet.host",
	"ipv4": "internet.ipv4", "ipv6": "internet.ipv6", "uuid": "id.uuid",
	"byte": "id.hex", // OpenAPI's base64, of which hexadecimal digits by fours are some
}

// guess finds a hint where none is given: by format first, then by name.
func (p *planner) guess(nodes []*schema.Node, forms []*form, at *place) *hint {
	var types schema.Types
	for _, f := range forms {
		types |= f.types()
	}
	formats := formatOf(nodes)
	named := byName(types, at)
	if kind := formatHints[formats]; kind != "" {
		// A date's name may say more of it than its format.
		if named != nil && strings.HasPrefix(kind, "date.") && strings.HasPrefix(named.hint, "date.") {
			kind = named.hint
		}
		if named != nil && named.hint == "person.birthDate" || named != nil && named.hint == "internet.imageUrl" {
			kind = named.hint
		}
		return &hint{kind: kinds()[kind]}
	}
	if named != nil {
		return &hint{kind: kinds()[named.hint], args: named.args}
	}
	return &hint{}
}

// formatOf is the format that stands nearest to a value.
func formatOf(nodes []*schema.Node) string {
	for _, n := range implied(nodes) {
		if n.Format != "" {
			return n.Format
		}
	}
	return ""
}

func byName(types schema.Types, at *place) *guess {
	member := at.member()
	if member == "" {
		return nil
	}
	words := tokens(member)
	if g := named(types, words, at); g != nil || !at.item {
		return g
	}
	// The elements of "emails" are what an "email" is.
	words = slices.Clone(words)
	words[len(words)-1] = strings.TrimSuffix(words[len(words)-1], "s")
	return named(types, words, at)
}

func named(types schema.Types, words []string, at *place) *guess {
	whole, last := strings.Join(words, ""), words[len(words)-1]
	pair := last
	if len(words) > 1 {
		pair = words[len(words)-2] + last
	}
	for i := range guesses {
		g := &guesses[i]
		if g.types&types == 0 || !slices.Contains(g.names, whole) && !slices.Contains(g.last, last) && !slices.Contains(g.last, pair) {
			continue
		}
		if (g.within == nil || at.within(g.within)) && (g.inside == nil || at.inside(g.inside)) {
			return g
		}
	}
	return nil
}

// names are the name of the place and of the members around it, nearest first.
func (p *place) names() (names []string) {
	for ; p != nil; p = p.up {
		if p.name != "" {
			names = append(names, p.name)
		}
	}
	return names
}

func anyWord(name string, words []string) bool {
	return slices.ContainsFunc(tokens(name), func(w string) bool { return slices.Contains(words, w) })
}

// inside reports whether the directly enclosing member's name has one of the
// words.
func (p *place) inside(words []string) bool {
	names := p.names()
	return len(names) > 1 && anyWord(names[1], words)
}

// within does for the two enclosing names, and for the name itself but for its
// last word: "deliveryDate".
func (p *place) within(words []string) bool {
	names := p.names()
	own := tokens(names[0])
	return slices.ContainsFunc(own[:len(own)-1], func(w string) bool { return slices.Contains(words, w) }) ||
		slices.ContainsFunc(names[1:min(3, len(names))], func(n string) bool { return anyWord(n, words) })
}

// tokens splits a name into lower-case words: camelCase, snake_case,
// kebab-case, "with spaces".
func tokens(s string) []string {
	var words []string
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			words = append(words, strings.ToLower(b.String()))
			b.Reset()
		}
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 0x80
		upper := c >= 'A' && c <= 'Z'
		switch {
		case upper:
			before := i > 0 && s[i-1] >= 'A' && s[i-1] <= 'Z'
			after := i+1 < len(s) && s[i+1] >= 'a' && s[i+1] <= 'z'
			if !before || after {
				flush()
			}
			b.WriteByte(c)
		case letter:
			b.WriteByte(c)
		default:
			flush()
		}
	}
	flush()
	if words == nil {
		words = []string{""}
	}
	return words
}

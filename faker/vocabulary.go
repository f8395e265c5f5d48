package faker

import (
	"sync"

	"github.com/hookrig/hookrig/contracts/schema"
)

const (
	textType   = schema.String
	numberType = schema.Integer | schema.Number
)

var (
	kindsOnce sync.Once
	kindsMap  map[string]*kind
)

// kinds is the vocabulary by name.
func kinds() map[string]*kind {
	kindsOnce.Do(func() {
		kindsMap = map[string]*kind{}
		for _, k := range vocabulary() {
			kindsMap[k.name] = k
		}
	})
	return kindsMap
}

// vocabulary is all that x-faker understands. docs/contract-format.md has the
// same table for people, and a test compares the two.
func vocabulary() []*kind { //nolint:funlen // a table
	text := func(name string, make making, args ...string) *kind {
		return &kind{name: name, types: textType, text: make, args: args}
	}
	return []*kind{
		text("person.firstName", person(firstName)),
		text("person.lastName", person(lastName)),
		text("person.fullName", person(fullName)),
		text("person.gender", person(gender), "male", "female"),
		text("person.salutation", person(salutation)),
		text("person.title", person(title)),
		text("person.birthDate", times("birth"), "layout"),
		text("internet.email", person(email)),
		text("internet.userName", person(userName)),
		text("internet.url", urls("https://", ""), "path"),
		text("internet.imageUrl", urls("https://", ".jpg"), "path"),
		text("internet.host", rows(hosts)),
		text("internet.ipv4", coded(`192\.0\.2\.[1-9][0-9]?`, "ipv4")),
		text("internet.ipv6", coded(`2001:db8::[1-9a-f][0-9a-f]{0,3}`, "ipv6")),
		text("internet.userAgent", rowsOf(func(*locale) []string { return userAgents() })),
		text("phone.number", phone),
		text("company.name", company),
		text("address.street", address(street)),
		text("address.houseNumber", address(houseNumber)),
		text("address.line", address(addressLine)),
		text("address.additional", rowsOf(func(l *locale) []string { return l.additional })),
		text("address.city", address(cityName)),
		text("address.zipCode", address(zipCode)),
		text("address.state", address(state)),
		text("address.country", national(func(c *country) string { return c.name })),
		text("address.countryCode", national(func(c *country) string { return c.alpha2 })),
		text("address.countryCode3", national(func(c *country) string { return c.alpha3 })),
		{name: "address.latitude", types: numberType, text: coordinateText(latitude), number: coordinates(latitude)},
		{name: "address.longitude", types: numberType, text: coordinateText(longitude), number: coordinates(longitude)},
		text("language.code", languageCode, "style"),
		text("finance.currencyCode", national(func(c *country) string { return c.currency })),
		{name: "finance.amount", types: numberType, args: []string{"min", "max"}, text: amountText, number: amount},
		{name: "finance.minorUnits", types: schema.Integer, args: []string{"min", "max"}, text: minorUnitsText, number: minorUnits},
		{name: "finance.vatRate", types: numberType, args: []string{"percent"}, number: vatRate, text: vatRateText},
		text("finance.iban", iban),
		text("finance.bic", national(func(c *country) string { return c.bics[0] })),
		text("finance.vatId", vatID),
		text("commerce.productName", rowsOf(func(l *locale) []string { return l.products })),
		text("commerce.brand", rows(brands)),
		text("commerce.category", rowsOf(func(l *locale) []string { return l.categories })),
		text("commerce.color", rowsOf(func(l *locale) []string { return l.colors })),
		text("commerce.size", rows(sizes)),
		text("commerce.ean", ean, "digits"),
		text("commerce.sku", like("??-####-???"), "like"),
		text("commerce.customsTariffNumber", tariffNumber, "digits"),
		text("commerce.carrier", rows(carriers)),
		text("commerce.trackingNumber", coded(`00340[0-9]{15}`)),
		{name: "code.year", types: textType | schema.Integer, args: []string{"digits", "prefix"}, text: yearCode, number: yearNumber},
		{name: "id.small", types: textType | schema.Integer, args: []string{"min", "max"}, text: smallText, number: smallNumber},
		text("id.uuid", uuid),
		text("id.hex", hexID, "length"),
		text("text.word", rowsOf(func(l *locale) []string { return l.words })),
		text("text.name", rows(labels)),
		text("text.title", rows(titles)),
		text("text.sentence", sentence),
		text("text.slug", rows(slugs)),
		text("text.code", like("???-####"), "like"),
		text("file.name", fileName(""), "ext"),
		text("file.path", fileName("/files/2026/"), "ext"),
		text("file.mediaType", rows(mediaTypes)),
		{name: "date.recent", types: textType | schema.Integer, args: timeArgs, text: times("recent"), number: timeNumber("recent")},
		{name: "date.past", types: textType | schema.Integer, args: timeArgs, text: times("past"), number: timeNumber("past")},
		{name: "date.future", types: textType | schema.Integer, args: timeArgs, text: times("future"), number: timeNumber("future")},
		{name: "index", types: schema.Integer, args: []string{"from"}, number: indexed},
		{name: "integer", types: schema.Integer, args: []string{"min", "max"}, text: smallText, number: plainInteger},
		{name: "number", types: schema.Number, args: []string{"min", "max", "decimals"}, text: plainNumberText, number: plainNumber},
		{name: "boolean", types: schema.Boolean, args: []string{"share"}},
		{name: "pick", args: []string{"values"}, lone: "values"},
		{name: "constant", args: []string{"value"}, lone: "value"},
		{name: "list", types: schema.Array, args: []string{"min", "max"}},
		{name: "members", types: schema.Object, args: []string{"names"}, lone: "names"},
		{name: "same", args: []string{"as"}, text: same, number: same},
		{name: "sum", types: numberType, args: []string{"of"}, number: sum},
	}
}

var timeArgs = []string{"layout", "zone", "after"}

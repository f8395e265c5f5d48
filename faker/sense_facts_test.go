package faker_test

import (
	"regexp"
	"strings"
)

// What the trade knows, from gazetteers and standards and not from the faker.

type countryFact struct {
	alpha3, locale, currency, dial string
	rate                           string
	zip                            *regexp.Regexp
}

var countryFacts = map[string]countryFact{
	"GB": {"GBR", "en", "GBP", "+44 ", "0.2", regexp.MustCompile(`^[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2}$`)},
	"DE": {"DEU", "de", "EUR", "+49 ", "0.19", regexp.MustCompile(`^[0-9]{5}$`)},
	"AT": {"AUT", "de", "EUR", "+43 ", "0.2", regexp.MustCompile(`^[1-9][0-9]{3}$`)},
	"CZ": {"CZE", "cs", "CZK", "+420 ", "0.21", regexp.MustCompile(`^[1-7][0-9]{2} [0-9]{2}$`)},
	"PL": {"POL", "pl", "PLN", "+48 ", "0.23", regexp.MustCompile(`^[0-9]{2}-[0-9]{3}$`)},
}

// postcodes are how those of a city begin.
var postcodes = map[string]*regexp.Regexp{}

// states are where a city lies.
var states = map[string]string{}

func init() {
	for _, row := range strings.Split(strings.TrimSpace(cities), "\n") {
		cells := strings.Split(row, "|")
		postcodes[cells[0]], states[cells[0]] = regexp.MustCompile("^(?:"+cells[1]+")"), cells[2]
	}
}

const cities = `
London|WC|Greater London
Manchester|M\d|Greater Manchester
Birmingham|B\d|West Midlands
Leeds|LS|West Yorkshire
Bristol|BS|Bristol
Edinburgh|EH|City of Edinburgh
Cardiff|CF|Cardiff
Sheffield|S\d|South Yorkshire
York|YO|North Yorkshire
Oxford|OX|Oxfordshire
Berlin|1[0-4]|Berlin
Hamburg|2[0-2]|Hamburg
München|8[01]|Bayern
Köln|5[01]|Nordrhein-Westfalen
Frankfurt am Main|60|Hessen
Leipzig|04|Sachsen
Düsseldorf|40|Nordrhein-Westfalen
Nürnberg|90|Bayern
Würzburg|97|Bayern
Göttingen|37|Niedersachsen
Wien|1\d{3}$|Wien
Graz|80|Steiermark
Linz|40|Oberösterreich
Salzburg|50|Salzburg
Innsbruck|60|Tirol
St. Pölten|31|Niederösterreich
Praha|1|Hlavní město Praha
Brno|6[0-4]|Jihomoravský kraj
Ostrava|7[0-3]|Moravskoslezský kraj
Plzeň|3[0-2]|Plzeňský kraj
Liberec|460|Liberecký kraj
Olomouc|77|Olomoucký kraj
České Budějovice|370|Jihočeský kraj
Hradec Králové|50|Královéhradecký kraj
Ústí nad Labem|40|Ústecký kraj
Zlín|76|Zlínský kraj
Warszawa|0|mazowieckie
Kraków|3[01]|małopolskie
Łódź|9[0-4]|łódzkie
Wrocław|5[0-4]|dolnośląskie
Poznań|6[01]|wielkopolskie
Gdańsk|80|pomorskie
Białystok|15|podlaskie
Toruń|87|kujawsko-pomorskie
Rzeszów|35|podkarpackie
Częstochowa|42|śląskie
`

// diacritics are the letters of a language that English does not have.
var diacritics = map[string]string{
	"en": "",
	"de": "äöüÄÖÜß",
	"cs": "áčďéěíňóřšťúůýžÁČĎÉĚÍŇÓŘŠŤÚŮÝŽ",
	"pl": "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ",
}

// genderOf are names of which nobody doubts it.
var genderOf = map[string]string{
	"James": "m", "George": "m", "William": "m", "Olivia": "f", "Emily": "f", "Charlotte": "f", "Grace": "f",
	"Lukas": "m", "Jürgen": "m", "Stefan": "m", "Björn": "m", "Anna": "f", "Julia": "f", "Bärbel": "f", "Käthe": "f",
	"Jakub": "m", "Tomáš": "m", "Jiří": "m", "Václav": "m", "Tereza": "f", "Eliška": "f", "Lucie": "f", "Zdeňka": "f",
	"Michał": "m", "Łukasz": "m", "Paweł": "m", "Krzysztof": "m", "Agnieszka": "f", "Małgorzata": "f", "Ewa": "f", "Grażyna": "f",
}

// laterThan has pairs of members of one object of which the second is not
// earlier.
var laterThan = [][2]string{
	{"createdAt", "confirmedAt"}, {"confirmedAt", "invoicedAt"}, {"createdAt", "invoicedAt"}, {"createdAt", "exportedAt"}, {"createdAt", "viewedAt"},
	{"createdAt", "updatedAt"}, {"confirmedAt", "updatedAt"}, {"invoicedAt", "updatedAt"}, {"exportedAt", "updatedAt"},
	{"birthDate", "createdAt"}, {"validFrom", "expiresAt"}, {"minimum", "maximum"},
}

var (
	pastTimes   = strings.Fields("createdAt updatedAt confirmedAt invoicedAt exportedAt viewedAt occurredAt eventCreated birthDate validFrom generatedOn")
	futureTimes = strings.Fields("expiresAt minimum maximum")
	// repeatable are lists whose elements may have the same name.
	repeatable = strings.Fields("appliedFees payment attributes contacts paths")
)

type senseForm struct {
	place, form *regexp.Regexp
	judge       func(*senseJudge, string) string
}

// senseForms are what values look like by their places; the first row that
// fits counts.
var senseForms = func() (rows []senseForm) {
	add := func(place, form string, judge func(*senseJudge, string) string) {
		row := senseForm{place: regexp.MustCompile(`(?:` + place + `)$`), judge: judge}
		if form != "" {
			row.form = regexp.MustCompile(`^(?:` + form + `)$`)
		}
		rows = append(rows, row)
	}
	const (
		hex32  = `[0-9a-f]{32}`
		uuid   = `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`
		number = `[1-9][0-9]{0,8}`
		word   = `[\p{L}0-9][\p{L}0-9 .&,'/()-]*[\p{L}0-9.)]`
		slug   = `[a-z0-9]+([-_][a-z0-9]+)*`
		code   = `[A-Z0-9]+(-[A-Z0-9]+)*`
	)
	add(`(created|updated|confirmed|invoiced|exported|viewed|occurred)At|/eventCreated`, `202[56]-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:?\d\d`, parses)
	add(`/expiresAt|/validFrom|/generatedOn|/deliveryDate/m(in|ax)imum`, `202[56]-\d\d-\d\d(T\d\d:\d\d:\d\d(Z|\+\d\d:\d\d))?`, parses)
	add(`/birthDate`, `(19[5-9]\d|200\d)-\d\d-\d\d`, parses)
	add(`/CCExpiry`, `202[6-9](0[1-9]|1[0-2])`, nil)

	add(`/currency(Code)?`, `[A-Z]{3}`, func(j *senseJudge, v string) string {
		return unless(j.fits(func(c countryFact) bool { return c.currency == v }), "not the currency")
	})
	add(`/countryCode`, `[A-Z]{2,3}`, nil)
	add(`[lL]anguage(Code)?|/supportedLanguageCodes/\*`, `[a-z]{2}_[A-Z]{2}`, nil)
	add(`/vat/rate`, `0\.\d\d?`, func(j *senseJudge, v string) string {
		return unless(j.fits(func(c countryFact) bool { return c.rate == v }), "not the country's rate")
	})
	add(`/(relative|relativeDifferenceToPrice)`, `0\.\d\d?`, nil)
	add(`/price/amount`, `[1-9]\d{0,2}(\.\d\d?)?`, nil)
	add(`[wW]ith(out|Out)?Tax(With\w*)?|/costCapture|/vat/amount|/membershipDiscount/(tax|reductionValue)|[dD]eliveryCosts|/payment/\*(/data)?/amount(/value)?`, `0|[1-9]\d{0,6}`, nil)

	add(`/(IPC|c)ity`, word, func(_ *senseJudge, v string) string { return unless(postcodes[v] != nil, "where is that") })
	add(`/IPState`, word, nil)
	add(`/IPL(at|ong)itude`, `-?\d{1,2}\.\d+`, nil)
	add(`/zipCode`, `[A-Z0-9][A-Z0-9 -]{2,6}[A-Z0-9]`, nil)
	add(`/houseNumber`, `[1-9]\d{0,2}`, nil)
	add(`/(street|additional)`, word, nil)
	add(`/(first|last)Name|/title`, `[\p{L}][\p{L}' .-]*`, nil)
	add(`/gender`, `[mf]`, nil)
	add(`/email`, `[a-z]+\.[a-z]+@example\.(com|org|net)`, nil)
	add(`/phone|/contacts/\*/value`, `\+[\d ]{8,16}`, func(j *senseJudge, v string) string {
		return unless(j.fits(func(c countryFact) bool { return strings.HasPrefix(v, c.dial) }), "not the country's")
	})
	add(`/ean`, `\d{13}`, func(_ *senseJudge, v string) string { return unless(eanIsRight(v), "wrong check digit") })
	add(`/customsTariffNumber`, `[1-9]\d{7}`, nil)
	add(`[uU]rl`, `https://[a-z]+\.example\.(com|org|net)/[a-z0-9/.-]+`, nil)
	add(`/path`, `/files/[a-z0-9/.-]+`, nil)

	add(`/publicKey|/xRequestId|/transaction_id|/Feed|/(promotion|itemGroup)/id|^/key`, uuid, nil)
	add(`/(basketKey|transactionKey|reservationKey)|/(items|applicableItems)/\*/key|/subsequentDelivery/key`, hex32, nil)
	add(`/tracking/id|/trackingNumber`, `00340\d{15}`, nil)
	add(`/orderNumbers/\*|/order/referenceKey`, `2026\d{6}`, nil)
	add(`/eventInstance`, `\d{4,14}|`+slug+`|`+code, nil)
	add(`/resource_id/id|/(value|payload)/\*|/payload/value|/binding_values/\*/value|/attributes/\*/value|/value/\*/value|/option_name/\*/value|/name/\*/value`, `(?s).+`, nil)
	add(`/profile_id`, `pfl_[A-Z]{4}\d{6}`, nil)
	add(`[iI]d|/(\w+Ids|OrderItemIds)/\*|/variantOf`, number, nil)
	add(`/(number|productNumber|supplierItemNumber|sku|\w+_sku)|/(productNumbers|SellerSkus)/\*`, code, nil)
	add(`/referenceKey`, `(C-|M|addr-|2026)[\d-]+|main|marketplace|\d+`, nil)
	add(`/shipmentKey`, `shpmnt-\d\d-\d`, nil)
	add(`/(customerKey|collectionPoint/key|cardNumber|pspReference)`, `\d{3,16}`, nil)
	add(`/(vouchers/\*/code|giftCardCode)`, code, nil)
	add(`/legacyCustomData/key`, word, nil)
	add(`(/|_)codes?(/\*)?|[kK]ey|/doctype|/carrier|/scope|_scope|/(shipping|order|billing)/code|/policy|/status|/deliveryStatus|/NewStatus|/(c|creditC)ardBrand|/CCBrand|/category|/option|/result|/state|/businessAccountType|/(main|second)Val|/groups/\*`, `\w+([-_]\w+)*`, nil)
	add(`/type|_type|^/event|^/name`, `[\w:.-]+`, nil)
	add(`/(size|version|amount|units|points|pointsUsed|value|fromQuantity|packageAmount|availableQuantity|child_quantity)`, `\d+|`+word, nil)
	add(`/IPZoneA?2?|/unit|/language|/merchantAccount|/provider|/salesChannel|/(supplierD|additionalSupplierD)esignation|/descriptor|/name(/[a-z]{2}_[A-Z]{2})?|/paths/\*/\*`, word+`|[\p{L}0-9]`, nil)
	add(`/description|/errorDescription`, `\p{L}[\p{L}0-9 ,.'-]+`, nil)
	return rows
}()

func parses(_ *senseJudge, v string) string {
	_, ok := timeAt(map[string]any{"at": v}, "at")
	return unless(ok, "no such day")
}

func unless(ok bool, wrong string) string {
	if ok {
		return ""
	}
	return wrong
}

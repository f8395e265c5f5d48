package faker

import (
	"sync"

	"github.com/brianvoe/gofakeit/v6"
)

// english takes most of its words from gofakeit, whose language it is.
var english = sync.OnceValue(func() *locale {
	l := britain
	l.last = sampled(120, (*gofakeit.Faker).LastName)
	l.products = sampled(120, (*gofakeit.Faker).ProductName)
	l.colors = sampled(24, (*gofakeit.Faker).SafeColor)
	l.categories = sampled(24, (*gofakeit.Faker).ProductCategory)
	l.words = plainWords
	return &l
})

var britain = locale{
	code:   "en",
	male:   []string{"James", "Oliver", "George", "Harry", "Noah", "Jack", "Leo", "Arthur", "Oscar", "Henry", "William", "Thomas", "Daniel", "Samuel", "Joseph", "Edward", "Adam", "Luke", "Owen", "Ryan"},
	female: []string{"Olivia", "Amelia", "Isla", "Ava", "Ivy", "Freya", "Lily", "Emily", "Grace", "Sophie", "Charlotte", "Hannah", "Alice", "Ruby", "Eleanor", "Jessica", "Molly", "Zara", "Chloe", "Lucy"},
	mister: "Mr", miss: "Ms",
	titles:     []string{"Dr", "Prof"},
	additional: []string{"2nd floor", "Flat 3", "Unit 7b", "Rear entrance", "c/o Reception"},
	firms:      []string{"%s Ltd", "%s plc", "%s & Sons Ltd", "%s Trading Ltd"},
	sentences:  []string{"Please ring the neighbour's bell.", "The delivery comes in two parcels.", "Replaces an earlier order.", "Send the invoice to head office.", "Goods were checked and released."},
	countries: []country{{
		alpha2: "GB", alpha3: "GBR", name: "United Kingdom", language: "en_GB", currency: "GBP", vat: 20,
		cities: []city{
			{"London", "WC2N 5DU", "Greater London", 51.51, -0.13}, {"Manchester", "M1 1AE", "Greater Manchester", 53.48, -2.24}, {"Birmingham", "B1 1BB", "West Midlands", 52.48, -1.90},
			{"Leeds", "LS1 4AP", "West Yorkshire", 53.80, -1.55}, {"Bristol", "BS1 5TR", "Bristol", 51.45, -2.59}, {"Edinburgh", "EH1 1YZ", "City of Edinburgh", 55.95, -3.19},
			{"Cardiff", "CF10 1EP", "Cardiff", 51.48, -3.18}, {"Sheffield", "S1 2HE", "South Yorkshire", 53.38, -1.47}, {"York", "YO1 7HH", "North Yorkshire", 53.96, -1.08}, {"Oxford", "OX1 1BX", "Oxfordshire", 51.75, -1.26},
		},
		streets: []string{"High Street", "Station Road", "Church Lane", "Victoria Road", "Park Avenue", "Mill Lane", "King Street", "Queen's Road", "Orchard Close", "Bridge Street"}, houseFirst: true,
		// Numbers that Ofcom keeps for drama.
		phones: []string{"+44 20 7946 0###", "+44 161 496 0###", "+44 7700 900###"}, iban: "????##############", bics: []string{"BARCGB22XXX", "LOYDGB2LXXX", "NWBKGB2LXXX"},
		vatPrefix: "GB", vatID: vatGB, ean: "500",
	}},
}

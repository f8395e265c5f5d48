package shop_test

import (
	"fmt"
	"strings"

	"github.com/hookrig/hookrig/faker/shop"
)

// town is the words of a small place.
type town struct{}

var country = shop.Country{Name: "Ruritania", Alpha2: "RU", Alpha3: "RUR", Language: "en_RU", Currency: "EUR", VAT: 1900, Level: 1, EAN: "400"}

func (town) Person(k uint64) shop.Person {
	n := fmt.Sprintf("P%d", k%1000)
	return shop.Person{First: n, Last: "Smith", Full: n + " Smith", Salutation: "Mx", Title: "Dr", Email: strings.ToLower(n) + "@example.com", User: n}
}

func (town) Place(k uint64) shop.Place {
	return shop.Place{Street: "Street", House: fmt.Sprint(k % 100), Line: "Street 1", Additional: "Flat", Zip: "12345", City: "Strelsau", State: "S", Phone: "+1 555", Country: &country}
}
func (town) Home() *shop.Country      { return &country }
func (town) Company(k uint64) string  { return fmt.Sprintf("Company %d", k%100) }
func (town) Product(k uint64) string  { return fmt.Sprintf("Thing %d", k%100) }
func (town) Category(n int) string    { return fmt.Sprintf("Category %d", n) }
func (town) Brand(n int) string       { return fmt.Sprintf("Brand %d", n) }
func (town) Wearable(string) bool     { return true }
func (town) Color(n int) string       { return fmt.Sprintf("color %d", n%7) }
func (town) Size(n int) string        { return fmt.Sprintf("size %d", n) }
func (town) Sentence(k uint64) string { return fmt.Sprintf("Sentence %d.", k%50) }
func (town) Word(k uint64) string     { return fmt.Sprintf("word%d", k%50) }
func (town) Slug(text string) string  { return strings.ReplaceAll(strings.ToLower(text), " ", "-") }

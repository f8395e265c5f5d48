package faker_test

import (
	"encoding/json"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/brianvoe/gofakeit/v6"

	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/faker"
)

func compileFile(t testing.TB, name string) *schema.Schema {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	d, err := schema.Read(name, text, schema.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := schema.Compile(d, "", schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The order of testdata, made three ways: by its plan, by code written by hand
// for this one shape, and by gofakeit's struct tags with encoding/json.
func BenchmarkOrder(b *testing.B) {
	b.Run("plan", func(b *testing.B) {
		v, err := faker.FromSchema(compileFile(b, "testdata/order.yaml"), faker.Options{})
		if err != nil {
			b.Fatal(err)
		}
		buf := make([]byte, 0, 16<<10)
		b.ReportAllocs()
		for n := uint64(0); b.Loop(); n++ {
			buf = v.Append(buf[:0], n)
		}
		b.SetBytes(int64(len(buf)))
	})
	b.Run("byhand", func(b *testing.B) {
		h := newByHand()
		buf := make([]byte, 0, 16<<10)
		b.ReportAllocs()
		for n := uint64(0); b.Loop(); n++ {
			buf = h.order(buf[:0], n)
		}
		b.SetBytes(int64(len(buf)))
	})
	b.Run("gofakeit", func(b *testing.B) {
		f := gofakeit.NewUnlocked(1)
		b.ReportAllocs()
		for b.Loop() {
			var o structOrder
			if err := f.Struct(&o); err != nil {
				b.Fatal(err)
			}
			text, err := json.Marshal(&o)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(text)))
		}
	})
}

// What the code by hand makes has the shape of the schema, so that the race is
// fair.
func TestByHandKeepsTheSchema(t *testing.T) {
	s := compileFile(t, "testdata/order.yaml")
	h := newByHand()
	for n := range uint64(20) {
		if found := s.Validate(h.order(nil, n)); len(found) > 0 {
			t.Fatal(found)
		}
	}
}

// Plans of all events of the largest contract.
func BenchmarkNew(b *testing.B) {
	for _, provider := range catalog.Names {
		b.Run(provider, func(b *testing.B) {
			c, err := catalog.Load(provider)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := faker.New(c, faker.Options{}); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := faker.New(c, faker.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// byHand is what a careful engineer would write for this one schema: a state
// of 64 bits, word tables, appends.
type byHand struct {
	male, last, streets, cities, zips, states, products, brands, categories, colors, sizes, notes, labels, carriers, companies []string
	at                                                                                                                         int64
}

func newByHand() *byHand {
	f := gofakeit.NewUnlocked(1)
	many := func(make func() string) (out []string) {
		for range 40 {
			out = append(out, make())
		}
		return out
	}
	return &byHand{
		male: many(f.FirstName), last: many(f.LastName), streets: many(f.StreetName), cities: many(f.City), zips: many(f.Zip), states: many(f.State),
		products: many(f.ProductName), brands: many(f.BuzzWord), categories: many(f.ProductCategory), colors: many(f.SafeColor),
		sizes: []string{"S", "M", "L"}, notes: many(func() string { return f.Sentence(8) }), labels: many(f.NounConcrete), carriers: []string{"dhl", "ups", "dpd"}, companies: many(f.Company),
		at: time.Date(2026, 1, 15, 10, 0, 0, 0, time.UTC).Unix(),
	}
}

type dice uint64

func (d *dice) next() uint64 {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (d *dice) below(n uint64) uint64 { return d.next() % n }

func (d *dice) from(rows []string) string { return rows[d.below(uint64(len(rows)))] }

func (h *byHand) text(dst []byte, name, value string) []byte {
	dst = append(dst, name...)
	dst = append(dst, value...)
	return append(dst, '"')
}

func (h *byHand) whole(dst []byte, name string, v uint64) []byte {
	return strconv.AppendUint(append(dst, name...), v, 10)
}

func (h *byHand) moment(dst []byte, d *dice, name string) []byte {
	dst = time.Unix(h.at-int64(d.below(100_000)), 0).UTC().AppendFormat(append(dst, name...), time.RFC3339)
	return append(dst, '"')
}

func (h *byHand) digits(dst []byte, d *dice, n int) []byte {
	v := d.next()
	for range n {
		dst = append(dst, '0'+byte(v%10))
		v /= 10
	}
	return dst
}

func (h *byHand) hex(dst []byte, d *dice, n int) []byte {
	for i := 0; i < n; i += 16 {
		v := d.next()
		for range min(16, n-i) {
			dst = append(dst, "0123456789abcdef"[v&15])
			v >>= 4
		}
	}
	return dst
}

func (h *byHand) price(dst []byte, net uint64) []byte {
	tax := net / 5
	dst = h.whole(dst, `{"withTax":`, net+tax)
	dst = h.whole(dst, `,"withoutTax":`, net)
	dst = h.whole(dst, `,"tax":{"vat":{"amount":`, tax)
	return append(dst, `,"rate":0.2}}}`...)
}

func (h *byHand) address(dst []byte, d *dice) []byte {
	dst = h.whole(dst, `{"id":`, d.below(100_000))
	dst = h.text(dst, `,"firstName":"`, d.from(h.male))
	dst = h.text(dst, `,"lastName":"`, d.from(h.last))
	dst = h.text(dst, `,"street":"`, d.from(h.streets))
	dst = append(h.whole(dst, `,"houseNumber":"`, 1+d.below(99)), '"')
	dst = h.text(dst, `,"zipCode":"`, d.from(h.zips))
	dst = h.text(dst, `,"city":"`, d.from(h.cities))
	dst = h.text(dst, `,"state":"`, d.from(h.states))
	dst = append(dst, `,"country":"United Kingdom","countryCode":"GB","phone":"+44 20 7946 0`...)
	dst = h.digits(dst, d, 3)
	dst = append(dst, `","isDefault":`...)
	return append(strconv.AppendBool(dst, d.next()&1 == 0), '}')
}

func (h *byHand) item(dst []byte, d *dice, i int, net uint64) []byte {
	dst = h.whole(dst, `{"id":`, d.below(100_000))
	dst = h.whole(dst, `,"position":`, uint64(i+1))
	dst = h.digits(append(dst, `,"sku":"KX-`...), d, 4)
	dst = h.digits(append(dst, `","ean":"`...), d, 13)
	dst = h.text(dst, `","name":"`, d.from(h.products))
	dst = h.text(dst, `,"brand":"`, d.from(h.brands))
	dst = h.text(dst, `,"category":"`, d.from(h.categories))
	dst = h.text(dst, `,"color":"`, d.from(h.colors))
	dst = h.text(dst, `,"size":"`, d.from(h.sizes))
	dst = h.whole(dst, `,"quantity":`, 1+d.below(9))
	dst = h.price(append(dst, `,"price":`...), net)
	dst = h.text(dst, `,"status":"`, [...]string{"open", "shipped", "returned"}[d.below(3)])
	dst = h.whole(dst, `,"warehouseId":`, d.below(100))
	dst = append(h.whole(dst, `,"url":"https://shop.example.com/products/`, d.below(100_000)), '"')
	dst = append(h.whole(dst, `,"imageUrl":"https://media.example.com/products/`, d.below(100_000)), `.jpg"`...)
	dst = h.whole(append(h.whole(dst, `,"weight":`, d.below(20)), '.'), "", 1+d.below(9))
	dst = h.text(dst, `,"description":"`, d.from(h.notes))
	dst = h.moment(dst, d, `,"createdAt":"`)
	dst = h.moment(dst, d, `,"updatedAt":"`)
	dst = append(dst, `,"attributes":[`...)
	for k := range 2 {
		if k > 0 {
			dst = append(dst, ',')
		}
		dst = h.text(dst, `{"name":"`, d.from(h.labels))
		dst = append(h.text(dst, `,"value":"`, d.from(h.labels)), '}')
	}
	return append(dst, `]}`...)
}

func (h *byHand) order(dst []byte, n uint64) []byte {
	d := dice(n * 0x2545f4914f6cdd1d)
	dst = h.hex(append(dst, `{"id":"`...), &d, 8)
	dst = h.hex(append(dst, '-'), &d, 4)
	dst = h.hex(append(dst, `-4`...), &d, 3)
	dst = h.hex(append(dst, `-8`...), &d, 3)
	dst = h.hex(append(dst, '-'), &d, 12)
	dst = h.moment(append(dst, `","type":"order.created"`...), &d, `,"occurredAt":"`)
	dst = h.whole(dst, `,"order":{"id":`, d.below(100_000))
	dst = h.digits(append(dst, `,"number":"2026`...), &d, 6)
	dst = h.text(dst, `","status":"`, [...]string{"new", "paid", "packed", "shipped", "delivered", "canceled"}[d.below(6)])
	dst = append(dst, `,"currency":"GBP","locale":"en_GB"`...)
	dst = h.moment(dst, &d, `,"createdAt":"`)
	dst = h.moment(dst, &d, `,"confirmedAt":"`)
	dst = h.moment(dst, &d, `,"updatedAt":"`)
	first, last := d.from(h.male), d.from(h.last)
	dst = h.whole(dst, `,"customer":{"id":`, d.below(100_000))
	dst = h.text(dst, `,"firstName":"`, first)
	dst = h.text(dst, `,"lastName":"`, last)
	dst = append(append(append(append(dst, `,"email":"`...), first...), '.'), last...)
	dst = h.digits(append(dst, `@example.com","phone":"+44 20 7946 0`...), &d, 3)
	dst = h.text(dst, `","gender":"`, [...]string{"m", "f"}[d.below(2)])
	dst = time.Unix(h.at-int64(d.below(1_000_000_000)), 0).UTC().AppendFormat(append(dst, `,"birthDate":"`...), time.DateOnly)
	dst = h.text(dst, `","company":"`, d.from(h.companies))
	dst = h.digits(append(dst, `,"vatId":"GB`...), &d, 9)
	dst = strconv.AppendBool(append(dst, `","isGuest":`...), d.next()&1 == 0)
	dst = h.moment(dst, &d, `,"createdAt":"`)
	dst = h.moment(dst, &d, `,"updatedAt":"`)
	dst = h.address(append(dst, `},"billingAddress":`...), &d)
	dst = h.address(append(dst, `,"shippingAddress":`...), &d)
	dst = append(dst, `,"items":[`...)
	total := uint64(0)
	for i := range 3 {
		if i > 0 {
			dst = append(dst, ',')
		}
		net := 5 * (20 + d.below(4000))
		total += net
		dst = h.item(dst, &d, i, net)
	}
	dst = h.price(append(dst, `],"total":`...), total)
	dst = h.text(dst, `,"payments":[{"key":"`, [...]string{"card", "invoice", "paypal", "transfer"}[d.below(4)])
	dst = h.whole(dst, `,"amount":`, total+total/5)
	dst = h.hex(append(dst, `,"currency":"GBP","transactionId":"`...), &d, 32)
	dst = strconv.AppendBool(append(dst, `","success":`...), d.next()&1 == 0)
	dst = h.moment(dst, &d, `,"createdAt":"`)
	dst = h.whole(dst, `}],"shipment":{"id":`, d.below(100_000))
	dst = h.text(dst, `,"carrier":"`, d.from(h.carriers))
	dst = h.digits(append(dst, `,"trackingNumber":"00340`...), &d, 15)
	dst = append(h.whole(dst, `","trackingUrl":"https://track.example.com/`, d.below(100_000)), '"')
	dst = h.moment(dst, &d, `,"shippedAt":"`)
	dst = time.Unix(h.at+int64(d.below(1_000_000)), 0).UTC().AppendFormat(append(dst, `,"deliveryDate":"`...), time.DateOnly)
	dst = h.whole(append(h.whole(dst, `","weight":`, d.below(20)), '.'), "", 1+d.below(9))
	dst = h.text(dst, `},"note":"`, d.from(h.notes))
	dst = h.text(dst, `,"tags":["`, d.from(h.labels))
	dst = h.text(dst, `,"`, d.from(h.labels))
	return append(dst, `]}}`...)
}

// The same shape for gofakeit.
type structOrder struct {
	ID         string    `json:"id" fake:"{uuid}"`
	Type       string    `json:"type" fake:"order.created"`
	OccurredAt time.Time `json:"occurredAt"`
	Order      struct {
		ID          int             `json:"id" fake:"{number:1,100000}"`
		Number      string          `json:"number" fake:"{numerify:2026######}"`
		Status      string          `json:"status" fake:"{randomstring:[new,paid,shipped]}"`
		Currency    string          `json:"currency" fake:"{currencyshort}"`
		Locale      string          `json:"locale" fake:"{languagebcp}"`
		CreatedAt   time.Time       `json:"createdAt"`
		ConfirmedAt time.Time       `json:"confirmedAt"`
		UpdatedAt   time.Time       `json:"updatedAt"`
		Customer    structCustomer  `json:"customer"`
		Billing     structAddress   `json:"billingAddress"`
		Shipping    structAddress   `json:"shippingAddress"`
		Items       []structItem    `json:"items" fakesize:"3"`
		Total       structPrice     `json:"total"`
		Payments    []structPayment `json:"payments" fakesize:"1"`
		Shipment    structShipment  `json:"shipment"`
		Note        string          `json:"note" fake:"{sentence:8}"`
		Tags        []string        `json:"tags" fake:"{nounconcrete}" fakesize:"2"`
	} `json:"order"`
}

type structCustomer struct {
	ID        int       `json:"id" fake:"{number:1,100000}"`
	FirstName string    `json:"firstName" fake:"{firstname}"`
	LastName  string    `json:"lastName" fake:"{lastname}"`
	Email     string    `json:"email" fake:"{email}"`
	Phone     string    `json:"phone" fake:"{phone}"`
	Gender    string    `json:"gender" fake:"{gender}"`
	BirthDate time.Time `json:"birthDate"`
	Company   string    `json:"company" fake:"{company}"`
	VatID     string    `json:"vatId" fake:"{numerify:GB#########}"`
	IsGuest   bool      `json:"isGuest"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

type structAddress struct {
	ID          int    `json:"id" fake:"{number:1,100000}"`
	FirstName   string `json:"firstName" fake:"{firstname}"`
	LastName    string `json:"lastName" fake:"{lastname}"`
	Street      string `json:"street" fake:"{streetname}"`
	HouseNumber string `json:"houseNumber" fake:"{streetnumber}"`
	ZipCode     string `json:"zipCode" fake:"{zip}"`
	City        string `json:"city" fake:"{city}"`
	State       string `json:"state" fake:"{state}"`
	Country     string `json:"country" fake:"{country}"`
	CountryCode string `json:"countryCode" fake:"{countryabr}"`
	Phone       string `json:"phone" fake:"{phone}"`
	IsDefault   bool   `json:"isDefault"`
}

type structPrice struct {
	WithTax    int `json:"withTax" fake:"{number:1,100000}"`
	WithoutTax int `json:"withoutTax" fake:"{number:1,100000}"`
	Tax        struct {
		Vat struct {
			Amount int     `json:"amount" fake:"{number:1,100000}"`
			Rate   float64 `json:"rate" fake:"{float64range:0,1}"`
		} `json:"vat"`
	} `json:"tax"`
}

type structItem struct {
	ID          int         `json:"id" fake:"{number:1,100000}"`
	Position    int         `json:"position" fake:"{number:1,10}"`
	Sku         string      `json:"sku" fake:"{lexify:??-????}"`
	Ean         string      `json:"ean" fake:"{numerify:#############}"`
	Name        string      `json:"name" fake:"{productname}"`
	Brand       string      `json:"brand" fake:"{buzzword}"`
	Category    string      `json:"category" fake:"{productcategory}"`
	Color       string      `json:"color" fake:"{color}"`
	Size        string      `json:"size" fake:"{randomstring:[S,M,L]}"`
	Quantity    int         `json:"quantity" fake:"{number:1,10}"`
	Price       structPrice `json:"price"`
	Status      string      `json:"status" fake:"{randomstring:[open,shipped,returned]}"`
	WarehouseID int         `json:"warehouseId" fake:"{number:1,100}"`
	URL         string      `json:"url" fake:"{url}"`
	ImageURL    string      `json:"imageUrl" fake:"{url}"`
	Weight      float64     `json:"weight" fake:"{float64range:0,20}"`
	Description string      `json:"description" fake:"{sentence:8}"`
	CreatedAt   time.Time   `json:"createdAt"`
	UpdatedAt   time.Time   `json:"updatedAt"`
	Attributes  []struct {
		Name  string `json:"name" fake:"{nounconcrete}"`
		Value string `json:"value" fake:"{nounconcrete}"`
	} `json:"attributes" fakesize:"2"`
}

type structPayment struct {
	Key           string    `json:"key" fake:"{randomstring:[card,invoice]}"`
	Amount        int       `json:"amount" fake:"{number:1,100000}"`
	Currency      string    `json:"currency" fake:"{currencyshort}"`
	TransactionID string    `json:"transactionId" fake:"{uuid}"`
	Success       bool      `json:"success"`
	CreatedAt     time.Time `json:"createdAt"`
}

type structShipment struct {
	ID             int       `json:"id" fake:"{number:1,100000}"`
	Carrier        string    `json:"carrier" fake:"{randomstring:[dhl,ups]}"`
	TrackingNumber string    `json:"trackingNumber" fake:"{numerify:00340###############}"`
	TrackingURL    string    `json:"trackingUrl" fake:"{url}"`
	ShippedAt      time.Time `json:"shippedAt"`
	DeliveryDate   time.Time `json:"deliveryDate"`
	Weight         float64   `json:"weight" fake:"{float64range:0,20}"`
}

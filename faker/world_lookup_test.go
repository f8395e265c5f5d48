package faker_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/faker/audit"
	world "github.com/hookrig/hookrig/faker/shop"
)

// unfound are the events that name nothing which a lookup finds, with the
// reason. Those that tell of an end are not among them: see goneWith.
var unfound = map[string]string{
	"sellercenter onMetricsUpdated":    "its payload is empty",
	"sellercenter onStatisticsUpdated": "its payload is empty",

	"scayle newsletter-subscribed":                "its payload is not documented",
	"scayle payment-capture":                      "its payload is not documented",
	"scayle payment-refund":                       "its payload is not documented",
	"scayle product-master-updated":               "its payload is not documented",
	"scayle product-updated":                      "its payload is not documented",
	"scayle product-variant-availability-updated": "its payload is not documented",
	"scayle product-variant-prices-updated":       "its payload is not documented",
	"scayle product-variant-stock-updated":        "its payload is not documented",
	"scayle shop-category-tree-updated":           "its payload is not documented",

	"shoptet customer:import":           "names all customers",
	"shoptet eshop:billingInformation":  "names the e-shop itself",
	"shoptet eshop:currencies":          "names the e-shop itself",
	"shoptet eshop:design":              "names the e-shop itself",
	"shoptet eshop:mandatoryFields":     "names the e-shop itself",
	"shoptet eshop:projectDomain":       "names the e-shop itself",
	"shoptet mailingListEmail:create":   "names a list of addresses, which the world does not have",
	"shoptet mailingListEmail:delete":   "names a list of addresses, which the world does not have",
	"shoptet orderStatusesList:change":  "the provider lists statuses, and finds none by its id",
	"shoptet paymentMethod:change":      "the provider lists methods, and finds none by its id",
	"shoptet shippingMethod:change":     "the provider lists methods, and finds none by its id",
	"shoptet shippingRequest:cancelled": "the provider asks for a second id, which the event does not have",
	"shoptet shippingRequest:confirmed": "the provider asks for a second id, which the event does not have",

	"xentral datev.exported":                  "names nothing",
	"xentral dunning.started":                 "names nothing",
	"xentral exporter.executed":               "no route is known; ids of exporters are those of reports by chance",
	"xentral extendedOrderProposal.execution": "names nothing",
	"xentral importer.executed":               "no route is known; ids of importers are those of reports by chance",
	"xentral order.fetched":                   "names numbers, by which the provider filters lists",
	"xentral orderProposal.execution":         "names nothing",
	"xentral outgoingPayment.created":         "names nothing",
	"xentral outgoingPayment.executed":        "no route is known",
	"xentral picklist.created":                "no route is known",
	"xentral picklist.generated":              "no route is known",
	"xentral pos.orderCreated":                "names nothing",
	"xentral product.exported":                "names numbers, by which the provider filters lists",
	"xentral product.imported":                "names numbers, by which the provider filters lists",
	"xentral project.created":                 "the provider lists projects, and finds none by its id",
	"xentral stock.synchronized":              "names numbers, by which the provider filters lists",
	"xentral ticket.received":                 "no route is known",
	"xentral ticket.replySent":                "no route is known",
	"xentral transfer.jobError":               "names a paper of a kind that stands beside it: each kind has its route",
	"xentral transfer.jobSuccessful":          "names a paper of a kind that stands beside it: each kind has its route",
}

// byChance are events whose ids are not what the lookup is for.
var byChance = map[string]bool{"xentral exporter.executed": true, "xentral importer.executed": true}

func keyOf(v world.Value) string {
	if v.Type == world.Integer {
		return strconv.FormatInt(v.Int, 10)
	}
	return string(v.Spell(nil))
}

// leafOf is what the values of a lookup's key are of.
func leafOf(l *contracts.Lookup) string {
	parts := strings.Split(l.Key, ".")
	info := world.KindOf(world.Kind(parts[0]))
	for _, name := range parts[1 : len(parts)-1] {
		info = world.KindOf(info.Property(name).Of)
	}
	return string(info.Kind) + "." + parts[len(parts)-1]
}

// named are the values of a body that lookups of its contract find something by.
func named(w *faker.World, e faker.WorldEvent) map[*contracts.Lookup][]string {
	all := map[*contracts.Lookup][]string{}
	lookups := map[string][]*contracts.Lookup{}
	for _, l := range e.Event.Type.Contract().Lookups() {
		lookups[leafOf(l)] = append(lookups[leafOf(l)], l)
	}
	var visit func(f *audit.Fact)
	visit = func(f *audit.Fact) {
		for name, v := range f.Values {
			for _, l := range lookups[string(f.Kind)+"."+name] {
				all[l] = append(all[l], keyOf(v))
			}
		}
		for _, one := range f.Ones {
			visit(one)
		}
		for _, list := range f.Lists {
			for _, one := range list {
				visit(one)
			}
		}
	}
	if s := w.Sighting(e.Event, e.Action, e.Time); s != nil {
		for _, f := range s.Facts {
			visit(f)
		}
	}
	return all
}

// goneWith are the entities that are over with a step.
func goneWith(s *world.Step) (gone []world.Entity) {
	kind, verb, _ := strings.Cut(s.Action.Name, ".")
	switch {
	case verb == "deleted":
		gone = append(gone, s.Of[0])
	case strings.HasSuffix(verb, "Removed") && kind+"."+verb != "product.categoryRemoved" && verb != "bindingRemoved":
		gone = append(gone, s.Of[1])
	}
	if p, ok := s.Of[0].(*world.Product); ok && verb == "deleted" {
		for _, v := range p.Variants {
			gone = append(gone, v)
		}
	}
	return gone
}

// Whoever fetches what an event names finds it, by a route of the same provider:
// all 247 events, but for those that name nothing, and for what is gone.
func TestWorldLookups(t *testing.T) {
	computesAlone(t)
	all := everything(t)
	w, err := faker.NewWorld(all, faker.WorldOptions{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	leaves := map[string]bool{}
	for _, l := range w.Lookups() {
		leaves[leafOf(l)] = true
	}
	r := w.Records(0)
	seen, found, over := map[string]int{}, map[string]int{}, map[string]int{}
	gone := map[string]bool{}
	s := w.Stream()
	for range 100_000 {
		e := s.Next()
		r.Learn(e.Step)
		for _, one := range goneWith(e.Step) {
			for leaf := range leaves {
				kind, name, _ := strings.Cut(leaf, ".")
				if one.Kind() == world.Kind(kind) {
					gone[leaf+" "+keyOf(world.KindOf(one.Kind()).Property(name).Read(one))] = true
				}
			}
		}
		name := e.Event.Type.Contract().Provider() + " " + e.Event.Type.Name()
		if seen[name]++; seen[name] > 20 || byChance[name] {
			continue
		}
		for l, texts := range named(w, e) {
			for _, text := range texts {
				body, ok := r.Look(l, text, e.Time)
				if gone := gone[leafOf(l)+" "+text]; gone == ok {
					t.Fatalf("%s by %s: %s %q is found: %v, is gone: %v", name, e.Action, l.Route(), text, ok, gone)
				}
				if !ok {
					over[name]++
					continue
				}
				found[name]++
				schema, err := l.Schema()
				if err != nil || len(schema.Validate(body)) > 0 {
					t.Fatalf("%s: %v %v %s", l.Route(), err, schema.Validate(body), body)
				}
				if !strings.Contains(string(body), `"`+text+`"`) && !strings.Contains(string(body), `:`+text) {
					t.Fatalf("%s for %s: %s", l.Route(), text, body)
				}
			}
		}
	}
	for name := range seen {
		if isFound, why := found[name]+over[name] > 0, unfound[name]; isFound == (why != "") {
			t.Errorf("%s: something that it names is found: %v, reason why not: %q", name, isFound, why)
		}
	}
	if len(seen) < 245 {
		t.Errorf("%d events were seen", len(seen))
	}
	for _, m := range w.Misfits() {
		if strings.HasPrefix(m.Event, "GET ") {
			t.Errorf("a lookup has no value: %+v", m)
		}
	}
}

// What a lookup says of an order agrees with the events of all providers.
func TestWorldLookupsAgree(t *testing.T) {
	all := everything(t)
	w, err := faker.NewWorld(all, faker.WorldOptions{Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	find := func(provider, key string) *contracts.Lookup {
		for _, l := range w.Lookups() {
			if l.Key == key && strings.Contains(l.Route(), provider) {
				return l
			}
		}
		t.Fatalf("no lookup of %s", key)
		return nil
	}
	erp, shop, market := find("/api/v1/", "order.id"), find("/api/orders", "order.number"), find("Action=GetOrder&", "order.id")
	admin := find("/shops/", "order.id")
	r := w.Records(0)
	s := w.Stream()
	agreed, canceled := 0, 0
	for range 20_000 {
		e := s.Next()
		r.Learn(e.Step)
		if e.Event.Type.Name() != "order-confirmed" && e.Event.Type.Name() != "order-canceled" {
			continue
		}
		var b struct {
			Payload struct {
				ID     int64
				Status string
				Cost   *struct{ WithTax int64 }
			}
		}
		if err := json.Unmarshal(e.Event.Body, &b); err != nil {
			t.Fatal(err)
		}
		o := e.Step.Of[0].(*world.Order)
		id := strconv.FormatInt(b.Payload.ID, 10)
		total := fmt.Sprintf("%d.%02d", o.Total/100, o.Total%100)
		for l, want := range map[*contracts.Lookup][]string{
			erp:    {`"total":{"amount":"` + total + `"`, `"documentNumber":"` + o.Number + `"`},
			shop:   {`"withVat":"` + total + `"`, `"code":"` + o.Number + `"`},
			market: {`"Price":"` + total + `"`, `"OrderNumber":"` + o.Number + `"`},
			admin:  {fmt.Sprintf(`"withTax":%d,`, o.Total), `"status":"` + b.Payload.Status + `"`},
		} {
			key := id
			if l == shop {
				key = o.Number
			}
			body, found := r.Look(l, key, e.Time)
			for _, text := range want {
				if !found || !strings.Contains(string(body), text) {
					t.Fatalf("%s by %s: %s has no %s: %s", e.Event.Body, e.Action, l.Route(), text, body)
				}
			}
			if b.Payload.Cost != nil && b.Payload.Cost.WithTax != o.Total {
				t.Fatalf("the event says %d of %d", b.Payload.Cost.WithTax, o.Total)
			}
		}
		if agreed++; e.Action == "order.canceled" {
			canceled++
		}
	}
	if agreed < 100 || canceled < 5 {
		t.Errorf("%d events were compared, %d of canceled orders", agreed, canceled)
	}
	if body, found := r.Look(shop, "1", w.Opened()); found {
		t.Errorf("a made-up order is found: %s", body)
	}
}

// The contract of docs/contract-format.md: whoever gets its event finds the parcel.
func TestWorldLookupOfTheManual(t *testing.T) {
	text, err := os.ReadFile("../docs/contract-format.md")
	if err != nil {
		t.Fatal(err)
	}
	_, doc, ok := strings.Cut(string(text), "```yaml\nasyncapi: 3.1.0\n")
	doc, _, _ = strings.Cut(doc, "```")
	if !ok {
		t.Fatal("the manual has no contract")
	}
	c, err := contracts.Load(fstest.MapFS{"c.yaml": {Data: []byte("asyncapi: 3.1.0\n" + doc)}}, "c.yaml")
	if err != nil {
		t.Fatal(err)
	}
	w, err := faker.NewWorld([]*contracts.Contract{c}, faker.WorldOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	r, s := w.Records(0), w.Stream()
	for range 20 {
		e := s.Next()
		r.Learn(e.Step)
		var b struct{ Parcel string }
		if err := json.Unmarshal(e.Event.Body, &b); err != nil || b.Parcel == "" {
			t.Fatalf("%v %s", err, e.Event.Body)
		}
		o, p := e.Step.Of[0].(*world.Order), e.Step.Of[1].(*world.Package)
		want := fmt.Sprintf(`{"number":%q,"weight":%d,"order":%q,"total":"%d.%02d"}`, b.Parcel, p.Weight, o.Number, o.Total/100, o.Total%100)
		if got, found := r.Look(c.Lookups()[0], b.Parcel, e.Time); !found || string(got) != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// What is passed over is remembered as well, and not more than asked for.
func TestWorldRecordsAreBounded(t *testing.T) {
	const lookup = `
x-hookrig: {lookups: [{route: "GET /orders/{id}", key: order.id, answer: {type: object, required: [id], properties: {id: {type: integer, x-faker: world.order.id}}}}]}
`
	w := worldOf(t, worldContract+lookup, faker.WorldOptions{Seed: 1})
	few, many := w.Records(5), w.Records(0)
	a, b := w.Stream(), w.Stream()
	a.Skip(300, many.Learn)
	var last int64
	for range 300 {
		e := b.Next()
		few.Learn(e.Step)
		if e.Action == "order.placed" || e.Action == "package.shipped" {
			last = e.Step.Of[0].Base().ID
		}
	}
	if x, y := a.Next(), b.Next(); x.Event.Type != y.Event.Type || string(x.Event.Body) != string(y.Event.Body) {
		t.Errorf("after 300 events comes %s, or %s", x.Event.Body, y.Event.Body)
	}
	at := w.Opened()
	count := func(r *faker.Records) (n int) {
		for id := range int64(20_000) {
			if _, found := r.Look(w.Lookups()[0], strconv.FormatInt(id, 10), at); found {
				n++
			}
		}
		return n
	}
	if n, m := count(few), count(many); n != 5 || m < 20 {
		t.Errorf("%d and %d orders are remembered", n, m)
	}
	if _, found := few.Look(w.Lookups()[0], strconv.FormatInt(last, 10), w.Opened()); !found {
		t.Errorf("the last order is forgotten")
	}
}

// What has another name is not found by the old one, and late news is no news.
func TestWorldRecordsFollowNames(t *testing.T) {
	const lookup = `
x-hookrig: {lookups: [{route: "GET /customers/{email}", key: customer.email, answer: {type: object, required: [id], properties: {id: {type: integer, x-faker: world.customer.id}, now: {type: string, x-faker: world.customer.status}}}}]}
`
	w := worldOf(t, worldContract+lookup, faker.WorldOptions{Seed: 1})
	r, at := w.Records(0), w.Opened()
	look := func(email string) string {
		body, _ := r.Look(w.Lookups()[0], email, at)
		return string(body)
	}
	customer := func(updated int64, email, status string) *world.Customer {
		return &world.Customer{Ident: world.Ident{ID: 7, Key: 7, Created: 1, Updated: updated}, Person: world.Person{Email: email}, Status: status}
	}
	step := func(action string, c *world.Customer) {
		s := &world.Step{Action: world.ActionOf(action)}
		s.Of[0] = c
		r.Learn(s)
	}
	step("customer.registered", customer(1, "old@example.com", "registered"))
	step("customer.updated", customer(3, "new@example.com", "registered"))
	step("customer.loggedIn", customer(2, "old@example.com", "guest")) // an event that comes late
	if old, now := look("old@example.com"), look("new@example.com"); old != "" || now != `{"id":7,"now":"registered"}` {
		t.Errorf("by the old name %q, by the new one %q", old, now)
	}
	step("customer.anonymized", customer(4, "gone@example.com", "anonymized"))
	if now := look("gone@example.com"); now != `{"id":7,"now":"anonymized"}` || look("new@example.com") != "" {
		t.Errorf("a customer who is forgotten: %q", now)
	}
	step("customer.deleted", customer(5, "gone@example.com", "deleted"))
	step("customer.loggedIn", customer(6, "gone@example.com", "registered"))
	if now := look("gone@example.com"); now != "" {
		t.Errorf("a customer who is deleted: %q", now)
	}
}

// Lookups that cannot be are told at their place.
func TestWorldLookupMistakes(t *testing.T) {
	for text, want := range map[string]string{
		`{route: "GET /o/{id}", key: ordr.id, answer: {type: object}}`:                    `"ordr" is nothing that a world has`,
		`{route: "GET /o/{id}", key: order.numbr, answer: {type: object}}`:                `"numbr" is no value of order`,
		`{route: "GET /o/{id}", key: order.total, answer: {type: object}}`:                `"total" is no value of order that tells one from another`,
		`{route: "GET /o/{id}", key: order.items, answer: {type: object}}`:                `"items" is no value of order`,
		`{route: "GET /o/{id}", key: order.number.id, answer: {type: object}}`:            `"number" is no value of order`,
		`{route: "GET /o/{id}", key: order.packages.items.id, answer: {type: object}}`:    `"items" is no value of package`,
		`{route: "GET /o/{id}", key: document.id, answer: {type: object}}`:                `"document" is nothing that a world has`,
		`{route: "POST /o/{id}", key: order.id, answer: {type: object}}`:                  `is no route of a lookup`,
		`{route: "GET /o", key: order.id, answer: {type: object}}`:                        `is no route of a lookup`,
		`{route: "GET /o/{id}", answer: {type: object}}`:                                  `nothing says what the lookup finds`,
		`{route: "GET /o/{id}", key: order.id}`:                                           `the lookup has no answer`,
		`{route: "GET /o/{id}", kye: order.id, answer: {type: object}}`:                   `kye`,
		`{route: "GET /o/{id}", key: order.id, answer: {type: object, x-faker: world.x}}`: `world`,
	} {
		c, err := contracts.Load(fstest.MapFS{"shop.yaml": {Data: []byte(worldContract + "\nx-hookrig: {lookups: [" + text + "]}\n")}}, "shop.yaml")
		if err == nil {
			_, err = faker.NewWorld([]*contracts.Contract{c}, faker.WorldOptions{})
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

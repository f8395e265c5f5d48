package faker_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/faker/audit"
)

// edited is what a world with edits has to say.
var edited = []struct {
	name  string
	edits []faker.Edit
	has   []string // each in some event of each provider named before the space
	never []string // in no event
	rules bool     // what the audit finds is what was asked for
}{
	{
		"a customer, by path", []faker.Edit{faker.Set("world.order.customer.email", "qa@example.com")},
		[]string{`scayle "email":"qa@example.com"`}, []string{"@example.org", "@example.net"}, false,
	},
	{
		"a customer, by a member that is bound", []faker.Edit{faker.Set("/payload/customer/email", "qa@example.com")},
		[]string{`scayle "email":"qa@example.com"`}, []string{"@example.org", "@example.net"}, false,
	},
	{
		"prices are added up", []faker.Edit{faker.Set("world.variant.price.amount", 1000), faker.Set("world.order.shippingCost", 0)},
		[]string{`scayle "withTax":1000`}, []string{`"withTax":990`, `"amount":3480`}, false,
	},
	{
		"where orders go", []faker.Edit{faker.Set("world.order.shipping.city", "Hogsmeade")},
		[]string{`scayle "city":"Hogsmeade"`}, nil, false,
	},
	{
		"one order", []faker.Edit{faker.Set("world.order[id=ORDER].customer.lastName", "Holmes")},
		[]string{`scayle "lastName":"Holmes"`}, nil, false,
	},
	{
		"who pays by invoice", []faker.Edit{faker.Set("world.payment.method", "invoice")},
		nil, nil, false,
	},
	{
		"one variant, in the events of two providers", []faker.Edit{faker.Set("world.variant[id=VARIANT].sku", "TOLD-1")},
		[]string{`scayle "referenceKey":"TOLD-1"`, `sellercenter "TOLD-1"`}, []string{"SKU"}, false,
	},
	{
		"what nothing binds", []faker.Edit{faker.Set("/meta/xRequestId", "told"), faker.Drop("/meta/tenantKey")},
		[]string{`scayle "xRequestId":"told"`}, []string{`"tenantKey"`}, false,
	},
	{
		"what follows from other things", []faker.Edit{faker.Set("/payload/cost/withTax", 1)},
		[]string{`scayle "withTax":1,`}, nil, true,
	},
}

// Edits hold for all events of an entity, in the words of each provider, and the
// stream still makes sense and keeps its contracts.
func TestWorldEdits(t *testing.T) {
	computesAlone(t)
	all := everything(t)
	names := someNames(t)
	for _, x := range edited {
		t.Run(x.name, func(t *testing.T) {
			for i, e := range x.edits { // those who are told of in the stream
				x.edits[i] = faker.Renamed(e, names.Replace)
			}
			for i := range x.never {
				x.never[i] = names.Replace(x.never[i])
			}
			w, err := faker.NewWorld(all, faker.WorldOptions{Seed: 1, Edits: x.edits})
			if err != nil {
				t.Fatal(err)
			}
			a := audit.New(0)
			a.FromTheStart(w.Heralds())
			bodies := map[string]*bytes.Buffer{"": {}}
			n := 0
			for e := range w.Events() {
				p := e.Event.Type.Contract().Provider()
				if bodies[p] == nil {
					bodies[p] = &bytes.Buffer{}
				}
				bodies[p].Write(e.Event.Body)
				bodies[""].Write(e.Event.Body)
				a.See(w.Sighting(e.Event, e.Action, e.Time))
				if bad, err := e.Event.Type.Validate(e.Event.Body); err != nil || len(bad) > 0 {
					t.Fatalf("%s: %v %v", e.Event.Body, bad, err)
				}
				if n++; n == 4000 {
					break
				}
			}
			for _, has := range x.has {
				provider, text, _ := strings.Cut(has, " ")
				if !strings.Contains(bodies[provider].String(), text) {
					t.Errorf("%s never says %s", provider, text)
				}
			}
			for _, text := range x.never {
				if i := strings.Index(bodies[""].String(), text); i >= 0 {
					t.Errorf("%s is still said: …%s", text, bodies[""].String()[max(0, i-80):i+40])
				}
			}
			if (a.Count() > 0) != x.rules {
				t.Errorf("the audit finds %d violations, such as %v", a.Count(), a.Violations()[:min(2, a.Count())])
			}
		})
	}
}

// someNames are an order, and a variant that two providers tell of.
func someNames(t *testing.T) *strings.Replacer {
	t.Helper()
	order, skus, ids, n := "", map[string]bool{}, map[string]string{}, 0
	for e := range worldOfAll(t, faker.WorldOptions{Seed: 1}).Events() {
		body := string(e.Event.Body)
		switch p := e.Event.Type.Contract().Provider(); p {
		case "scayle":
			if m := regexp.MustCompile(`"payload":\{"id":(\d+),"basketKey"`).FindStringSubmatch(body); m != nil && order == "" {
				order = m[1]
			}
			for _, m := range regexp.MustCompile(`"variant":\{"id":(\d+),"referenceKey":"([^"]+)"`).FindAllStringSubmatch(body, -1) {
				ids[m[2]] = m[1]
			}
		case "sellercenter":
			for _, m := range regexp.MustCompile(`"(..-\d{4}-...)"`).FindAllStringSubmatch(body, -1) {
				skus[m[1]] = true
			}
		}
		if n++; n == 3500 {
			break
		}
	}
	for sku, id := range ids {
		if skus[sku] && order != "" {
			return strings.NewReplacer("ORDER", order, "VARIANT", id, "SKU", sku)
		}
	}
	t.Fatal("no variant is told of by two providers")
	return nil
}

// Edits change what they are about, and 1 or 8 workers make the same of them.
func TestWorldEditsAreDeterministic(t *testing.T) {
	edits := []faker.Edit{faker.Set("world.customer.phone", "+49 30 1234567"), faker.Set("/meta/xRequestId", "told")}
	one := stream(worldOfAll(t, faker.WorldOptions{Seed: 3, Edits: edits}), 2000)
	if many := stream(worldOfAll(t, faker.WorldOptions{Seed: 3, Edits: edits, Parallel: eight}), 2000); many != one {
		t.Error("8 workers make other bytes than 1")
	}
	if plain := stream(worldOfAll(t, faker.WorldOptions{Seed: 3}), 2000); strings.Count(plain, "\n") != strings.Count(one, "\n") || plain == one {
		t.Error("another phone number makes another stream")
	}
}

func worldOfAll(t *testing.T, o faker.WorldOptions) *faker.World {
	t.Helper()
	w, err := faker.NewWorld(everything(t), o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWorldEditMistakes(t *testing.T) {
	for _, x := range []struct {
		edit faker.Edit
		want string
	}{
		{faker.Set("world.customr.email", "x"), `the world has no "customr"; did you mean world.customer.email`},
		{faker.Set("world.customer.emial", "x"), `did you mean world.customer.email`},
		{faker.Set("world.customer", "x"), "write world.customer.email"},
		{faker.Set("world.customer.address", "x"), "no single value"},
		{faker.Set("world.order.total", 1), "order.total follows from what happens in the shop; what can be told of order: number, channel, note"},
		{faker.Set("world.job.name", 1), "what can be told of job: nothing"},
		{faker.Set("world.order.number", "1"), "each order has its own: say which, as in world.order[id=1004].number"},
		{faker.Set("world.item.sku", "1"), "each variant has its own: say which, as in world.variant[id=1004].sku"},
		{faker.Set("/eventInstance", "1"), "has its own: say which"},
		{faker.Set("world.order[numbr=1].note", "x"), `"numbr=1" is no value of order`},
		{faker.Set("world.order[id=1].customer.address.city", "x"), "write world.address[id=…].city"},
		{faker.Set("world.order.note", 12), ""},
		{faker.Set("world.order.note", nil), ""},
		{faker.Set("world.order.note", true), "note is a text"},
		{faker.Set("world.order.channel", nil), "channel is always there"},
		{faker.Set("world.order.channel", "shop"), "channel is one of web, app, marketplace, pos"},
		{faker.Set("world.order.shippingCost", "4.90"), "whole number of minor units"},
		{faker.Set("world.order.shippingCost", 4.9), "whole number of minor units"},
		{faker.Set("world.order.shippingCost", -1), "whole number of minor units"},
		{faker.Set("world.coupon.rate", json.RawMessage("1e99")), "hundredths of a per cent"},
		{faker.Set("world.customer.birthDate", "yesterday"), "birthDate is a time"},
		{faker.Set("world.customer.birthDate", "1980-02-29"), ""},
		{faker.Set("world.order.note", json.RawMessage("{")), "no JSON"},
		{faker.Set("/eshopIdd", 1), "no event of the world has such a member"},
		{faker.Set("", 1), "a whole body"},
		{faker.Drop("world.order.note"), "can be told a value"},
		{faker.Nth(3), "values that are set"},
	} {
		_, err := faker.NewWorld(everything(t), faker.WorldOptions{Edits: []faker.Edit{x.edit}})
		switch {
		case x.want == "" && err != nil:
			t.Errorf("%v", err)
		case x.want != "" && (err == nil || !strings.Contains(err.Error(), x.want)):
			t.Errorf("the error is %v, and not %q", err, x.want)
		}
	}
}

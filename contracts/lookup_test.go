package contracts

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/hookrig/hookrig/contracts/schema"
)

func lookedUp(lookups string) (*Contract, error) {
	return Load(fstest.MapFS{"c.yaml": {Data: []byte(`asyncapi: 3.1.0
info: {title: Shop, version: 1.0.0}
channels: {all: {messages: {made: {$ref: "#/components/messages/made"}}}}
operations: {all: {action: send, channel: {$ref: "#/channels/all"}}}
components: {messages: {made: {payload: {type: object}}}, schemas: {record: {type: object, required: [id]}}}
x-hookrig:
  source: {reported: a forum}
  provenance: assumed
  lookups: ` + lookups + "\n")}}, "c.yaml")
}

func TestLookups(t *testing.T) {
	c, err := lookedUp(`
    - {route: "GET /api/orders/{code}", key: order.number, answer: {$ref: "#/components/schemas/record"}}
    - {route: "GET /shops/{shop}/orders/{id}.json", key: order.id, missing: 410, provenance: reported, answer: {type: object}}
    - {route: 'GET /?Action=Find&By=["{sku}"]', key: product.variants.sku, answer: {type: object}}
    - {route: "GET /?Action=Find&Id={sku}", key: variant.sku, answer: {type: object}}`)
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		Route, Path, Member, Key string
		Query                    []Parameter
		Missing                  int
		Level                    Level
	}
	var got []row
	for _, l := range c.Lookups() {
		got = append(got, row{l.Route(), l.Path, l.Member, l.Key, l.Query, l.Missing, l.Provenance.Level})
	}
	want := []row{
		{"GET /api/orders/{code}", "/api/orders/{code}", "code", "order.number", nil, 0, Assumed},
		{"GET /shops/{shop}/orders/{id}.json", "/shops/{shop}/orders/{id}.json", "id", "order.id", nil, 410, Reported},
		{`GET /?Action=Find&By=["{sku}"]`, "/", "sku", "product.variants.sku", []Parameter{{"Action", "Find"}, {"By", `["{sku}"]`}}, 0, Assumed},
		{"GET /?Action=Find&Id={sku}", "/", "sku", "variant.sku", []Parameter{{"Action", "Find"}, {"Id", "{sku}"}}, 0, Assumed},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	s, err := c.Lookups()[0].Schema()
	if err != nil || len(s.Validate([]byte(`{}`))) != 1 {
		t.Errorf("the answer's schema: %v", err)
	}
}

func TestLookupErrors(t *testing.T) {
	const rest = `, key: order.id, answer: {type: object}`
	long := strings.Repeat("/{a}", 9)
	for i := range 9 {
		long = strings.Replace(long, "{a}", "{a"+string(rune('a'+i))+"}", 1)
	}
	for text, want := range map[string]string{
		`17`:          `c.yaml:9:12: `,
		`[{}]`:        `the lookup has no route`,
		`[{rout: x}]`: `did you mean "route"?`,
		`[{route: "GET /o/{id}", answer: {type: object}}]`:                                           `nothing says what the lookup finds`,
		`[{route: "GET /o/{id}", key: order, answer: {type: object}}]`:                               `nothing says what the lookup finds`,
		`[{route: "GET /o/{id}", key: order.id}]`:                                                    `the lookup has no answer`,
		`[{route: "GET /o/{id}", key: order.id, answer: 3}]`:                                         `expected an object`,
		`[{route: "POST /o/{id}"` + rest + `}]`:                                                      `it is GET and a path`,
		`[{route: "GET o/{id}"` + rest + `}]`:                                                        `it is GET and a path`,
		`[{route: "GET /o"` + rest + `}]`:                                                            `says which entity is meant`,
		`[{route: "GET /o/{}"` + rest + `}]`:                                                         `named by letters and digits`,
		`[{route: "GET /o/{id:.*}"` + rest + `}]`:                                                    `it is GET and a path`,
		`[{route: "GET /o/{a}{b}"` + rest + `}]`:                                                     `two members`,
		`[{route: "GET /o/{a}/{a}"` + rest + `}]`:                                                    `have one name`,
		`[{route: "GET ` + long + `"` + rest + `}]`:                                                  `too many`,
		`[{route: "GET /o?{id}"` + rest + `}]`:                                                       `the query is pairs`,
		`[{route: "GET /o?a={id}&&b=1"` + rest + `}]`:                                                `the query is pairs`,
		`[{route: "GET /o?a={id}#x"` + rest + `}]`:                                                   `it is GET and a path`,
		`[{route: "GET /o/{id}", missing: 200` + rest + `}]`:                                         `write missing: 404`,
		`[{route: "GET /o/{id}", missing: "404"` + rest + `}]`:                                       `write missing: 404`,
		`[{route: "GET /o/{id}", missing: 4.5` + rest + `}]`:                                         `write missing: 404`,
		`[{route: "GET /o/{id}", provenance: sure` + rest + `}]`:                                     `c.yaml:9:`,
		`[{route: "GET /o/{id}"` + rest + `}, {route: "GET /o/{code}"` + rest + `}]`:                 `there is a lookup "GET /o/{id}" already`,
		`[` + strings.Repeat(`{route: "GET /o/{id}", key: a.b, answer: {type: object}},`, 201) + `]`: `at most 200`,
	} {
		_, err := lookedUp(text)
		var at *schema.Error
		if !errors.As(err, &at) || !strings.Contains(at.Error()+at.Hint, want) || at.Line == 0 {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

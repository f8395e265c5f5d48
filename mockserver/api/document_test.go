package api

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gorilla/mux"

	"github.com/hookrig/hookrig/contracts/schema"
)

func TestDocumentIsOpenAPI(t *testing.T) {
	d, err := readDocument(openapiYAML)
	if err != nil {
		t.Fatal(err)
	}
	loader := openapi3.NewLoader() // refuses references to anywhere else
	spec, err := loader.LoadFromData(d.json)
	if err != nil {
		t.Fatal(err)
	}
	if err := spec.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	if !spec.IsOpenAPI31OrLater() {
		t.Error("not 3.1: schemas would be read by other rules")
	}
	for _, o := range d.operations {
		if o.id == "" || o.Operation.Summary == "" || len(o.Operation.Tags) != 1 || spec.Tags.Get(o.Operation.Tags[0]) == nil {
			t.Errorf("%s %s: an operation needs an operationId, a summary and one known tag", o.Method, o.Path)
		}
		if o.Operation.Responses.Default() == nil {
			t.Errorf("%s %s: nothing is said of errors", o.Method, o.Path)
		}
	}
}

// kin-openapi falls back to weaker rules, in silence, where a schema does not
// compile. So each one must.
func TestEverySchemaCompiles(t *testing.T) {
	d, err := readDocument(openapiYAML)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := schema.Read("openapi.json", d.json, schema.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range schemasBelow(doc, "") {
		if _, err := schema.Compile(doc, at, schema.Options{Dialect: schema.Draft20}); err != nil {
			t.Error(err)
		}
	}
	for _, m := range regexp.MustCompile(`"pattern": ("(?:[^"\\]|\\.)*")`).FindAllSubmatch(d.json, -1) {
		var pattern string
		if err := json.Unmarshal(m[1], &pattern); err != nil {
			t.Fatal(err)
		}
		if _, err := regexp.Compile(pattern); err != nil {
			t.Errorf("kin-openapi knows only Go's expressions: %v", err)
		}
		if told := d.words.Replace("text that matches " + pattern); strings.Contains(told, pattern) {
			t.Errorf("x-words beside the pattern %s are what people are told", pattern)
		}
	}
}

// schemasBelow are the pointers to whatever stands under a key "schema", and
// to the components.
func schemasBelow(doc *schema.Document, at string) (found []string) {
	v, _ := doc.Lookup(at)
	object, _ := v.(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(object)) {
		next := at + "/" + schema.Escape(key)
		if key == "schema" || at == "/components/schemas" {
			found = append(found, next)
		}
		found = append(found, schemasBelow(doc, next)...)
	}
	return found
}

func TestRoutesAreTheDocuments(t *testing.T) {
	g := newRig(t, answers(200))
	found := map[string]bool{}
	err := g.routes.Walk(func(r *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		path, err := r.GetPathTemplate()
		if err != nil {
			return err
		}
		methods, err := r.GetMethods()
		for _, m := range methods {
			found[m+" "+path] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var served struct {
		Paths map[string]map[string]json.RawMessage
	}
	g.do("GET", "/api/openapi.json", "").is(200).into(&served)
	documented := map[string]bool{}
	for path, item := range served.Paths {
		path = routed(path)
		for method := range item {
			switch method = strings.ToUpper(method); method {
			case "GET":
				documented["HEAD "+path] = true
				fallthrough
			case "POST", "PUT", "PATCH", "DELETE":
				documented[method+" "+path] = true
			}
		}
	}
	if !maps.Equal(found, documented) {
		t.Errorf("routes   %v\ndocument %v", slices.Sorted(maps.Keys(found)), slices.Sorted(maps.Keys(documented)))
	}
}

func TestRouteAndDocumentMustNotDiffer(t *testing.T) {
	for name, change := range map[string]func(string) string{
		"an operation without handler": func(s string) string {
			return strings.Replace(s, "operationId: getStatus", "operationId: getStatuses", 1)
		},
		"a handler without operation": func(s string) string {
			from := strings.Index(s, "  /api/v1/status:")
			to := strings.Index(s, "  /api/openapi.json:")
			return s[:from] + s[to:]
		},
	} {
		text := change(string(openapiYAML))
		d, err := readDocument([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		g := newRig(t, answers(200))
		g.api.document = d
		if _, err := g.api.routes(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestEveryOperation calls each operation once; what it answers is held
// against the document by the rig.
func TestEveryOperation(t *testing.T) {
	g := newRig(t, answers(200))
	g.do("PUT", "/api/v1/secrets/acme", `{"value":"whsec_`+canary+`"}`).is(204)
	g.do("PUT", "/api/v1/endpoints/shop", `{"url":"http://shop.test/hooks","secret":"acme"}`).is(200)
	id := g.do("POST", "/api/v1/deliveries", `{"provider":"acme","event":"order.created","endpoint":"shop"}`).ids()[0]
	g.detail(id)
	for _, call := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/api/v1/deliveries", 200},
		{"POST", "/api/v1/deliveries/" + id + "/resend", 202},
		{"POST", "/api/v1/deliveries/" + id + "/cancel", 0}, // 202, or 409 where it is over already
		{"GET", "/api/v1/secrets", 200},
		{"DELETE", "/api/v1/secrets/acme", 204},
		{"GET", "/api/v1/endpoints", 200},
		{"GET", "/api/v1/endpoints/shop", 200},
		{"DELETE", "/api/v1/endpoints/shop", 204},
		{"GET", "/api/v1/journal", 200},
		{"HEAD", "/api/v1/journal/stream", 200},
		{"GET", "/api/v1/providers", 200},
		{"GET", "/api/v1/providers/acme/events", 200},
		{"GET", "/api/v1/tampers", 200},
		{"GET", "/api/v1/status", 200},
		{"GET", "/api/openapi.json", 200},
		{"GET", "/healthz", 200},
		{"GET", "/readyz", 200},
		{"GET", "/", 200},
	} {
		a := g.do(call.method, call.path, "")
		if call.status != 0 {
			a.is(call.status)
		}
	}
	g.everyBulkOperation()
	g.everyOtherOperation()
	for _, o := range g.api.document.operations {
		if !g.called[o.id] {
			t.Errorf("%s was not called", o.id)
		}
	}
	if g.log.Len() > 0 {
		t.Errorf("log: %s", g.log)
	}
}

// People are told in words what the document says to machines.
func TestMistakesInWords(t *testing.T) {
	g := newRig(t, answers(200))
	for _, c := range []struct{ method, path, body, want string }{
		{"PUT", "/api/v1/secrets/-x", `{"value":"a"}`, "path name: expected a name of up to 100 letters, digits, dots, underscores and hyphens, neither dot nor hyphen first"},
		{"GET", "/api/v1/deliveries?limit=x", "", "query limit: expected a whole number"},
		{"GET", "/api/v1/deliveries/d?wait=x", "", "query wait: expected a time such as 30s or 2m"},
		{"POST", "/api/v1/deliveries", ping + `,"delay":"1y"}`, "/delay: expected a duration such as 500ms, 15m or 1d12h"},
		{"POST", "/api/v1/deliveries", ping + `,"set":{"a":1}}`, "/set/a: expected a member name: a JSON Pointer such as /customer/email"},
		{"PUT", "/api/v1/endpoints/x", `{"url":"http://a.test","headers":{"a b":"c"}}`, "/headers/a b: expected a member name: the name of a header, such as X-Api-Key"},
	} {
		if p := g.do(c.method, c.path, c.body).problem(map[bool]int{true: 400, false: 422}[c.body == "" || strings.HasSuffix(c.path, "-x")]); p.Detail != c.want {
			t.Errorf("%s %s\n%s\nwant\n%s", c.method, c.path, p.Detail, c.want)
		}
	}
}

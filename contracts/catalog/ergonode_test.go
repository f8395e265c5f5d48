package catalog_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
)

// ergonodeRequests says which requests may carry which event, by the
// document's lists "included with events".
var ergonodeRequests = map[string][]string{
	"attribute_created":              {"attribute_created"},
	"attribute_name_changed":         {"attribute_updated", "attribute_created"},
	"attribute_option_code_changed":  {"attribute_updated", "attribute_created"},
	"attribute_option_created":       {"attribute_updated", "attribute_created"},
	"attribute_option_deleted":       {"attribute_updated"},
	"attribute_option_name_changed":  {"attribute_updated", "attribute_created"},
	"category_created":               {"category_created"},
	"category_name_changed":          {"category_updated", "category_created"},
	"product_added_to_category":      {"product_updated", "product_created"},
	"product_binding_added":          {"product_updated", "product_created"},
	"product_binding_removed":        {"product_updated"},
	"product_child_added":            {"product_updated", "product_created"},
	"product_child_quantity_changed": {"product_updated", "product_created"},
	"product_child_removed":          {"product_updated"},
	"product_created":                {"product_created"},
	"product_removed_from_category":  {"product_updated"},
	"product_value_added":            {"product_updated", "product_created"},
	"product_value_changed":          {"product_updated", "product_created"},
	"product_value_removed":          {"product_updated"},
	"product_variant_added":          {"product_updated"},
	"product_variant_removed":        {"product_updated"},
}

var ergonodeResource = map[string]string{
	"attribute": "attribute_code", "category": "category_code", "product": "product_sku",
}

// wrap puts events into the request that carries them.
func wrap(request string, events ...string) string {
	entity, _, _ := strings.Cut(request, "_")
	return fmt.Sprintf(`{"name":%q,"resource_id":{"id":"x","type":%q},"synchronization":{"resource_customs":null,"events":[%s]}}`,
		request, ergonodeResource[entity], strings.Join(events, ","))
}

func ergonodeExample(t *testing.T, event string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "examples", "ergonode", event+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func rulesOf(t *testing.T, e *contracts.EventType, body string) []string {
	t.Helper()
	violations, err := e.Validate([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	var rules []string
	for _, v := range violations {
		rules = append(rules, v.Rule+" "+v.Pointer)
	}
	return rules
}

func TestErgonodeRequests(t *testing.T) {
	c := catalog.Ergonode()
	if got, want := len(c.EventTypes()), len(ergonodeRequests); got != want {
		t.Fatalf("%d events, want %d", got, want)
	}
	requests := []string{"attribute_created", "attribute_updated", "attribute_deleted", "category_created", "category_updated",
		"category_deleted", "product_created", "product_updated", "product_deleted", "app_installed"}
	mended := map[string]string{
		"category_name_changed": `{"type":"category_name_changed","payload":{"code":"c","name":[{"language":"en_GB","value":"v"}]}}`,
		"product_value_added": `{"type":"product_value_added","payload":{"attribute_code":"a","attribute_type":"TEXT","attribute_scope":"local",
			"value":[{"language":"en_GB","value":"v"}]}}`,
	}
	for _, e := range c.EventTypes() {
		event, ok := mended[e.Name()]
		if !ok {
			event = ergonodeExample(t, e.Name())
		}
		for _, request := range requests {
			want := slices.Contains(ergonodeRequests[e.Name()], request)
			if rules := rulesOf(t, e, wrap(request, event)); (rules == nil) != want {
				t.Errorf("%s in %s: accepted %v, want %v: %v", e.Name(), request, rules == nil, want, rules)
			}
		}
		request := ergonodeRequests[e.Name()][0]
		if rules := rulesOf(t, e, wrap(request)); rules == nil {
			t.Errorf("%s: a request without events is accepted", e.Name())
		}
		if rules := rulesOf(t, e, wrap(request, event, `{"type":"app_installed","payload":{}}`)); rules == nil {
			t.Errorf("%s: another event beside it is accepted", e.Name())
		}
		if rules := rulesOf(t, e, wrap(request, strings.Replace(event, e.Name(), "product_moved", 1))); rules == nil {
			t.Errorf("%s: another type is accepted", e.Name())
		}
		if rules := rulesOf(t, e, strings.Replace(wrap(request, event), `","type":"`, `","type":"x`, 1)); rules == nil {
			t.Errorf("%s: another type of resource is accepted", e.Name())
		}
		if e.Method() != "PUT" || e.Path() != "/consume/{/name}" {
			t.Errorf("%s: %s %s", e.Name(), e.Method(), e.Path())
		}
	}
}

func TestErgonodeRequired(t *testing.T) {
	// The document says for each event which members are required: in its
	// examples these are all of them, at every depth.
	for _, e := range catalog.Ergonode().EventTypes() {
		for _, example := range e.Examples() {
			if rules := rulesOf(t, e, string(example)); rules != nil {
				t.Errorf("%s: the example is refused: %v", e.Name(), rules)
			}
			var body map[string]any
			if err := json.Unmarshal(example, &body); err != nil {
				t.Fatal(err)
			}
			dropEach(body, func(name string) {
				changed, _ := json.Marshal(body)
				optional := name == "resource_customs"
				if rules := rulesOf(t, e, string(changed)); (rules == nil) != optional {
					t.Errorf("%s without %q: accepted %v, want %v", e.Name(), name, rules == nil, optional)
				}
			})
		}
	}
}

// dropEach takes each member of each object away, calls check, and puts it back.
func dropEach(v any, check func(name string)) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			value := v[name]
			delete(v, name)
			check(name)
			v[name] = value
			dropEach(value, check)
		}
	case []any:
		for _, item := range v {
			dropEach(item, check)
		}
	}
}

// ergonodeShapes are the shapes of values, each with a value that has it. The
// empty list has the shape of every list.
var ergonodeShapes = []struct{ name, value string }{
	{"text", `"v"`},
	{"number", `1.5`},
	{"texts", `["v"]`},
	{"file", `{"url":"u","path":"p"}`},
	{"files", `[{"url":"u","path":"p"}]`},
	{"none", `null`},
	{"none", `true`},
	{"none", `[1]`},
	{"none", `{"url":"u"}`},
	{"none", `[{"path":"p"}]`},
	{"none", `[["v"]]`},
}

func TestErgonodeValues(t *testing.T) {
	shapeOf := map[string]string{
		"DATE": "text", "SELECT": "text", "TEXT_AREA": "text", "TEXT": "text",
		"NUMERIC": "number", "PRICE": "number", "UNIT": "number",
		"MULTI_SELECT": "texts", "PRODUCT_RELATION": "texts",
		"IMAGE": "file", "FILE": "files", "GALLERY": "files",
	}
	for _, name := range []string{"product_value_added", "product_value_changed"} {
		e, err := catalog.Ergonode().EventType(name)
		if err != nil {
			t.Fatal(err)
		}
		judge := func(attribute, scope, value string, want bool) {
			t.Helper()
			event := fmt.Sprintf(`{"type":%q,"payload":{"attribute_code":"a","attribute_type":%q,"attribute_scope":%q,"value":%s}}`,
				name, attribute, scope, value)
			if rules := rulesOf(t, e, wrap("product_updated", event)); (rules == nil) != want {
				t.Errorf("%s: %s %s %s: accepted %v, want %v: %v", name, scope, attribute, value, rules == nil, want, rules)
			}
		}
		for attribute, shape := range shapeOf {
			for _, s := range ergonodeShapes {
				local := `[{"language":"en_GB","value":` + s.value + `}]`
				judge(attribute, "global", s.value, s.name == shape)
				judge(attribute, "local", local, s.name == shape)
				judge(attribute, "global", local, false)
				judge(attribute, "local", s.value, false)
			}
			judge(attribute, "global", `[]`, shape == "texts" || shape == "files")
			judge(attribute, "local", `[]`, true)
			judge(attribute, "local", `[{"language":"en_GB","value":[]}]`, shape == "texts" || shape == "files")
			judge(attribute, "local", `[{"language":"en_GB"}]`, false)
			judge(attribute, "local", `[{"language":1,"value":"v"}]`, false)
			judge(attribute, "world", `"v"`, false)
		}
		judge("COLOUR", "global", `"v"`, false)
	}
}

package api

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"

	"github.com/hookrig/hookrig/contracts/schema"
)

//go:embed openapi.yaml
var openapiYAML []byte

// document is the OpenAPI document: what is served, and what requests are
// checked by.
type document struct {
	json       []byte
	operations []*operation      // by path and method
	words      *strings.Replacer // says in words what a pattern says to machines
}

// operation is one method of one path.
type operation struct {
	routers.Route
	id         string   // operationId
	parameters []string // names of those in the query
	body       *schema.Schema
	members    []string // of the body
}

// readDocument reads the one document for both uses. That it is valid OpenAPI
// is a test's business.
func readDocument(text []byte) (*document, error) {
	tree, err := schema.Read("openapi.yaml", text, schema.Limits{})
	if err != nil {
		return nil, err
	}
	served, err := json.MarshalIndent(tree.Value(), "", "  ")
	if err != nil {
		return nil, err
	}
	spec, err := openapi3.NewLoader().LoadFromData(served)
	if err != nil {
		return nil, err
	}
	d := &document{json: append(served, '\n'), words: strings.NewReplacer(patternWords(tree.Value())...)}
	paths := spec.Paths.Map()
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		methods := paths[path].Operations()
		for _, method := range slices.Sorted(maps.Keys(methods)) {
			o := &operation{
				Route: routers.Route{Spec: spec, Path: path, PathItem: paths[path], Method: method, Operation: methods[method]},
				id:    methods[method].OperationID,
			}
			if err := o.prepare(tree); err != nil {
				return nil, fmt.Errorf("%s %s: %w", method, path, err)
			}
			d.operations = append(d.operations, o)
		}
	}
	return d, nil
}

// patternWords are pairs of how mistakes tell a pattern and of what the document has
// beside it in words, as x-words.
func patternWords(node any) (pairs []string) {
	switch node := node.(type) {
	case map[string]any:
		if pattern, ok := node["pattern"].(string); ok {
			if words, ok := node["x-words"].(string); ok {
				pairs = append(pairs, "text that matches "+pattern, words, "a match for '"+pattern+"'", words)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(node)) {
			pairs = append(pairs, patternWords(node[key])...)
		}
	case []any:
		for _, item := range node {
			pairs = append(pairs, patternWords(item)...)
		}
	}
	return pairs
}

func (o *operation) prepare(tree *schema.Document) (err error) {
	for _, list := range []openapi3.Parameters{o.PathItem.Parameters, o.Operation.Parameters} {
		for _, p := range list {
			if p.Value.In == openapi3.ParameterInQuery {
				o.parameters = append(o.parameters, p.Value.Name)
			}
		}
	}
	if o.Operation.RequestBody != nil {
		properties := o.Operation.RequestBody.Value.Content.Get("application/json").Schema.Value.Properties
		o.members = slices.Sorted(maps.Keys(properties))
		at := "/paths/" + schema.Escape(o.Path) + "/" + strings.ToLower(o.Method) + "/requestBody/content/application~1json/schema"
		o.body, err = schema.Compile(tree, at, schema.Options{Dialect: schema.Draft20})
	}
	return err
}

func (a *api) getDocument(w http.ResponseWriter, _ *http.Request) error {
	send(w, http.StatusOK, "application/json", a.document.json)
	return nil
}

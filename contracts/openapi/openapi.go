// Package openapi writes contracts as OpenAPI.
//
// [Export] makes one OpenAPI 3.1 document whose webhooks are the events of any
// number of contracts, for tools that read OpenAPI and know nothing of
// AsyncAPI. The document is built with the model of kin-openapi, and is loaded
// and validated by it before it is handed out.
//
// OpenAPI 3.1 has no place for delivery policies and provenance: they stand
// under x-hookrig, as in the contracts themselves (docs/contract-format.md).
package openapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
)

// Export describes the events of the contracts as the webhooks of one OpenAPI
// 3.1 document, indented JSON, the same bytes on every call. A webhook's key
// is "<provider>/<event>". Shared schemas stand once under
// components.schemas as "<provider>.<name>". The error names the event whose
// schema cannot be compiled or expressed.
func Export(cs ...*contracts.Contract) ([]byte, error) {
	doc := &openapi3.T{
		OpenAPI:    "3.1.0",
		Info:       &openapi3.Info{Title: "Webhooks", Version: "1.0.0", Description: "Exported by hookrig. Each webhook is one event as its provider sends it."},
		Paths:      openapi3.NewPaths(), // the library's model wants the member, empty as it is
		Webhooks:   map[string]*openapi3.PathItem{},
		Components: &openapi3.Components{Schemas: openapi3.Schemas{}},
	}
	if len(cs) == 1 {
		doc.Info.Title, doc.Info.Version = cs[0].Title(), cs[0].Version()
	}
	for _, c := range cs {
		e := exporter{contract: c, doc: doc, shared: map[string]string{}}
		doc.Tags = append(doc.Tags, &openapi3.Tag{Name: c.Provider(), Description: c.Title()})
		for _, t := range c.EventTypes() {
			item, err := e.webhook(t)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", c.Provider(), t.Name(), err)
			}
			doc.Webhooks[c.Provider()+"/"+t.Name()] = item
		}
	}
	return proven(doc)
}

// proven writes the document and reads it back: what is handed out has been
// loaded and validated as written.
func proven(doc *openapi3.T) ([]byte, error) {
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("cannot write the document: %w", err)
	}
	again, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("the document does not load: %w", err)
	}
	if err := again.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("the document is not valid: %w", err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// exporter adds one contract to the document.
type exporter struct {
	contract *contracts.Contract
	doc      *openapi3.T
	shared   map[string]string // component names by the JSON of their schema
}

func (e *exporter) webhook(t *contracts.EventType) (*openapi3.PathItem, error) {
	body, err := e.schema(t)
	if err != nil {
		return nil, err
	}
	op := &openapi3.Operation{
		OperationID: operationID(e.contract.Provider() + "." + t.Name()),
		Tags:        []string{e.contract.Provider()},
		Summary:     t.Title(),
		Description: description(t),
		Parameters:  e.headers(),
		RequestBody: &openapi3.RequestBodyRef{Value: &openapi3.RequestBody{
			Required: true,
			Content:  openapi3.Content{t.ContentType(): &openapi3.MediaType{Schema: body}},
		}},
		Responses:  responses(t.Policy()),
		Extensions: map[string]any{"x-hookrig": extension(t)},
	}
	item := &openapi3.PathItem{}
	item.SetOperation(t.Method(), op)
	return item, nil
}

// operationID keeps to what code generators accept.
func operationID(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '.'
	}, name)
}

func description(t *contracts.EventType) string {
	parts := []string{strings.TrimSpace(t.Description())}
	if parts[0] == "" {
		parts = nil
	}
	switch t.Documentation() {
	case contracts.DocumentedPartly:
		parts = append(parts, "The provider documents this payload only in part.")
	case contracts.Undocumented:
		parts = append(parts, "The provider does not document this payload.")
	}
	for _, note := range t.Notes() {
		parts = append(parts, "Note: "+note)
	}
	return strings.Join(parts, "\n\n")
}

// headers are what a receiver finds besides the body.
func (e *exporter) headers() openapi3.Parameters {
	scheme, from := e.contract.Signature()
	if !scheme.Signs() {
		return nil
	}
	var out openapi3.Parameters
	add := func(name, text string) {
		// OpenAPI keeps Authorization for security schemes and ignores a
		// parameter of that name.
		if name == "" || http.CanonicalHeaderKey(name) == "Authorization" {
			return
		}
		out = append(out, &openapi3.ParameterRef{Value: &openapi3.Parameter{
			Name: name, In: openapi3.ParameterInHeader, Required: !scheme.Optional,
			Description: fmt.Sprintf("%s (%s)", text, from.Level),
			Schema:      openapi3.NewSchemaRef("", openapi3.NewStringSchema()),
		}})
	}
	add(scheme.Header, signatureText(scheme))
	add(scheme.TimestampHeader, "Unix seconds at which the delivery was signed")
	add(scheme.IDHeader, "Id of the delivery, the same for every attempt")
	return out
}

func signatureText(s signature.Scheme) string {
	if s.Signed == "" {
		return "Authenticates the sender: " + s.Algorithm
	}
	return fmt.Sprintf("Signature: %s over %s, %s", s.Algorithm, s.Signed, s.Encoding)
}

// responses are the answers that end a delivery well, and all others.
func responses(p contracts.Policy) *openapi3.Responses {
	out := openapi3.NewResponsesWithCapacity(len(p.Success) + 1)
	text := func(s string) *openapi3.ResponseRef {
		return &openapi3.ResponseRef{Value: openapi3.NewResponse().WithDescription(s)}
	}
	for _, r := range p.Success {
		if key := strings.ToUpper(r.String()); len(key) == 3 {
			out.Set(key, text("The delivery is done."))
			continue
		}
		for code := r.From; code <= r.To; code++ {
			out.Set(fmt.Sprint(code), text("The delivery is done."))
		}
	}
	out.Set("default", text("The delivery has failed and may be repeated."))
	return out
}

// extension carries what OpenAPI has no word for.
func extension(t *contracts.EventType) map[string]any {
	p := t.Policy()
	waits := make([]string, len(p.Waits))
	for i, w := range p.Waits {
		waits[i] = contracts.Days(w)
	}
	delivery := map[string]any{"timeout": contracts.Days(p.Timeout), "waits": waits, "then": p.Then, "provenance": map[string]any{
		"success": p.Provenance("success").Level, "timeout": p.Provenance("timeout").Level, "waits": p.Provenance("waits").Level,
	}}
	if p.Repeat > 0 {
		delivery["repeat"] = contracts.Days(p.Repeat)
	}
	if p.GiveUp > 0 {
		delivery["giveUp"] = contracts.Days(p.GiveUp)
	}
	out := map[string]any{"name": t.Name(), "documentation": t.Documentation(), "delivery": delivery}
	if t.Path() != "" {
		out["path"] = t.Path()
	}
	return out
}

// Package openapi writes contracts as OpenAPI.
//
// [Export] makes one OpenAPI 3.1 document whose webhooks are the events of any
// number of contracts, for tools that read OpenAPI and know nothing of
// AsyncAPI. The document is built with the model of kin-openapi, and is loaded
// and validated by it before it is handed out.
//
// OpenAPI 3.1 has no place for delivery policies, signatures and provenance:
// they stand under x-hookrig, in the words of the contracts themselves
// (docs/contract-format.md): what holds for all events of a provider on its
// tag, the rest on each operation.
package openapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
)

// Export describes the events of the contracts as the webhooks of one OpenAPI
// 3.1 document, indented JSON, the same bytes on every call. A webhook's key
// is "<provider>/<event>". Shared schemas stand once under
// components.schemas as "<provider>.<name>". The error names the event whose
// schema cannot be compiled or expressed, or says that two contracts are of
// one provider.
func Export(cs ...*contracts.Contract) ([]byte, error) {
	doc := &openapi3.T{
		OpenAPI:    "3.1.0",
		Info:       &openapi3.Info{Title: "Webhooks", Version: "1.0.0", Description: "Each webhook is one event as its provider sends it."},
		Paths:      openapi3.NewPaths(), // the library's model wants the member, empty as it is
		Webhooks:   map[string]*openapi3.PathItem{},
		Components: &openapi3.Components{Schemas: openapi3.Schemas{}, SecuritySchemes: openapi3.SecuritySchemes{}},
	}
	if len(cs) == 1 {
		doc.Info.Title, doc.Info.Version, doc.Info.Description = cs[0].Title(), cs[0].Version(), cs[0].Description()
	}
	e := exporter{doc: doc, shared: map[string]string{}, operations: map[string]bool{}}
	for _, c := range cs {
		if err := e.add(c); err != nil {
			return nil, err
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

// exporter adds contracts to a document.
type exporter struct {
	doc        *openapi3.T
	shared     map[string]string // the JSON of each shared schema by its component name
	operations map[string]bool   // the operationIds that are taken
}

func (e *exporter) add(c *contracts.Contract) error {
	if e.doc.Tags.Get(c.Provider()) != nil {
		return fmt.Errorf("two contracts are of the provider %q", c.Provider())
	}
	extension, err := ofProvider(c)
	if err != nil {
		return err
	}
	tag := &openapi3.Tag{Name: c.Provider(), Description: c.Title(), Extensions: map[string]any{"x-hookrig": extension}}
	if text := strings.TrimSpace(c.Description()); text != "" {
		tag.Description += "\n\n" + text
	}
	e.doc.Tags = append(e.doc.Tags, tag)
	for _, t := range c.EventTypes() {
		item, err := e.webhook(t)
		if err != nil {
			return fmt.Errorf("%s %s: %w", c.Provider(), t.Name(), err)
		}
		e.doc.Webhooks[c.Provider()+"/"+t.Name()] = item
	}
	return nil
}

func (e *exporter) webhook(t *contracts.EventType) (*openapi3.PathItem, error) {
	id := unique(plainName(t.Contract().Provider()+"."+t.Name()), func(id string) bool { return e.operations[id] })
	e.operations[id] = true
	body, err := e.schema(t, id)
	if err != nil {
		return nil, err
	}
	op := &openapi3.Operation{
		OperationID: id,
		Tags:        []string{t.Contract().Provider()},
		Summary:     t.Title(),
		Description: description(t),
		Parameters:  headers(t),
		RequestBody: &openapi3.RequestBodyRef{Value: &openapi3.RequestBody{
			Required: true,
			Content:  openapi3.Content{t.ContentType(): &openapi3.MediaType{Schema: body, Examples: examples(t)}},
		}},
		Responses:  responses(t.Policy()),
		Security:   e.security(t.Contract()),
		Extensions: map[string]any{"x-hookrig": ofEvent(t)},
	}
	item := &openapi3.PathItem{}
	item.SetOperation(t.Method(), op)
	return item, nil
}

// plainName keeps to what component keys may hold and code generators accept.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '.'
	}, name)
}

// unique is the name, or the name with the first number that makes it free.
func unique(name string, taken func(string) bool) string {
	out := name
	for n := 2; taken(out); n++ {
		out = fmt.Sprintf("%s_%d", name, n)
	}
	return out
}

// examples are those of the contract.
func examples(t *contracts.EventType) openapi3.Examples {
	out := openapi3.Examples{}
	for i, body := range t.Examples() {
		out[fmt.Sprint(i+1)] = &openapi3.ExampleRef{Value: &openapi3.Example{Value: json.RawMessage(body)}}
	}
	return out
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
func headers(t *contracts.EventType) openapi3.Parameters {
	var out openapi3.Parameters
	add := func(name, text string, required bool) {
		// OpenAPI keeps Authorization for security schemes and ignores a parameter of that name.
		if name == "" || isAuthorization(name) ||
			slices.ContainsFunc(out, func(p *openapi3.ParameterRef) bool { return strings.EqualFold(p.Value.Name, name) }) {
			return
		}
		out = append(out, &openapi3.ParameterRef{Value: &openapi3.Parameter{
			Name: name, In: openapi3.ParameterInHeader, Required: required, Description: text,
			Schema: openapi3.NewSchemaRef("", openapi3.NewStringSchema()),
		}})
	}
	c := t.Contract()
	if d := c.Discriminator(); d.Header != "" {
		add(d.Header, fmt.Sprintf("Names the event: %q (%s)", t.Tag(), d.Provenance.Level), true)
	}
	scheme, from := c.Signature()
	says := func(text string) string { return fmt.Sprintf("%s (%s)", text, from.Level) }
	add(scheme.Header, says(signatureText(scheme)), !scheme.Optional)
	add(scheme.TimestampHeader, says("Unix seconds at which the delivery was signed"), true)
	add(scheme.IDHeader, says("Id of the delivery, the same for every attempt"), true)
	if id := t.Identity(); id.Header != "" {
		add(id.Header, fmt.Sprintf("Id of the event, the same for every attempt (%s)", id.Provenance.Level), true)
	}
	return out
}

func isAuthorization(header string) bool { return strings.EqualFold(header, "Authorization") }

// security is said of credentials in the Authorization header, the only ones
// that OpenAPI has schemes of its own for.
func (e *exporter) security(c *contracts.Contract) *openapi3.SecurityRequirements {
	scheme, from := c.Signature()
	if !isAuthorization(scheme.Header) && scheme.Algorithm != signature.Basic {
		return nil
	}
	kind := "bearer"
	if scheme.Algorithm == signature.Basic {
		kind = "basic"
	}
	name := c.Provider() + "." + kind
	e.doc.Components.SecuritySchemes[name] = &openapi3.SecuritySchemeRef{Value: &openapi3.SecurityScheme{
		Type: "http", Scheme: kind, Description: fmt.Sprintf("%s (%s)", signatureText(scheme), from.Level),
	}}
	needs := openapi3.NewSecurityRequirements().With(openapi3.NewSecurityRequirement().Authenticate(name))
	if scheme.Optional {
		needs.With(openapi3.NewSecurityRequirement())
	}
	return needs
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

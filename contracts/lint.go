package contracts

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/hookrig/hookrig/contracts/schema"
)

// Severities of findings.
const (
	SeverityError   = "error"   // the contract contradicts itself
	SeverityWarning = "warning" // it is sound, but does not say enough
)

// Finding is what Lint says of a contract.
type Finding struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Pointer  string `json:"pointer"`
	Severity string `json:"severity"`
	Rule     string `json:"rule"`
	Message  string `json:"message"`
}

// String is the finding on one line, as compilers write theirs.
func (f Finding) String() string {
	return fmt.Sprintf("%s:%d:%d: %s: %s (%s)", f.File, f.Line, f.Column, f.Severity, f.Message, f.Rule)
}

// Lint looks for what loads but is not good. The findings are sorted by place.
// Their rules are:
//
//	schema            a payload does not compile
//	example           an example breaks its own schema
//	event-name        the schema refuses the name that deliveries give the event
//	provenance        a statement is about a member that does not exist
//	source            a published or reported statement does not say where, or what is
//	                  called documented does not say in which document
//	identity          an identity names a member that the schema does not know
//	lifecycle         likewise a key or a version of an entity
//	title             an event has no title
//	permissive        a schema accepts anything and nothing says why
//	required          a member is required that a fully described object does not have
//	format            nothing checks a format of this name
//	extension         a key is almost x-hookrig or x-faker
//	delivery, signature  the document says nothing about it
//	unused            nothing refers to a shared schema, or to a message
func (c *Contract) Lint() []Finding {
	l := &linter{contract: c, judged: map[string]bool{}, required: map[string]bool{}}
	l.document()
	for _, t := range c.types {
		l.event(t)
	}
	l.shared()
	l.unused()
	l.extensions()
	slices.SortStableFunc(l.findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Rule, b.Rule))
	})
	return slices.Compact(l.findings)
}

type linter struct {
	contract *Contract
	findings []Finding
	required map[string]bool // lists looked at, likewise
	judged   map[string]bool // schemas looked at, by document and pointer
}

func (l *linter) add(p place, severity, rule, format string, args ...any) {
	line, column := p.doc.Position(p.at)
	l.findings = append(l.findings, Finding{
		File: p.doc.Name(), Line: line, Column: column, Pointer: p.at,
		Severity: severity, Rule: rule, Message: fmt.Sprintf(format, args...),
	})
}

func (l *linter) document() {
	root := place{doc: l.contract.doc, value: l.contract.doc.Value()}
	x, ok := root.child(extensionKey)
	if !ok {
		l.add(root, SeverityWarning, "delivery", "nothing is said about delivery, signature and provenance: assumed defaults apply")
		return
	}
	for _, section := range []string{"delivery", "signature"} {
		if _, ok := x.child(section); !ok {
			l.add(x, SeverityWarning, section, "nothing is said about the %s: the assumed default applies", section)
		}
	}
	l.sections(x)
	l.sources(x)
	l.lifecycles(x)
	if says, ok := x.child("provenance"); ok && l.contract.level.Level == Documented && l.contract.level.Source == l.contract.doc.Name() {
		l.add(says, SeverityWarning, "source", "what is documented needs a source: which document says so? This file is none")
	}
}

func (l *linter) sections(x place) {
	for _, section := range []string{"event", "identity", "delivery", "signature", "registration"} {
		if s, ok := x.child(section); ok {
			l.sources(s)
		}
	}
}

// sources looks at every statement below a place that has a level.
func (l *linter) sources(p place) {
	says, ok := p.child("provenance")
	if !ok {
		return
	}
	statements, err := provenanceOf(says, l.contract.sources)
	if err != nil {
		return // the reader has said so
	}
	for _, s := range statements {
		if s.says.Source == "" && (s.says.Level == Published || s.says.Level == Reported) {
			l.add(says, SeverityWarning, "source", "what is %s needs a source", s.says.Level)
		}
	}
}

func (l *linter) event(t *EventType) {
	if t.title == "" {
		l.add(t.message, SeverityWarning, "title", "event %q has no title", t.name)
	}
	compiled, err := t.Schema()
	if err != nil {
		l.broken(t, err)
		return
	}
	if x, ok := t.message.child(extensionKey); ok {
		l.sources(x)
		l.sections(x)
		for _, s := range t.provenance {
			if !newWalker().knows(compiled.Node(), s.at) {
				l.add(x, SeverityError, "provenance", "event %q has no member at %s", t.name, pointerOf(s.at))
			}
		}
	}
	for _, m := range t.identity.Members {
		if !newWalker().knows(compiled.Node(), tokensOf(m)) {
			l.add(t.message, SeverityError, "identity", "event %q has no member at %s, which is part of its identity", t.name, m)
		}
	}
	for i, body := range t.Examples() {
		for _, v := range compiled.Validate(body) {
			l.add(t.examples[i], SeverityError, "example", "the example breaks its schema: %s", v)
		}
	}
	l.name(t, compiled)
	if t.documentation == DocumentedFully { // what is not documented may be open
		l.permissive(t, compiled.Node(), nil)
		l.requirements(t, compiled.Node(), compiled.Node(), nil)
	}
	l.formats(compiled.Node())
}

func (l *linter) broken(t *EventType, err error) {
	var at *schema.Error
	if errors.As(err, &at) {
		l.findings = append(l.findings, Finding{File: at.File, Line: at.Line, Column: at.Column, Pointer: at.Pointer,
			Severity: SeverityError, Rule: "schema", Message: at.Message})
		return
	}
	l.add(t.payload, SeverityError, "schema", "%v", err)
}

// name checks that the schema accepts the event's own name where a delivery
// says it, and no other.
func (l *linter) name(t *EventType, compiled *schema.Schema) {
	d := l.contract.discriminator
	if !d.stated || d.header != "" {
		return
	}
	tokens := append(tokensOf(d.each), tokensOf(d.pointer)...)
	if d.each != "" {
		tokens = append(append(tokensOf(d.each), "*"), tokensOf(d.pointer)...)
	}
	nodes := newWalker().find(compiled.Node(), tokens)
	if len(nodes) == 0 {
		l.add(t.message, SeverityError, "event-name", "event %q: the schema has no member at %s, where deliveries name the event", t.name, pointerOf(tokens))
		return
	}
	tag, _ := json.Marshal(t.tag)
	for _, n := range nodes {
		if n.HasEnum && len(n.Enum) == 1 && string(n.Enum[0]) == string(tag) {
			return
		}
	}
	l.add(t.message, SeverityError, "event-name", "event %q: the schema should allow just %s at %s", t.name, tag, pointerOf(tokens))
}

// permissive looks for members about which the schema says nothing at all.
func (l *linter) permissive(t *EventType, n *schema.Node, tokens []string) {
	key := n.Document + "#" + n.Pointer
	if n.Ref != nil {
		l.permissive(t, n.Ref, tokens)
		return
	}
	if l.judged[key] || len(tokens) > 40 {
		return
	}
	l.judged[key] = true
	if saysNothing(n) && t.Provenance(pointerOf(tokens)).Note == "" {
		l.add(l.placeOf(n), SeverityWarning, "permissive",
			"event %q: the schema of %s accepts anything; say what is known, or in a provenance note why nothing is", t.name, placeWords(tokens))
	}
	for _, b := range slices.Concat(n.AllOf, n.AnyOf, n.OneOf) {
		l.permissive(t, b, tokens)
	}
	for _, p := range n.Properties {
		l.permissive(t, p.Node, append(slices.Clip(tokens), p.Name))
	}
	if n.Items != nil {
		l.permissive(t, n.Items, append(slices.Clip(tokens), "*"))
	}
}

// placeOf is where a node stands.
func (l *linter) placeOf(n *schema.Node) place {
	if doc := l.contract.library.documents()[n.Document]; doc != nil {
		return place{doc: doc, at: n.Pointer}
	}
	return place{doc: l.contract.doc}
}

// saysNothing reports whether a schema has neither a type nor anything else
// that narrows it, or is an object without members.
func saysNothing(n *schema.Node) bool {
	if n.Bool != nil {
		return *n.Bool
	}
	composed := len(n.AllOf)+len(n.AnyOf)+len(n.OneOf) > 0 || n.HasEnum || n.If != nil
	if composed || n.Ref != nil {
		return false
	}
	if n.Types == schema.AnyType {
		return len(n.Properties) == 0 && n.Items == nil
	}
	open := n.AdditionalProperties == nil || (n.AdditionalProperties.Bool != nil && *n.AdditionalProperties.Bool)
	return n.Types == schema.Object && len(n.Properties) == 0 && len(n.PatternProperties) == 0 && open && n.MaxProperties == nil
}

package schema

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// unit is a schema that the validator compiles as a document of its own: the
// one that was asked for, or one that a "$ref" names. In it every reference is
// the URL of a unit; identifiers, anchors and files have done their work.
//
// Units keep the cost of a schema independent of the size of its document, and
// whatever else stands in that document out of the validator's sight.
type unit struct {
	form
	value any
	refs  []form // where its references lead

	compiling bool
}

// maxSchemas bounds how many new schemas one compilation may take in.
const maxSchemas = 50_000

// linker turns a schema and all that it refers to into units. It refuses bad
// references before anything is compiled, and it is what asks the Loader.
type linker struct {
	c     *compiler
	load  Loader
	root  form
	units map[form]*unit
	// targets are where references lead, by the place of the reference.
	targets map[form]form
	schemas int
}

// link makes the units that a schema needs and that are not there yet.
func (c *compiler) link(root form, load Loader) error {
	l := linker{c: c, load: load, root: root, units: map[form]*unit{}, targets: map[form]form{}}
	var made []*unit
	for todo := []form{root}; len(todo) > 0; {
		at := todo[0]
		todo = todo[1:]
		if c.units[at] != nil || l.units[at] != nil {
			continue
		}
		u := &unit{form: at}
		l.units[at] = u
		if err := l.unit(u); err != nil {
			return err
		}
		made = append(made, u)
		todo = append(todo, u.refs...)
	}
	for _, u := range made {
		if err := c.schemas.AddResource(u.url(), u.value); err != nil {
			return c.errorAt(u.site, "%v", err)
		}
	}
	maps.Copy(c.units, l.units)
	maps.Copy(c.targets, l.targets)
	return nil
}

// unit writes a unit's schema.
func (l *linker) unit(u *unit) error {
	doc := l.c.docs[u.doc].doc
	v, _ := doc.Lookup(u.pointer)
	p, _ := doc.place(u.pointer)
	value, err := l.schema(u, u.form, v, p)
	if object, ok := value.(map[string]any); ok {
		object["$schema"] = l.c.dialectOf(u.site).url()
	}
	u.value = value
	return err
}

// schema writes a schema of a unit. What is no schema is left for the rules of
// the dialect to refuse.
func (l *linker) schema(u *unit, at form, v any, p *place) (any, error) {
	object, ok := v.(map[string]any)
	if !ok {
		return v, nil
	}
	if l.schemas++; l.schemas > maxSchemas {
		return nil, l.c.errorAt(l.root.site, "more than %d schemas belong to this one", maxSchemas)
	}
	if l.c.dialectOf(at.site) != l.c.dialectOf(u.site) {
		// A schema of another dialect is a unit, as if it were referred to.
		u.refs = append(u.refs, at)
		return map[string]any{"$ref": at.url()}, nil
	}
	at.scope = l.c.enter(at.scope, at.site)
	if err := l.c.checkKeywords(at.site, l.root.site, object); err != nil {
		return nil, err
	}
	written := make(map[string]any, len(object)+1)
	for i, keyword := range p.keys {
		if l.c.dropped(at.site, keyword, object) {
			continue
		}
		if ref, ok := object[keyword].(string); ok && isReference(keyword) {
			u, err := l.reference(u, at, keyword, ref)
			if err != nil {
				return nil, err
			}
			written[plainReference(keyword, object)] = u
			continue
		}
		if v, other := l.c.rewritten(at.site, keyword, object); other {
			written[keyword] = v
			continue
		}
		operand, err := l.operand(u, at.child(keyword), keyword, object[keyword], &p.children[i])
		if err != nil {
			return nil, err
		}
		written[keyword] = operand
	}
	return written, nil
}

// operand writes what stands under a keyword.
func (l *linker) operand(u *unit, at form, keyword string, v any, p *place) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		switch holds[keyword] {
		case oneSchema, oneOrMore:
			return l.schema(u, at, v, p)
		case namedSchemas:
			written := make(map[string]any, len(v))
			for i, name := range p.keys {
				child, err := l.schema(u, at.child(name), v[name], &p.children[i])
				if err != nil {
					return nil, err
				}
				written[name] = child
			}
			return written, nil
		}
	case []any:
		if k := holds[keyword]; k == moreSchemas || k == oneOrMore {
			written := make([]any, len(v))
			for i, item := range v {
				child, err := l.schema(u, at.child(strconv.Itoa(i)), item, &p.children[i])
				if err != nil {
					return nil, err
				}
				written[i] = child
			}
			return written, nil
		}
	}
	return v, nil
}

// reference writes a reference as the URL of a unit.
func (l *linker) reference(u *unit, at form, keyword, ref string) (string, error) {
	target, err := l.c.resolve(at.site, keyword, ref, l.load)
	if err != nil {
		return "", err
	}
	if target == (site{}) {
		return resolveURL(l.c.docs[at.doc].resourceOf(at.pointer).base, ref), nil
	}
	if keyword != "$ref" {
		target = l.c.dynamic(at.scope, target, ref, keyword)
	}
	to := form{target, l.c.enter(at.scope, target)}
	l.targets[at.child(keyword)] = to
	u.refs = append(u.refs, to)
	return to.url(), nil
}

// dynamic is where a "$dynamicRef" or "$recursiveRef" leads in a scope: if its
// target is a dynamic anchor, to the first resource on the way that has that
// anchor.
func (c *compiler) dynamic(in scope, target site, ref, keyword string) site {
	doc := c.docs[target.doc]
	resource := doc.resourceOf(target.pointer)
	_, name, _ := strings.Cut(ref, "#")
	if keyword == "$recursiveRef" {
		name = recursiveAnchor
	}
	if place, ok := resource.dynamic[name]; !ok || place != target.pointer {
		return target
	}
	if first, ok := in.anchors()[name]; ok {
		return site{first[0], first[1]}
	}
	return target
}

// enter is the scope inside a schema: the first resource on the way that has
// an anchor keeps it.
func (c *compiler) enter(in scope, at site) scope {
	dynamic := c.docs[at.doc].resourceOf(at.pointer).dynamic
	if len(dynamic) == 0 {
		return in
	}
	anchors := in.anchors()
	for name, pointer := range dynamic {
		if _, bound := anchors[name]; !bound {
			anchors[name] = [2]string{at.doc, pointer}
		}
	}
	return scope(marshal(anchors))
}

func (c *compiler) dialectOf(at site) Dialect {
	return c.docs[at.doc].resourceOf(at.pointer).dialect
}

// dropped reports keywords that have no meaning once the references are
// resolved, or that the dialect ignores, or that only this program reads.
func (c *compiler) dropped(at site, keyword string, object map[string]any) bool {
	rules := c.docs[at.doc].resourceOf(at.pointer).meta
	dialect := rules.dialect
	if _, ref := object["$ref"].(string); ref && dialect.old() && keyword != "$ref" {
		return true
	}
	switch keyword {
	case "$schema", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary", "$defs", "definitions":
		return true
	case dialect.idKeyword():
		_, text := object[keyword].(string)
		return text
	}
	return strings.HasPrefix(keyword, "x-") || rules.without[keyword] ||
		dialect == OpenAPI30 && !slices.Contains(openAPI30, keyword)
}

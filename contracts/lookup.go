package contracts

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/hookrig/hookrig/contracts/schema"
)

// Lookup is a route of the provider's own API by which a receiver fetches what
// an event names. Contracts do not know what there is to be fetched: Key is
// judged by whoever plays the shop, with [Lookup.Fault].
type Lookup struct {
	// Path is below the provider's own, "/api/orders/{code}". It may have members
	// in braces.
	Path string
	// Query is what a request must have in its query; values may have members in
	// braces.
	Query []Parameter
	// Member is the name of the last member in braces: what a request has there
	// tells which entity it asks for. What it has in the others does not matter.
	Member string
	Key    string // what tells entities apart: "order.number"
	// Missing is the HTTP status where there is no such entity, 0: what the
	// provider answers, or 404.
	Missing    int
	Provenance Provenance

	at     place
	schema func() (*schema.Schema, error)
}

// Parameter is one of a query.
type Parameter struct{ Name, Value string }

// Route is the lookup as its contract has it: "GET /api/orders/{code}".
func (l *Lookup) Route() string {
	route := "GET " + l.Path
	for i, p := range l.Query {
		route += map[bool]string{true: "?", false: "&"}[i == 0] + p.Name + "=" + p.Value
	}
	return route
}

// Schema is that of the answer, compiled on first use. The error is a
// *schema.Error.
func (l *Lookup) Schema() (*schema.Schema, error) { return l.schema() }

// Fault is the error that a key is not understood, where the contract says it,
// with the names that were perhaps meant. It is a *schema.Error.
func (l *Lookup) Fault(message, name string, candidates []string) error {
	at, _ := l.at.child("key")
	return at.errorf("%s", message).nearest(name, candidates)
}

// Lookups are the routes by which what events name is fetched, in the order of
// the document. Callers must not change the slice.
func (c *Contract) Lookups() []*Lookup { return c.lookups }

// maxLookups bounds the lookups of a contract.
const maxLookups = 200

func lookupsOf(p place, c *Contract) error {
	items, err := p.items()
	if err != nil {
		return err
	}
	if len(items) > maxLookups {
		return p.errorf("%d lookups, at most %d are read", len(items), maxLookups).plain()
	}
	for _, item := range items {
		l, err := lookupOf(item, c)
		if err != nil {
			return err
		}
		for _, other := range c.lookups {
			if shapeOf(other) == shapeOf(l) {
				return item.errorf("there is a lookup %q already", other.Route()).plain()
			}
		}
		c.lookups = append(c.lookups, l)
	}
	return nil
}

// shapeOf is a route without the names of its members: two of one shape cannot
// be told apart.
func shapeOf(l *Lookup) string { return lookupMember.ReplaceAllString(l.Route(), "{}") }

func lookupOf(p place, c *Contract) (*Lookup, error) {
	l := &Lookup{at: p, Provenance: c.level}
	err := p.fields(map[string]func(place) error{
		"route":      l.route,
		"key":        line(&l.Key),
		"answer":     func(v place) error { return v.object() },
		"missing":    l.missing,
		"provenance": func(v place) (err error) { l.Provenance, err = levelOf(v, c.sources); return },
	})
	if err != nil {
		return nil, err
	}
	answer, ok := p.child("answer")
	switch {
	case l.Path == "":
		return nil, p.errorf("the lookup has no route").hint(routeHint)
	case l.Key == "" || !strings.Contains(l.Key, "."):
		return nil, p.errorf("nothing says what the lookup finds").hint("write key: order.number")
	case !ok:
		return nil, p.errorf("the lookup has no answer").hint("write answer: with a JSON Schema, whose members are bound by x-faker")
	}
	l.schema = sync.OnceValues(func() (*schema.Schema, error) {
		return schema.Compile(answer.doc, answer.at, schema.Options{Load: c.library.document})
	})
	return l, nil
}

func (l *Lookup) missing(v place) error {
	_, isNumber := v.value.(json.Number)
	status, err := strconv.Atoi(v.word())
	if !isNumber || err != nil || status < 400 || status > 599 {
		return v.errorf("expected the status of an answer that says that something is missing, found %s", kindOf(v.value)).
			hint("write missing: 404, or another status from 400 to 599")
	}
	l.Missing = status
	return nil
}

const routeHint = `write route: "GET /api/orders/{code}"`

// maxMembers bounds the members in braces of a route.
const maxMembers = 8

var (
	lookupRoute  = regexp.MustCompile(`^GET (/[A-Za-z0-9._~/{}-]*)(?:\?([^?#\s]+))?$`)
	lookupPair   = regexp.MustCompile(`^([A-Za-z0-9._~-]+)=([A-Za-z0-9._~"{}\[\]-]+)$`)
	lookupMember = regexp.MustCompile(`\{([A-Za-z][A-Za-z0-9]*)\}`)
)

// route reads a route. A segment, and a value of the query, has one member in
// braces at most.
func (l *Lookup) route(v place) error {
	route, err := v.line()
	if err != nil {
		return err
	}
	bad := func(why string) error { return v.errorf("%q is no route of a lookup: %s", route, why).hint(routeHint) }
	m := lookupRoute.FindStringSubmatch(route)
	if m == nil {
		return bad("it is GET and a path, with plain characters")
	}
	l.Path = m[1]
	parts := strings.Split(m[1], "/")
	if m[2] != "" {
		for _, pair := range strings.Split(m[2], "&") {
			m := lookupPair.FindStringSubmatch(pair)
			if m == nil {
				return bad("the query is pairs such as id={id}, with plain characters")
			}
			l.Query = append(l.Query, Parameter{m[1], m[2]})
			parts = append(parts, m[2])
		}
	}
	var names []string
	for _, part := range parts {
		found := lookupMember.FindAllStringSubmatch(part, 2)
		switch rest := lookupMember.ReplaceAllString(part, ""); {
		case len(found) > 1:
			return bad("one place has two members in braces")
		case strings.ContainsAny(rest, "{}"):
			return bad("members in braces are named by letters and digits")
		case len(found) == 1 && slices.Contains(names, found[0][1]):
			return bad("two members in braces have one name")
		case len(found) == 1:
			names = append(names, found[0][1])
		}
	}
	switch {
	case len(names) == 0:
		return bad("a member in braces says which entity is meant")
	case len(names) > maxMembers:
		return bad("it has too many members in braces")
	}
	l.Member = names[len(names)-1]
	return nil
}

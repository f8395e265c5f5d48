package contracts

import (
	"regexp"
	"strings"
	"sync"

	"github.com/hookrig/hookrig/contracts/schema"
)

// Lookup is a route of the provider's own API by which a receiver fetches what
// an event names. Contracts do not know what there is to be fetched: Key is
// judged by whoever plays the shop, with [Lookup.Fault].
type Lookup struct {
	Path       string // "/api/orders/{code}", below the provider's own; one member in braces, which is the key's value
	Key        string // what tells entities apart: "order.number"
	Provenance Provenance

	at     place
	schema func() (*schema.Schema, error)
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

var lookupRoute = regexp.MustCompile(`^GET (/[A-Za-z0-9._~/-]*\{[A-Za-z][A-Za-z0-9]*\}[A-Za-z0-9._~/-]*)$`)

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
			if other.Path == l.Path {
				return item.errorf("there is a lookup %q already", l.Path).plain()
			}
		}
		c.lookups = append(c.lookups, l)
	}
	return nil
}

func lookupOf(p place, c *Contract) (*Lookup, error) {
	l := &Lookup{at: p, Provenance: c.level}
	err := p.fields(map[string]func(place) error{
		"route": func(v place) error {
			route, err := v.line()
			if err != nil {
				return err
			}
			m := lookupRoute.FindStringSubmatch(route)
			if m == nil {
				return v.errorf("%q is no route of a lookup", route).hint(`write route: "GET /api/orders/{code}"`)
			}
			l.Path = m[1]
			return nil
		},
		"key":        line(&l.Key),
		"answer":     func(v place) error { return v.object() },
		"provenance": func(v place) (err error) { l.Provenance, err = levelOf(v, c.sources); return },
	})
	if err != nil {
		return nil, err
	}
	answer, ok := p.child("answer")
	switch {
	case l.Path == "":
		return nil, p.errorf("the lookup has no route").hint(`write route: "GET /api/orders/{code}"`)
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

package shop

import (
	"slices"
	"sync"
)

// A KindInfo describes one kind of entity.
type KindInfo struct {
	Kind       Kind
	Doc        string
	Properties []*Property // in the order of the documentation
	byName     map[string]*Property
}

// A Property is one thing that entities of a kind say. Exactly one of Read,
// One and Many is set, as its Type says.
type Property struct {
	Name   string
	Doc    string
	Type   Type
	Of     Kind     // of One and Many
	Values []string // of a Choice
	// Plain is what the value looks like to who knows no shop: a hint of the
	// generator, with arguments in pairs. Empty: nothing is known.
	Plain []string

	Read  func(Entity) Value
	One   func(Entity) Entity      // nil: there is none
	Count func(Entity) int         // of Many
	At    func(Entity, int) Entity // of Many; never nil

	// Write, where it is set, changes an entity that nobody has seen yet: see Edit.
	Write func(Entity, Value)
	Own   bool // each entity has its own: one value cannot be written to all
	// Same, where it is set, says that the value is another entity's: "variant.sku"
	// of an item. That one is written.
	Same string
	Put  func(e, to Entity) // of One: exchanges the entity

	copied func(Entity) Entity
}

// Kinds lists all kinds, in the order of the documentation.
func Kinds() []*KindInfo { return vocabulary().kinds }

// KindOf finds a kind by its name, nil if there is none.
func KindOf(k Kind) *KindInfo { return vocabulary().byKind[k] }

// Property finds a property by its name, nil if there is none.
func (k *KindInfo) Property(name string) *Property { return k.byName[name] }

// Papers lists the kinds that are documents.
func Papers() []Kind {
	return []Kind{KindInvoice, KindCreditNote, KindReturn, KindDelivery, KindProforma, KindReceipt, KindOffer, KindPurchase,
		KindProduction, KindLiability, KindPicklist, KindDunning, KindOutgoing}
}

// Is reports whether an entity of kind k may be read as one of kind other.
func (k Kind) Is(other Kind) bool {
	return k == other || other == KindDocument && slices.Contains(Papers(), k)
}

type words struct {
	kinds  []*KindInfo
	byKind map[Kind]*KindInfo
}

var vocabulary = sync.OnceValue(func() words {
	w := words{byKind: map[Kind]*KindInfo{}}
	for _, k := range slices.Concat(shopKinds(), peopleKinds(), goodsKinds(), careKinds(), orderKinds(), paperKinds()) {
		k.byName = map[string]*Property{}
		for _, p := range k.Properties {
			k.byName[p.Name] = p
		}
		w.kinds = append(w.kinds, k)
		w.byKind[k.Kind] = k
	}
	return w
})

// table builds the properties of one kind, whose entities are of type E.
type table[E Entity] struct{ *KindInfo }

func kind[E Entity](k Kind, doc string) table[E] {
	t := table[E]{&KindInfo{Kind: k, Doc: doc}}
	ident := func(name, doc string, plain []string, read func(Ident) Value) {
		t.add(&Property{Name: name, Doc: doc, Plain: plain, Type: read(Ident{ID: 1, Key: 1, Created: 1, Updated: 1}).Type, Read: func(e Entity) Value { return read(e.Base()) }})
	}
	ident("id", "a number, unique within its kind", []string{"id.small"}, func(i Ident) Value { return Value{Type: Integer, Int: i.ID} })
	ident("key", "32 hexadecimal digits", []string{"id.hex"}, func(i Ident) Value { return Value{Type: Text, form: asHex, Int: int64(i.Key)} })
	ident("uuid", "a UUID", []string{"id.uuid"}, func(i Ident) Value { return Value{Type: Text, form: asUUID, Int: int64(i.Key)} })
	ident("createdAt", "when it came to be", []string{"date.recent"}, func(i Ident) Value { return timeOf(i.Created) })
	ident("updatedAt", "when it last changed", []string{"date.recent"}, func(i Ident) Value { return timeOf(i.Updated) })
	return t
}

func (t table[E]) add(p *Property) { t.Properties = append(t.Properties, p) }

func (t table[E]) read(name string, typ Type, doc string, plain []string, get func(E) Value) {
	t.add(&Property{Name: name, Doc: doc, Type: typ, Plain: plain, Read: func(e Entity) Value {
		if x, ok := e.(E); ok {
			return get(x)
		}
		return Value{}
	}})
}

// sets lets the property that was added last be written.
func (t table[E]) sets(write func(E, Value)) {
	t.Properties[len(t.Properties)-1].Write = func(e Entity, v Value) {
		if x, ok := e.(E); ok {
			write(x, v)
		}
	}
}

// owns is sets for what no two entities share.
func (t table[E]) owns(write func(E, Value)) {
	t.sets(write)
	t.Properties[len(t.Properties)-1].Own = true
}

// same says that the property that was added last is another entity's.
func (t table[E]) same(way string) { t.Properties[len(t.Properties)-1].Same = way }

func (t table[E]) text(name, doc string, get func(E) string, plain ...string) {
	t.read(name, Text, doc, plain, func(e E) Value { return textOf(get(e)) })
}

func (t table[E]) choice(name, doc string, get func(E) string, values ...string) {
	t.read(name, Choice, doc, nil, func(e E) Value {
		v := textOf(get(e))
		if v.Type == Text {
			v.Type = Choice
		}
		return v
	})
	t.Properties[len(t.Properties)-1].Values = values
}

func (t table[E]) integer(name, doc string, get func(E) int64, plain ...string) {
	t.read(name, Integer, doc, plain, func(e E) Value { return Value{Type: Integer, Int: get(e)} })
}

func (t table[E]) money(name, doc string, get func(E) int64) {
	t.read(name, Money, doc, nil, func(e E) Value { return Value{Type: Money, Int: get(e)} })
}

func (t table[E]) rate(name, doc string, get func(E) int64) {
	t.read(name, Rate, doc, []string{"finance.vatRate"}, func(e E) Value { return Value{Type: Rate, Int: get(e)} })
}

func (t table[E]) time(name, doc string, get func(E) int64, plain ...string) {
	if plain == nil {
		plain = []string{"date.recent"}
	}
	t.read(name, Time, doc, plain, func(e E) Value { return timeOf(get(e)) })
}

func (t table[E]) boolean(name, doc string, get func(E) bool) {
	t.read(name, Boolean, doc, []string{"boolean"}, func(e E) Value {
		if get(e) {
			return Value{Type: Boolean, Int: 1}
		}
		return Value{Type: Boolean}
	})
}

// one and many are functions because methods have no type parameters.
func one[E Entity, T any, P interface {
	*T
	Entity
}](t table[E], name string, of Kind, doc string, get func(E) P) {
	t.add(&Property{Name: name, Doc: doc, Type: One, Of: of, One: func(e Entity) Entity {
		if x, ok := e.(E); ok {
			if v := get(x); v != nil {
				return v
			}
		}
		return nil
	}})
}

// puts lets the entity that was added last be exchanged.
func puts[E Entity, T any, P interface {
	*T
	Entity
}](t table[E], put func(E, P)) {
	p := t.Properties[len(t.Properties)-1]
	p.Put = func(e, to Entity) { put(e.(E), to.(P)) }
	p.copied = func(e Entity) Entity {
		c := *e.(P)
		return P(&c)
	}
}

func many[E Entity, T Entity](t table[E], name string, of Kind, doc string, get func(E) []T) {
	t.add(&Property{
		Name: name, Doc: doc, Type: Many, Of: of,
		Count: func(e Entity) int {
			if x, ok := e.(E); ok {
				return len(get(x))
			}
			return 0
		},
		At: func(e Entity, i int) Entity { return get(e.(E))[i] },
	})
}

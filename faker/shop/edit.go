package shop

// An Edit is what entities of a kind are told to be like, from the moment when
// they come to be. What follows from it follows: an order adds up the prices
// that were told.
type Edit struct {
	Kind  Kind
	Where []Match // which of them, all that are told here; empty: each
	// Via leads from the entity to the one that is meant, nil where it is meant
	// itself. It can be followed where it has a Put.
	Via      *Property
	Property *Property // it has a Write
	Value    Value     // the zero Value takes away what is there
}

// Match is a value that an entity has when it comes to be.
type Match struct {
	Property *Property // it has a Read
	Text     string    // as in a condition: a text, or a whole number
}

func (m *Match) holds(e Entity) bool {
	v := m.Property.Read(e)
	switch v.Type {
	case None:
		return m.Text == ""
	case Text, Choice:
		return string(v.Spell(nil)) == m.Text
	case Boolean:
		return m.Text == "true" == (v.Int == 1)
	}
	return itoa(v.Int) == m.Text
}

func (x *Edit) apply(e Entity) {
	for i := range x.Where {
		if !x.Where[i].holds(e) {
			return
		}
	}
	if x.Via == nil {
		x.Property.Write(e, x.Value)
		return
	}
	was := x.Via.One(e)
	if was == nil || x.Property.Read(was) == x.Value {
		return
	}
	now := x.Via.copied(was)
	x.Property.Write(now, x.Value)
	x.Via.Put(e, now)
}

// fix gives an entity that was made or drawn anew what it was told to be like.
func fix[E Entity](edits map[Kind][]Edit, e E) E {
	list := edits[e.Kind()]
	for i := range list {
		list[i].apply(e)
	}
	return e
}

func byKind(list []Edit) map[Kind][]Edit {
	all := map[Kind][]Edit{}
	for _, x := range list {
		all[x.Kind] = append(all[x.Kind], x)
	}
	return all
}

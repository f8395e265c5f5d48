package diff

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/hookrig/hookrig/contracts/schema"
)

// objects compares members: by name, then those that nobody names.
func (c *comparer) objects(was, is *shape) (out []Change) {
	named := is.names()
	for _, name := range was.names() {
		if !slices.Contains(named, name) {
			named = append(named, name)
		}
	}
	for _, name := range named {
		out = append(out, c.member(name, was, is)...)
	}
	for _, name := range was.required {
		if !slices.Contains(named, name) && !slices.Contains(is.required, name) {
			out = append(out, optional(name))
		}
	}
	for _, name := range is.required {
		if !slices.Contains(named, name) && !slices.Contains(was.required, name) {
			out = append(out, required(name))
		}
	}
	out = append(out, c.furtherMembers(was, is)...)
	return append(out, sizes("size", "members", was, is)...)
}

// member compares one member of an object.
func (c *comparer) member(name string, was, is *shape) []Change {
	old, now := was.member(name), is.member(name)
	oldNever, never := c.never(old), c.never(now)
	oldNamed, nowNamed := spoken(was, name), spoken(is, name)
	token := schema.Escape(name)
	switch {
	case never && oldNever:
		return nil
	case never && !oldNamed:
		return at(token, []Change{{Rule: "member-excluded", Effect: Compatible, Message: fmt.Sprintf("a member %q is excluded", name)}})
	case never, !nowNamed && !oldNever:
		return at(token, []Change{{Rule: "member-removed", Effect: Breaking, Message: fmt.Sprintf("the member %q is no longer %s", name, sentOr(never))}})
	case !nowNamed:
		return at(token, []Change{{Rule: "member-excluded", Effect: Breaking, Message: fmt.Sprintf("a member %q is no longer excluded", name)}})
	case !oldNamed:
		return at(token, c.addedMember(name, was, is))
	}
	var out []Change
	had, has := slices.Contains(was.required, name), slices.Contains(is.required, name)
	if had && !has {
		out = append(out, optional(name))
	} else if has && !had {
		out = append(out, required(name))
	}
	return append(out, at(token, c.compare(old, now))...)
}

func sentOr(never bool) string {
	if never {
		return "sent"
	}
	return "promised"
}

func optional(name string) Change {
	return Change{Pointer: "/" + schema.Escape(name), Rule: "member-optional", Effect: Breaking, Message: fmt.Sprintf("the member %q may be missing", name)}
}

func required(name string) Change {
	return Change{Pointer: "/" + schema.Escape(name), Rule: "member-required", Effect: Compatible, Message: fmt.Sprintf("the member %q is always there now", name)}
}

// addedMember is one that the old version does not name: it says of further
// members whether there may be any, and which.
func (c *comparer) addedMember(name string, was, is *shape) []Change {
	old, now := was.member(name), is.member(name)
	ch := Change{Rule: "member-added", Effect: Compatible, Message: fmt.Sprintf("a new member %q", name)}
	switch {
	case c.never(old):
		ch.Effect, ch.Message = Breaking, fmt.Sprintf("a new member %q, where the old version allows no further ones", name)
		ch.Value = sampleOf(c.shapes(now))
	case len(was.conditions["unevaluatedProperties"])+len(was.conditions["propertyNames"]) > 0:
		ch.Effect, ch.Message = Unclear, fmt.Sprintf("a new member %q, where the old version restricts further ones", name)
	default:
		ch.Value = sampleOf(c.shapes(now))
	}
	return append([]Change{ch}, breakingOnly(c.compare(old, now))...)
}

// breakingOnly leaves out what is compatible: of a new member it is nothing new.
func breakingOnly(all []Change) []Change {
	return slices.DeleteFunc(slices.Clone(all), func(ch Change) bool { return ch.Effect == Compatible })
}

// spoken reports whether a member is named, or has a name of a named form.
func spoken(s *shape, name string) bool {
	for _, n := range s.parts {
		for _, p := range n.Properties {
			if p.Name == name {
				return true
			}
		}
		for _, p := range n.PatternProperties {
			if matches(p.Pattern, name) {
				return true
			}
		}
	}
	return false
}

// never reports whether no value keeps the schemas.
func (c *comparer) never(of conj) bool { return len(of) > 0 && len(c.shapes(of)) == 0 }

// furtherMembers compares what is said of members that nobody names.
func (c *comparer) furtherMembers(was, is *shape) (out []Change) {
	old, now := was.further(), is.further()
	switch closed := c.never(old); {
	case closed && c.never(now):
	case c.never(now):
		out = append(out, Change{Rule: "further-members", Effect: Compatible, Message: "no members but the named ones are sent"})
	case closed && len(trimmed(now)) == 0:
		out = append(out, Change{Rule: "further-members", Effect: Breaking, Message: "there may be members that the contract does not name"})
	default:
		out = append(out, at("*", c.compare(old, now))...)
	}
	olds, news := was.patternMembers(), is.patternMembers()
	for _, pattern := range slices.Sorted(maps.Keys(news)) {
		if _, had := olds[pattern]; !had {
			out = append(out, c.addedForm(pattern, was, news[pattern]))
			continue
		}
		out = append(out, at("*", c.compare(olds[pattern], news[pattern]))...)
	}
	for _, pattern := range slices.Sorted(maps.Keys(olds)) {
		if _, has := news[pattern]; !has {
			out = append(out, Change{Rule: "further-members", Effect: Unclear, Message: fmt.Sprintf("members with names like %q are no longer spoken of", pattern)})
		}
	}
	return out
}

// addedForm is a form of member names that the old version does not know. If it
// lets in any further member, this one only says more.
func (c *comparer) addedForm(pattern string, was *shape, _ conj) Change {
	ch := Change{Rule: "further-members", Effect: Unclear, Message: fmt.Sprintf("something is said of members with names like %q", pattern)}
	if len(trimmed(was.further())) == 0 && len(was.patternMembers()) == 0 && len(was.names()) == 0 && len(was.conditions) == 0 {
		ch.Effect = Compatible
	}
	return ch
}

// lists compares items: by position, then the rest.
func (c *comparer) lists(was, is *shape) []Change {
	out := sizes("size", "items", was, is)
	if was.unique != is.unique {
		ch := Change{Rule: "unique", Effect: Compatible, Message: "no item is there twice"}
		if was.unique {
			ch.Effect, ch.Message = Breaking, "the same item may be there twice"
		}
		out = append(out, ch)
	}
	positions := max(was.positions(), is.positions())
	for i := range min(positions, mostChanges) {
		out = append(out, at(strconv.Itoa(i), c.compare(was.item(i), is.item(i)))...)
	}
	return append(out, at("*", c.compare(was.item(positions), is.item(positions)))...)
}

package infer

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// place is what was seen at one place of an event's body.
type place struct {
	seen                                                   int
	nulls, bools, integers, decimals, strs, lists, objects int

	text    texts
	item    *place
	members map[string]*place // nil: too many names, see further
	names   []string          // in the order of their first appearance
	further *place            // of a map: all members in one
}

// texts is what was seen of the texts at a place.
type texts struct {
	formats  []string       // that every text had
	counts   map[string]int // by text; nil: too many
	decimals int
}

const (
	mostListed    = 12 // texts that are counted
	longestListed = 60
)

// see notes a value, so many levels down. What lies very deep is not looked at.
func (in *inference) see(p *place, v any, depth int) {
	p.seen++
	switch v := v.(type) {
	case nil:
		p.nulls++
	case bool:
		p.bools++
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			p.decimals++
		} else {
			p.integers++
		}
	case string:
		p.strs++
		p.text.see(v, p.strs == 1)
	case []any:
		p.lists++
		if depth == mostDepth {
			return
		}
		for _, item := range v {
			if p.item == nil {
				if !in.room() {
					return
				}
				p.item = &place{}
			}
			in.see(p.item, item, depth+1)
		}
	case *object:
		p.objects++
		if depth < mostDepth {
			in.seeMembers(p, v, depth+1)
		}
	}
}

// room reports whether one more place may be made.
func (in *inference) room() bool {
	if in.nodes == 0 {
		in.crowded = true
		return false
	}
	in.nodes--
	return true
}

func (in *inference) seeMembers(p *place, of *object, depth int) {
	if p.members == nil && p.further == nil {
		p.members = map[string]*place{}
	}
	for _, name := range of.names {
		if p.further == nil && p.members[name] == nil {
			if len(p.names) == mostMembers || len(name) > longestName || !in.room() {
				p.collapse()
				in.crowded = true
			} else {
				p.members[name] = &place{}
				p.names = append(p.names, name)
			}
		}
		if p.further != nil {
			in.see(p.further, of.values[name], depth)
			continue
		}
		in.see(p.members[name], of.values[name], depth)
	}
}

// collapse makes a map of an object: what was seen of the members becomes one.
func (p *place) collapse() {
	p.further = &place{}
	for _, name := range p.names {
		p.further.merge(p.members[name])
	}
	p.members, p.names = nil, nil
}

// merge adds what was seen at another place.
func (p *place) merge(o *place) {
	first := p.strs == 0
	p.seen += o.seen
	p.nulls += o.nulls
	p.bools += o.bools
	p.integers += o.integers
	p.decimals += o.decimals
	p.strs += o.strs
	p.lists += o.lists
	p.objects += o.objects
	if o.strs > 0 {
		p.text.merge(&o.text, first)
	}
	if o.item != nil {
		if p.item == nil {
			p.item = &place{}
		}
		p.item.merge(o.item)
	}
	p.mergeMembers(o)
}

func (p *place) mergeMembers(o *place) {
	if o.further != nil && p.further == nil {
		p.collapse()
	}
	switch {
	case o.further != nil:
		p.further.merge(o.further)
	case p.further != nil:
		for _, name := range o.names {
			p.further.merge(o.members[name])
		}
	default:
		for _, name := range o.names {
			if p.members == nil {
				p.members = map[string]*place{}
			}
			if p.members[name] == nil {
				p.members[name] = &place{}
				p.names = append(p.names, name)
			}
			p.members[name].merge(o.members[name])
		}
		if len(p.names) > mostMembers {
			p.collapse()
		}
	}
}

// see notes a text.
func (t *texts) see(s string, first bool) {
	if first {
		t.formats, t.counts = formatsOf(s, formats), map[string]int{}
	} else if len(t.formats) > 0 {
		t.formats = formatsOf(s, t.formats)
	}
	if decimalText.MatchString(s) {
		t.decimals++
	}
	if t.counts == nil {
		return
	}
	t.counts[s]++
	if len(t.counts) > mostListed || len(s) > longestListed || !utf8.ValidString(s) {
		t.counts = nil
	}
}

func (t *texts) merge(o *texts, first bool) {
	t.decimals += o.decimals
	if first {
		t.formats, t.counts = slices.Clone(o.formats), map[string]int{}
	} else {
		t.formats = slices.DeleteFunc(t.formats, func(f string) bool { return !slices.Contains(o.formats, f) })
	}
	if o.counts == nil {
		t.counts = nil
	}
	if t.counts == nil {
		return
	}
	for s, n := range o.counts {
		t.counts[s] += n
	}
	if len(t.counts) > mostListed {
		t.counts = nil
	}
}

var decimalText = regexp.MustCompile(`^-?[0-9]{1,18}\.[0-9]{1,18}$`)

// few is how many samples of a thing say little.
const few = 3

// listed are the values of a text that has few of them: each was seen often, so
// that another one is unlikely. nil where that cannot be said.
func (t *texts) listed(seen int) []string {
	const often, enough = 10, 30
	if len(t.counts) < 2 || seen < enough || seen < len(t.counts)*often {
		return nil
	}
	var out []string
	for s, n := range t.counts {
		if n < few || !codeText.MatchString(s) {
			return nil
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

// codeText is a text that a program chose. Numbers are no list of values.
var codeText = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.:/\-]*$`)

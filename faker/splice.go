package faker

import (
	"strconv"

	"github.com/hookrig/hookrig/contracts/schema"
)

// The functions here change JSON texts that we have made ourselves, without
// white space, and leave every other byte as it is.

// skip returns the end of the value that begins at i.
func skip(b []byte, i int) int {
	switch b[i] {
	case '"':
		for i++; b[i] != '"'; i++ {
			if b[i] == '\\' {
				i++
			}
		}
		return i + 1
	case '{', '[':
		depth := 0
		for ; ; i++ {
			switch b[i] {
			case '"':
				i = skip(b, i) - 1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
	}
	for i < len(b) && b[i] != ',' && b[i] != '}' && b[i] != ']' {
		i++
	}
	return i
}

// A child is where a member or element stands in a text.
type child struct {
	name       string
	start      int // of the member, its name included
	value, end int
}

// children lists what an object or list at i holds.
func children(b []byte, i int) []child {
	var cs []child
	object := b[i] == '{'
	for i++; b[i] != '}' && b[i] != ']'; {
		c := child{start: i}
		if object {
			end := skip(b, i)
			if v, err := decode(b[i:end]); err == nil {
				c.name, _ = v.(string)
			}
			i = end + 1
		} else {
			c.name = strconv.Itoa(len(cs))
		}
		c.value = i
		i = skip(b, i)
		c.end = i
		cs = append(cs, c)
		if b[i] == ',' {
			i++
		}
	}
	return cs
}

func holds(b []byte, i int) bool { return b[i] == '{' || b[i] == '[' }

// splice puts value at the tokens' place, and what is missing on the way.
func splice(b []byte, tokens []string, value []byte, root *schema.Node) []byte {
	i := 0
	at := []*schema.Node{root}
walk:
	for depth, t := range tokens {
		if !holds(b, i) {
			// Another branch of the schema: the value that stands here gives way.
			end := skip(b, i)
			return replace(b, i, end, wrap(tokens[depth:], value))
		}
		cs := children(b, i)
		for _, c := range cs {
			if c.name == t {
				i = c.value
				at, _ = step(at, t)
				continue walk
			}
		}
		if b[i] == '[' { // beyond the last element: it becomes the last
			return insert(b, i, cs, len(cs), wrap(tokens[depth+1:], value))
		}
		member := append(append(quoted(t), ':'), wrap(tokens[depth+1:], value)...)
		return insert(b, i, cs, whereTo(at, cs, t), member)
	}
	return replace(b, i, skip(b, i), value)
}

// wrap puts value into new objects and lists.
func wrap(tokens []string, value []byte) []byte {
	for i := len(tokens) - 1; i >= 0; i-- {
		if _, ok := index(tokens[i]); ok {
			value = append(append([]byte{'['}, value...), ']')
			continue
		}
		value = append(append(append(append([]byte{'{'}, quoted(tokens[i])...), ':'), value...), '}')
	}
	return value
}

func replace(b []byte, start, end int, value []byte) []byte {
	out := make([]byte, 0, len(b)+len(value))
	out = append(append(out, b[:start]...), value...)
	return append(out, b[end:]...)
}

// insert puts a member or element before child number n of the object or list
// at i.
func insert(b []byte, i int, cs []child, n int, text []byte) []byte {
	switch {
	case len(cs) == 0:
		return replace(b, i+1, i+1, text)
	case n == len(cs):
		end := cs[n-1].end
		return replace(b, end, end, append([]byte{','}, text...))
	}
	return replace(b, cs[n].start, cs[n].start, append(text, ','))
}

// whereTo is where a new member belongs in the order of the schema.
func whereTo(at []*schema.Node, cs []child, name string) int {
	rank := map[string]int{}
	for _, n := range everywhere(at) {
		for _, p := range n.Properties {
			if _, ok := rank[p.Name]; !ok {
				rank[p.Name] = len(rank)
			}
		}
	}
	own, ok := rank[name]
	if !ok {
		return len(cs)
	}
	for i, c := range cs {
		if r, ok := rank[c.name]; ok && r > own {
			return i
		}
	}
	return len(cs)
}

// remove takes the member or element away, if it is there.
func remove(b []byte, tokens []string) []byte {
	i := 0
walk:
	for depth, t := range tokens {
		if !holds(b, i) {
			return b
		}
		cs := children(b, i)
		for n, c := range cs {
			if c.name != t {
				continue
			}
			if depth < len(tokens)-1 {
				i = c.value
				continue walk
			}
			start, end := c.start, c.end
			switch {
			case n+1 < len(cs):
				end = cs[n+1].start
			case n > 0:
				start = cs[n-1].end
			}
			return replace(b, start, end, nil)
		}
		return b
	}
	return b
}

package schema

import (
	"slices"
	"strconv"
	"strings"
)

// source is a document of a set while it is compiled, with the names that its
// schemas give themselves.
type source struct {
	doc *Document
	// resources are the schemas with an "$id", and the document itself, by
	// pointer; ids are their pointers by absolute URL.
	resources map[string]*resource
	ids       map[string]string
	meta      func(schema string) (meta, bool) // what a "$schema" means
}

// resource is a schema that has a URL of its own.
type resource struct {
	pointer string
	base    string // its URL: where relative references in it start
	meta
	// anchors are the places that have a name in it. Dynamic ones may mean
	// the place of the same name in another resource, see scope.
	anchors, dynamic map[string]string
}

// recursiveAnchor stands for the one dynamic anchor that 2019-09 knows.
const recursiveAnchor = "$recursiveAnchor"

func (c *compiler) source(d *Document, u string) *source {
	s := &source{doc: d, resources: map[string]*resource{}, ids: map[string]string{}, meta: c.meta}
	s.add(&resource{base: u, meta: meta{dialect: c.dialect}})
	s.index(d.value, nil, s.resources[""])
	return s
}

func (s *source) add(r *resource) *resource {
	r.anchors, r.dynamic = map[string]string{}, map[string]string{}
	s.resources[r.pointer] = r
	s.ids[r.base] = r.pointer
	return r
}

// index collects the names below a value. It does not know which values are
// schemas, so it may find names that nothing can refer to; that does no harm.
func (s *source) index(v any, path []string, in *resource) {
	switch v := v.(type) {
	case map[string]any:
		in = s.enter(v, path, in)
		for name, child := range v {
			s.index(child, append(path, name), in)
		}
	case []any:
		for i, child := range v {
			if _, object := child.(map[string]any); object {
				s.index(child, append(path, strconv.Itoa(i)), in)
			}
		}
	}
}

// enter notes the names that an object gives itself and returns the resource
// that it belongs to.
func (s *source) enter(object map[string]any, path []string, in *resource) *resource {
	rules := in.meta
	if u := stringAt(object, "$schema"); u != "" {
		own, ok := s.meta(u)
		if ok && (len(path) == 0 || own.dialect.id(object) != "") {
			rules = own
		}
	}
	dialect := rules.dialect
	id := dialect.id(object)
	if _, ref := object["$ref"]; ref && dialect.old() {
		return in
	}
	ref, anchor, _ := strings.Cut(id, "#")
	if len(path) == 0 {
		in.meta = rules
	}
	if ref != "" {
		if u := resolveURL(in.base, ref); u != "" {
			in = s.add(&resource{pointer: join(path), base: u, meta: rules})
		}
	}
	if !dialect.old() {
		anchor = stringAt(object, "$anchor")
	}
	if anchor != "" {
		in.anchors[anchor] = join(path)
	}
	if dynamic := stringAt(object, "$dynamicAnchor"); dynamic != "" && !dialect.old() {
		in.anchors[dynamic], in.dynamic[dynamic] = join(path), join(path)
	}
	if object[recursiveAnchor] == true && dialect == Draft19 {
		in.dynamic[recursiveAnchor] = join(path)
	}
	return in
}

func stringAt(object map[string]any, name string) string {
	s, _ := object[name].(string)
	return s
}

// resourceOf is the resource that a place belongs to.
func (s *source) resourceOf(pointer string) *resource {
	for {
		if r := s.resources[pointer]; r != nil {
			return r
		}
		pointer = pointer[:strings.LastIndexByte(pointer, '/')]
	}
}

func (r *resource) anchorNames() []string {
	var names []string
	for name := range r.anchors {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

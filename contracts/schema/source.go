package schema

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// source is a document of a set while it is compiled, with the names that its
// schemas give themselves.
type source struct {
	doc *Document
	url string
	old bool // before 2019-09, where "$ref" stands alone
	id  string
	// resources are the places of the schemas with an "$id", by absolute URL;
	// bases is the inverse.
	resources map[string]string
	bases     map[string]string
	// anchors are places by resource and name; dynamic are those of them that
	// a reference finds by the way that it was reached.
	anchors map[[2]string]string
	dynamic map[string]map[string]string
}

func newSource(d *Document, u string, dialect Dialect) *source {
	draft := drafts[dialect]
	if root, ok := d.value.(map[string]any); ok {
		if s, ok := root["$schema"].(string); ok {
			if standard, ok := standardDialect(s); ok {
				draft = drafts[standard]
			}
		}
	}
	s := &source{
		doc: d, url: u, id: "$id",
		old:       draft != jsonschema.Draft2019 && draft != jsonschema.Draft2020,
		resources: map[string]string{u: ""}, bases: map[string]string{"": u}, anchors: map[[2]string]string{},
		dynamic: map[string]map[string]string{},
	}
	if draft == jsonschema.Draft4 {
		s.id = "id"
	}
	s.index(d.value, nil, u)
	return s
}

// index collects the names below a value. It does not know which values are
// schemas, so it may find names that nothing can refer to; that does no harm.
func (s *source) index(v any, names []string, base string) {
	switch v := v.(type) {
	case map[string]any:
		base = s.enter(v, names, base)
		for name, child := range v {
			s.index(child, append(names, name), base)
		}
	case []any:
		for i, child := range v {
			if _, object := child.(map[string]any); object {
				s.index(child, append(names, strconv.Itoa(i)), base)
			}
		}
	}
}

// enter notes the names that an object gives itself and returns the base URL
// inside it.
func (s *source) enter(object map[string]any, names []string, base string) string {
	if _, ref := object["$ref"]; ref && s.old {
		return base
	}
	id, _ := object[s.id].(string)
	ref, anchor, _ := strings.Cut(id, "#")
	if ref != "" {
		if u := resolveURL(base, ref); u != "" {
			base = u
			s.resources[u] = join(names)
			s.bases[join(names)] = u
		}
	}
	if !s.old {
		anchor = ""
	}
	for _, name := range [...]any{anchor, object["$anchor"], object["$dynamicAnchor"]} {
		if name, ok := name.(string); ok && name != "" {
			s.anchors[[2]string{base, name}] = join(names)
		}
	}
	if name, ok := object["$dynamicAnchor"].(string); ok && !s.old {
		s.enterDynamic(base, name, join(names))
	}
	if object["$recursiveAnchor"] == true && !s.old {
		s.enterDynamic(base, recursiveAnchor, join(names))
	}
	return base
}

// recursiveAnchor stands for the one dynamic anchor that 2019-09 knows.
const recursiveAnchor = "$recursiveAnchor"

func (s *source) enterDynamic(base, name, pointer string) {
	if s.dynamic[base] == nil {
		s.dynamic[base] = map[string]string{}
	}
	s.dynamic[base][name] = pointer
}

// resourceOf is the resource that a place belongs to.
func (s *source) resourceOf(pointer string) (base, resource string) {
	for {
		if u, ok := s.bases[pointer]; ok {
			return u, pointer
		}
		pointer = pointer[:strings.LastIndexByte(pointer, '/')]
	}
}

// root is the "$id" of the whole document.
func (s *source) root() (string, bool) {
	u, ok := s.bases[""]
	return u, ok
}

func (s *source) anchorNames(base string) []string {
	var names []string
	for key := range s.anchors {
		if key[0] == base {
			names = append(names, key[1])
		}
	}
	slices.Sort(names)
	return names
}

// standardDialect reads a "$schema".
func standardDialect(u string) (Dialect, bool) {
	u = strings.TrimSuffix(u, "#")
	if !isStandard(u) {
		return "", false
	}
	for _, d := range []Dialect{Draft4, Draft6, Draft7, Draft19, Draft20} {
		if strings.HasSuffix(u, string(d)+"/schema") {
			return d, true
		}
	}
	return Draft20, strings.HasSuffix(u, ".org/schema")
}

// heard is the document without the "const"s that its dialect ignores, because
// they stand beside a "$ref": the validator would listen to them. Nothing is
// copied where there are none.
func (s *source) heard() any {
	if !s.old {
		return s.doc.value
	}
	v, _ := withoutIgnored(s.doc.value)
	return v
}

func withoutIgnored(v any) (heard any, changed bool) {
	switch v := v.(type) {
	case map[string]any:
		copied := v
		set := func(name string, child any) {
			if !changed {
				copied, changed = maps.Clone(v), true
			}
			copied[name] = child
		}
		for name, child := range v {
			if child, replaced := withoutIgnored(child); replaced {
				set(name, child)
			}
		}
		if _, ref := v["$ref"].(string); ref {
			if ignored, ok := v["const"]; ok {
				set("const", ignored)
				delete(copied, "const")
			}
		}
		return copied, changed
	case []any:
		list := v
		for i, item := range v {
			if item, replaced := withoutIgnored(item); replaced {
				if !changed {
					list, changed = slices.Clone(v), true
				}
				list[i] = item
			}
		}
		return list, changed
	}
	return v, false
}

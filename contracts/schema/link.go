package schema

import (
	"errors"
	"io/fs"
	"maps"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// setScheme is the scheme of the URLs that files of a document set have while
// they are compiled.
const setScheme = "set"

// setURL is the URL of a file of the set.
func setURL(name string) string {
	return (&url.URL{Scheme: setScheme, Path: "/" + name}).String()
}

// setName is the inverse of setURL.
func setName(u string) (string, bool) {
	parsed, err := url.Parse(u)
	if err != nil || parsed.Scheme != setScheme {
		return "", false
	}
	return strings.TrimPrefix(parsed.Path, "/"), true
}

// rootName is the name of a document below the root of its set.
func rootName(name string) string {
	if fs.ValidPath(name) && name != "." {
		return name
	}
	return path.Base("/" + strings.ReplaceAll(name, "\\", "/"))
}

// link follows every reference that can be reached from a schema and refuses
// the bad ones, before anything is compiled. It is what asks the Loader.
func (c *compiler) link(root site, o Options) error {
	fresh := map[site]bool{}
	targets := map[site]site{}
	todo := []site{root}
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		object, ok := c.object(at)
		if !ok || c.linked[at] || fresh[at] {
			continue
		}
		if fresh[at] = true; len(fresh) > maxSchemas {
			return c.errorAt(root, "more than %d schemas belong to this one", maxSchemas)
		}
		if err := c.checkKeywords(at, root, object); err != nil {
			return err
		}
		for _, keyword := range refKeywords {
			ref, ok := object[keyword].(string)
			if !ok {
				continue
			}
			target, err := c.resolve(at, keyword, ref, o)
			if err != nil {
				return err
			}
			if target != (site{}) {
				targets[at.child(keyword)] = target
				todo = append(todo, target)
			}
		}
		if !c.alone(at, object) {
			todo = append(todo, subschemas(at, object)...)
		}
	}
	maps.Copy(c.linked, fresh)
	maps.Copy(c.targets, targets)
	return nil
}

// object is the schema object at a site.
func (c *compiler) object(at site) (map[string]any, bool) {
	doc := c.docs[at.doc]
	if doc == nil {
		return nil, false
	}
	v, _ := doc.doc.Lookup(at.pointer)
	object, ok := v.(map[string]any)
	return object, ok
}

// alone reports whether a schema has a "$ref" that makes its dialect ignore
// everything beside it.
func (c *compiler) alone(at site, object map[string]any) bool {
	_, ref := object["$ref"].(string)
	return ref && c.docs[at.doc].old
}

// maxSchemas bounds how many schemas one compilation may take in.
const maxSchemas = 20_000

var refKeywords = []string{"$ref", "$recursiveRef", "$dynamicRef"}

// Keywords that hold schemas, by how they hold them. A dialect that does not
// know one of them ignores it, so a reference below it is checked in vain.
var (
	schemaKeywords = []string{
		"not", "if", "then", "else", "additionalProperties", "propertyNames", "unevaluatedProperties",
		"items", "additionalItems", "contains", "unevaluatedItems",
	}
	schemaListKeywords = []string{"allOf", "anyOf", "oneOf", "prefixItems", "items"}
	schemaMapKeywords  = []string{"properties", "patternProperties", "dependentSchemas", "dependencies"}
)

// subschemas are the schemas that stand directly in a schema, those behind
// references not counted.
func subschemas(at site, object map[string]any) []site {
	var sites []site
	for _, keyword := range schemaKeywords {
		if _, ok := object[keyword].(map[string]any); ok {
			sites = append(sites, at.child(keyword))
		}
	}
	for _, keyword := range schemaListKeywords {
		list, _ := object[keyword].([]any)
		for i := range list {
			sites = append(sites, at.child(keyword, strconv.Itoa(i)))
		}
	}
	for _, keyword := range schemaMapKeywords {
		members, _ := object[keyword].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(members)) {
			sites = append(sites, at.child(keyword, name))
		}
	}
	return sites
}

// resolve finds what a reference names. The zero site stands for schemas that
// are always known: those of the standard dialects.
func (c *compiler) resolve(at site, keyword, ref string, o Options) (site, error) {
	fail := func(hint, format string, args ...any) (site, error) {
		e := c.errorAt(at.child(keyword), "%s %s "+format, append([]any{keyword, quote(ref)}, args...)...)
		e.Hint = hint
		return site{}, e
	}
	rawPath, rawFragment, _ := strings.Cut(ref, "#")
	fragment, err := url.PathUnescape(rawFragment)
	if err != nil {
		return fail("", "is no URI reference")
	}
	doc := c.docs[at.doc]
	base, resource := doc.resourceOf(at.pointer)
	if rawPath != "" {
		u := resolveURL(base, rawPath)
		if u == "" {
			return fail("", "is no URI reference")
		}
		if r, ok := doc.resources[u]; ok {
			base, resource = u, r
		} else if isStandard(u) {
			return site{}, nil
		} else if doc, err = c.document(base, rawPath, u, o); err != nil {
			var known *Error
			var refused *refusal
			switch {
			case errors.As(err, &known):
				return site{}, known
			case errors.As(err, &refused):
				return fail(refused.hint, "%s", refused.why)
			case errors.Is(err, fs.ErrNotExist):
				return fail("", "names a file that does not exist")
			}
			return fail("", "cannot be loaded: %v", err)
		} else {
			base, resource = doc.url, ""
			if id, ok := doc.root(); ok {
				base = id
			}
		}
	}
	target := site{doc.url, resource + fragment}
	if fragment != "" && fragment[0] != '/' {
		place, ok := doc.anchors[[2]string{base, fragment}]
		if !ok {
			return fail(didYouMean(fragment, doc.anchorNames(base)), "names an anchor that does not exist")
		}
		target.pointer = place
	}
	if _, ok := doc.doc.Lookup(target.pointer); !ok {
		e := c.missing(at.child(keyword), target)
		e.Message = keyword + " " + quote(ref) + ": " + e.Message
		return site{}, e
	}
	return target, nil
}

// missing explains that nothing stands at a pointer, with the nearest names.
func (c *compiler) missing(at, target site) *Error {
	e := c.errorAt(at, "nothing stands at %s", quote(target.pointer))
	names, ok := split(target.pointer)
	if !ok {
		e.Hint = "a JSON Pointer begins with a slash"
		return e
	}
	v := c.docs[target.doc].doc.value
	for i, name := range names {
		child, ok := step(v, name)
		if ok {
			v = child
			continue
		}
		if object, ok := v.(map[string]any); ok {
			candidates := slices.Sorted(maps.Keys(object))
			if near := Nearest(name, candidates); len(near) > 0 {
				e.Hint = "did you mean " + quote(join(append(slices.Clone(names[:i]), near[0]))) + "?"
			} else {
				e.Hint = didYouMean(name, candidates)
			}
		}
		break
	}
	return e
}

// refusal is a reference that is not even looked at.
type refusal struct{ why, hint string }

func (r *refusal) Error() string { return r.why }

// document fetches another file of the set for a reference with base URL base.
func (c *compiler) document(base, ref, u string, o Options) (*source, error) {
	if c.remote != nil && !strings.HasPrefix(u, setScheme+":") {
		if s := c.docs[u]; s != nil {
			return s, nil
		}
		if d := c.remote(u); d != nil {
			c.docs[u] = newSource(d, u, c.dialect)
			return c.docs[u], nil
		}
	}
	name, err := fileName(base, ref)
	if err != nil {
		return nil, err
	}
	u = setURL(name)
	if s := c.docs[u]; s != nil {
		return s, nil
	}
	if o.Load == nil {
		return nil, &refusal{"names another file, but no other files can be loaded here", ""}
	}
	d, err := o.Load(name)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return nil, fs.ErrNotExist
	}
	c.docs[u] = newSource(d, u, c.dialect)
	return c.docs[u], nil
}

// fileName is the file of the set that a reference names. Anything that is
// not plainly a relative path is refused: what is unusual here has no honest
// use.
func fileName(base, ref string) (string, error) {
	const onlyFiles = "only files of this document set can be referred to: save the schema beside the document and write a relative path"
	parsed, err := url.Parse(ref)
	lower := strings.ToLower(ref)
	switch {
	case err != nil:
		return "", &refusal{"is no URI reference", ""}
	case parsed.IsAbs() || parsed.Host != "" || parsed.User != nil || strings.HasPrefix(ref, "//"):
		return "", &refusal{"is a URL", onlyFiles}
	case strings.HasPrefix(ref, "/"), strings.ContainsAny(ref, "\\\x00"):
		return "", &refusal{"is no relative path", onlyFiles}
	case parsed.RawQuery != "" || parsed.ForceQuery,
		strings.Contains(lower, "%2e"), strings.Contains(lower, "%2f"), strings.Contains(lower, "%5c"), strings.Contains(lower, "%00"):
		return "", &refusal{"is not written as a plain path", onlyFiles}
	}
	from, ok := setName(base)
	if !ok {
		return "", &refusal{"is a URL because of the \"$id\" " + quote(base) + " around it", "remove the $id, or refer to what stands in this document"}
	}
	name := path.Join(path.Dir(from), parsed.Path)
	if !fs.ValidPath(name) || name == "." {
		return "", &refusal{"leaves the folder of the document set", ""}
	}
	return name, nil
}

// isStandard reports whether a URL names a standard dialect.
func isStandard(u string) bool {
	rest, ok := strings.CutPrefix(u, "http://json-schema.org/")
	if !ok {
		rest, ok = strings.CutPrefix(u, "https://json-schema.org/")
	}
	if !ok {
		return false
	}
	for d := range drafts {
		if rest == string(d)+"/schema" || strings.HasPrefix(rest, "draft/"+string(d)+"/") && d != "" {
			return true
		}
	}
	return rest == "schema"
}

// resolveURL is a reference made absolute, "" where it is none.
func resolveURL(base, ref string) string {
	b, err := url.Parse(base)
	if err != nil {
		return ""
	}
	r, err := url.Parse(ref)
	if err != nil {
		return ""
	}
	u := b.ResolveReference(r)
	if !r.IsAbs() && b.Opaque != "" {
		u.Opaque = b.Opaque
	}
	return u.String()
}

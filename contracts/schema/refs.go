package schema

import (
	"errors"
	"io/fs"
	"maps"
	"net/url"
	"path"
	"slices"
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
	if base := path.Base("/" + strings.ReplaceAll(name, "\\", "/")); base != "/" {
		return base
	}
	return "document"
}

// refusal is why a reference is not good.
type refusal struct{ why, hint string }

func (r *refusal) Error() string { return r.why }

// resolve finds what the reference under a keyword of a schema names. The zero
// site stands for the schemas of the standard dialects, which are always
// known.
func (c *compiler) resolve(at site, keyword, ref string, load Loader) (site, error) {
	target, err := c.find(at, ref, load)
	var known *Error
	var refused *refusal
	var missing *missingError
	switch {
	case err == nil:
		return target, nil
	case errors.As(err, &known):
		return site{}, known
	case errors.As(err, &missing):
		e := c.missing(at.child(keyword), missing.target)
		e.Message = keyword + " " + quote(ref) + ": " + e.Message
		return site{}, e
	case errors.As(err, &refused):
	case errors.Is(err, fs.ErrNotExist):
		refused = &refusal{why: "names a file that does not exist"}
	default:
		refused = &refusal{why: "cannot be loaded: " + err.Error()}
	}
	e := c.errorAt(at.child(keyword), "%s %s %s", keyword, quote(ref), refused.why)
	e.Hint = refused.hint
	return site{}, e
}

// find is resolve without the words around its errors.
func (c *compiler) find(at site, ref string, load Loader) (site, error) {
	ref, fragment, _ := strings.Cut(ref, "#")
	fragment, err := url.PathUnescape(fragment)
	if err != nil {
		return site{}, &refusal{why: "is no URI reference"}
	}
	docURL, doc := at.doc, c.docs[at.doc]
	in := doc.resourceOf(at.pointer)
	if ref != "" {
		u := resolveURL(in.base, ref)
		if u == "" {
			return site{}, &refusal{why: "is no URI reference"}
		}
		if pointer, ok := doc.ids[u]; ok {
			in = doc.resources[pointer]
		} else if isStandard(u) {
			return site{}, nil
		} else if docURL, doc, err = c.document(in.base, ref, u, load); err != nil {
			return site{}, err
		} else {
			in = doc.resources[""]
		}
	}
	target := site{docURL, in.pointer + fragment}
	if fragment != "" && fragment[0] != '/' {
		place, ok := in.anchors[fragment]
		if !ok {
			return site{}, &refusal{"names an anchor that does not exist", didYouMean(fragment, in.anchorNames())}
		}
		target.pointer = place
	}
	if _, ok := doc.doc.Lookup(target.pointer); !ok {
		return site{}, &missingError{target}
	}
	return target, nil
}

// standardReference is the whole URL of a "$ref" that names a schema of a
// standard dialect. It may be written in relation to a base that a bundle does
// not have.
func (c *compiler) standardReference(at site, keyword string, object map[string]any) (string, bool) {
	ref, ok := object[keyword].(string)
	if !ok || keyword != "$ref" || strings.HasPrefix(ref, "#") {
		return "", false
	}
	ref, fragment, has := strings.Cut(ref, "#")
	u := resolveURL(c.docs[at.doc].resourceOf(at.pointer).base, ref)
	whole := u
	if has {
		whole += "#" + fragment
	}
	return whole, isStandard(u)
}

// missingError says that nothing stands where a reference leads.
type missingError struct{ target site }

func (e *missingError) Error() string { return "nothing stands at " + quote(e.target.pointer) }

// missing explains that nothing stands at a pointer, with the nearest names.
func (c *compiler) missing(at, target site) *Error {
	e := c.errorAt(at, "%v", &missingError{target})
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

// document fetches another file of the set for a reference.
func (c *compiler) document(base, ref, u string, load Loader) (string, *source, error) {
	if d := c.remotes[u]; d != nil {
		if c.docs[u] == nil {
			c.docs[u] = c.source(d, u)
		}
		return u, c.docs[u], nil
	}
	name, err := fileName(base, ref)
	if err != nil {
		return "", nil, err
	}
	u = setURL(name)
	if s := c.docs[u]; s != nil {
		return u, s, nil
	}
	if load == nil {
		return "", nil, &refusal{why: "names another file, but no other files can be loaded here"}
	}
	d, err := load(name)
	if err != nil {
		return "", nil, err
	}
	if d == nil {
		return "", nil, fs.ErrNotExist
	}
	c.docs[u] = c.source(d, u)
	return u, c.docs[u], nil
}

// fileName is the file of the set that a reference names. Anything that is
// not plainly a relative path is refused: what is unusual here has no honest
// use.
func fileName(base, ref string) (string, error) {
	const onlyFiles = "only files of this document set can be referred to: save the schema beside the document and write a relative path"
	parsed, err := url.Parse(ref)
	lower := strings.ToLower(ref)
	encoded := func(char string) bool { return strings.Contains(lower, char) }
	last := ref[strings.LastIndexByte(ref, '/')+1:]
	switch {
	case err != nil:
		return "", &refusal{why: "is no URI reference"}
	case parsed.IsAbs() || parsed.Host != "" || parsed.User != nil:
		return "", &refusal{"is a URL", onlyFiles}
	case strings.HasPrefix(ref, "/"), strings.ContainsAny(ref, "\\\x00"):
		return "", &refusal{"is no relative path", onlyFiles}
	case parsed.RawQuery != "" || parsed.ForceQuery,
		encoded("%2e"), encoded("%2f"), encoded("%5c"), encoded("%25"), encoded("%00"):
		return "", &refusal{"is not written as a plain path", onlyFiles}
	case last == "" || last == "." || last == "..":
		return "", &refusal{why: "names a folder"}
	}
	from, ok := setName(base)
	if !ok {
		return "", &refusal{"is a URL because of the \"$id\" " + quote(base) + " around it",
			"remove the $id, or refer to what stands in this document"}
	}
	name := path.Join(path.Dir(from), parsed.Path)
	if !fs.ValidPath(name) || name == "." {
		return "", &refusal{why: "leaves the folder of the document set"}
	}
	return name, nil
}

// RelativeName is the file of a document set that a reference names, as seen
// from the document of that name. References that are URLs, absolute, spelled
// in a roundabout way, or that leave the root of the set are refused; the
// error says which.
func RelativeName(document, ref string) (string, error) {
	return fileName(setURL(rootName(document)), ref)
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

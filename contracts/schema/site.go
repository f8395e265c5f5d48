package schema

import (
	"encoding/json"
	"net/url"
	"strings"
)

// site is a place in a document set.
type site struct{ doc, pointer string } // URL of the document, JSON Pointer

// child is a site below.
func (s site) child(names ...string) site { return site{s.doc, s.pointer + join(names)} }

// form is a schema as it is in one scope: what a "$dynamicRef" means depends
// on the way that led to it, so a schema that holds one may have several.
type form struct {
	site
	scope scope
}

func (f form) child(names ...string) form { return form{f.site.child(names...), f.scope} }

// scope says what dynamic anchors mean: a JSON object from the anchor's name
// to its place, "" where there are none, as in all but a few schemas.
type scope string

func (s scope) anchors() map[string][2]string {
	anchors := map[string][2]string{}
	if s != "" {
		// The text is our own; it cannot fail.
		_ = json.Unmarshal([]byte(s), &anchors)
	}
	return anchors
}

// url is the name of a schema for the validator, which compiles it as a
// document of its own. It tells where the schema stands, so that what the
// validator says of it can be traced without asking anyone.
func (f form) url() string {
	return f.doc + "?" + url.QueryEscape(f.pointer) + "&" + url.QueryEscape(string(f.scope))
}

// formOf is where something in a schema stands, by the validator's URL.
func formOf(location string) form {
	name, fragment, _ := strings.Cut(location, "#")
	fragment, _ = url.PathUnescape(fragment)
	doc, query, ours := strings.Cut(name, "?")
	if !ours {
		return form{site{doc, fragment}, ""}
	}
	pointer, in, _ := strings.Cut(query, "&")
	pointer, _ = url.QueryUnescape(pointer)
	in, _ = url.QueryUnescape(in)
	return form{site{doc, pointer + fragment}, scope(in)}
}

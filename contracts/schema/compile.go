package schema

import (
	"errors"
	"net/url"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Loader brings the other files of a document set. The name is a slash path
// relative to the root of the set, already cleaned; names that would leave the
// root, and every URL, are refused before the Loader is asked. For one name a
// Loader gives one Document; an error from it is reported at the "$ref".
//
// A "$ref" is relative to the folder of the document that holds it. The root
// of the set is the root of the names that Read was given; a document whose
// name is no path below a root (fs.ValidPath) is taken to stand at the root.
type Loader func(name string) (*Document, error)

// Options for Compile.
type Options struct {
	// Dialect of schemas that have no "$schema"; zero means Draft7.
	Dialect Dialect
	// Load brings documents that "$ref" names; nil refuses all of them.
	Load Loader

	// remote stands in for the network in tests.
	remote func(url string) *Document
}

var drafts = map[Dialect]*jsonschema.Draft{
	"": jsonschema.Draft7, Draft4: jsonschema.Draft4, Draft6: jsonschema.Draft6, Draft7: jsonschema.Draft7,
	Draft19: jsonschema.Draft2019, Draft20: jsonschema.Draft2020,
}

// Schema is a compiled JSON Schema: immutable, safe for concurrent use.
type Schema struct {
	compiled *jsonschema.Schema
	node     func() *Node
	bundle   func() []byte
}

// Compile compiles the schema at a JSON Pointer of the document. Formats are
// asserted in every dialect; formats that nobody has defined are not. A
// "$schema" with the URL of a standard dialect selects that dialect: in the
// root of a document, in the schema that is compiled, or beside an "$id".
//
// References may name any place of the document, anchors, and other files of
// the set. Refused are references that leave the set, targets that do not
// exist, and references that lead back to themselves without entering a member
// or an item: no value could ever be judged by them.
//
// What has been compiled once is not compiled again: Compile may be called for
// each of hundreds of schemas of one document as they are needed, and from
// several goroutines at once (but not by the Loader). The error is an *Error.
func Compile(d *Document, pointer string, o Options) (*Schema, error) {
	if drafts[o.Dialect] == nil {
		return nil, d.Errorf("", "unknown dialect %q", o.Dialect)
	}
	v, exists := d.Lookup(pointer)
	if object, ok := v.(map[string]any); ok && pointer != "" {
		if u, ok := object["$schema"].(string); ok {
			if dialect, ok := standardDialect(u); ok {
				o.Dialect = dialect
			}
		}
	}
	c := d.compiler(o)
	c.mu.Lock()
	defer c.mu.Unlock()
	root := site{c.base, pointer}
	if !exists {
		return nil, c.missing(root, root)
	}
	if err := c.link(root, o); err != nil {
		return nil, err
	}
	compiled, err := c.schemas.Compile(root.url())
	if err != nil {
		return nil, c.translate(err, root)
	}
	if err := c.findLoop(compiled); err != nil {
		return nil, err
	}
	locked := func() func() { c.mu.Lock(); return c.mu.Unlock }
	return &Schema{
		compiled: compiled,
		node:     sync.OnceValue(func() *Node { defer locked()(); return c.node(compiled) }),
		bundle:   sync.OnceValue(func() []byte { defer locked()(); return c.bundle(root, compiled.DraftVersion) }),
	}, nil
}

// Node is the schema as a graph for generators. Schemas of one document share
// their nodes.
func (s *Schema) Node() *Node { return s.node() }

// Bundle is the schema as one self-contained JSON Schema document, indented,
// every $ref pointing inside it, x- members dropped, "$schema" set. The bytes
// are the same on every call.
func (s *Schema) Bundle() []byte { return append([]byte(nil), s.bundle()...) }

// compilerKey tells the compilers of one document apart: what one of them has
// accepted, the other may have to refuse.
type compilerKey struct {
	dialect Dialect
	loads   bool
}

func (d *Document) compiler(o Options) *compiler {
	key := compilerKey{o.Dialect, o.Load != nil}
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.compilers[key]
	if c == nil {
		c = newCompiler(d, o)
		if d.compilers == nil {
			d.compilers = map[compilerKey]*compiler{}
		}
		d.compilers[key] = c
	}
	return c
}

// compiler compiles the schemas of one document and of those that it refers
// to. Whoever uses it holds mu; what it has compiled does not change.
type compiler struct {
	mu      sync.Mutex
	base    string // URL of the document
	dialect Dialect
	schemas *jsonschema.Compiler
	remote  func(url string) *Document // in tests
	docs    map[string]*source         // by URL

	// What is known so far, so that it need not be found again.
	linked  map[site]bool               // schemas whose references are good
	targets map[site]site               // where those references lead
	sound   map[*jsonschema.Schema]bool // see findLoop
	weights map[*jsonschema.Schema]int  // see weigh
	nodes   map[*jsonschema.Schema]*Node

	// patterns are those of the schemas, by their text. Judging asks for
	// them too, where a body must hold a pattern, so mu is not enough.
	patterns sync.Map
}

// site is a place in a document set.
type site struct{ doc, pointer string }

// child is a site below.
func (s site) child(names ...string) site { return site{s.doc, s.pointer + join(names)} }

// url is the site as one URL.
func (s site) url() string {
	tokens := strings.Split(s.pointer, "/")
	for i, t := range tokens {
		tokens[i] = url.PathEscape(t)
	}
	return s.doc + "#" + strings.Join(tokens, "/")
}

// siteOf reads a URL that url made.
func siteOf(location string) site {
	doc, fragment, _ := strings.Cut(location, "#")
	if pointer, err := url.PathUnescape(fragment); err == nil {
		fragment = pointer
	}
	return site{doc, fragment}
}

func newCompiler(d *Document, o Options) *compiler {
	c := &compiler{
		base:    setURL(rootName(d.name)),
		dialect: o.Dialect,
		schemas: jsonschema.NewCompiler(),
		remote:  o.remote,
		docs:    map[string]*source{},
		linked:  map[site]bool{},
		targets: map[site]site{},
		sound:   map[*jsonschema.Schema]bool{},
		weights: map[*jsonschema.Schema]int{},
		nodes:   map[*jsonschema.Schema]*Node{},
	}
	c.docs[c.base] = newSource(d, c.base, o.Dialect)
	c.schemas.DefaultDraft(drafts[o.Dialect])
	c.schemas.AssertFormat()
	c.schemas.UseRegexpEngine(c.pattern)
	c.schemas.UseLoader(c)
	return c
}

// Load implements jsonschema.URLLoader with the documents that link has
// fetched, and nothing else.
func (c *compiler) Load(u string) (any, error) {
	if s := c.docs[u]; s != nil {
		return s.heard(), nil
	}
	if c.remote != nil {
		if d := c.remote(u); d != nil {
			return d.value, nil
		}
	}
	return nil, errors.New("not part of the document set")
}

// errorAt makes an *Error at a site.
func (c *compiler) errorAt(at site, format string, args ...any) *Error {
	if s := c.docs[at.doc]; s != nil {
		return s.doc.Errorf(at.pointer, format, args...)
	}
	return c.docs[c.base].doc.Errorf("", format, args...)
}

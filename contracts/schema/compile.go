package schema

import (
	"errors"
	"maps"
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
	// Remotes are documents by the absolute URL under which "$ref", and a
	// "$schema" of one's own, may name them. Nothing is ever fetched: any
	// other URL is refused, but for those of the standard dialects, which are
	// always known and cannot be replaced. References in a remote document
	// are relative to its URL.
	Remotes map[string]*Document
}

// Schema is a compiled JSON Schema: immutable, safe for concurrent use.
type Schema struct {
	compiled  *jsonschema.Schema
	patience  *patience // nil where no pattern needs it
	laborious bool      // bodies are measured before they are judged
	node      func() *Node
	bundle    func() []byte
}

// Compile compiles the schema at a JSON Pointer of the document. Formats are
// asserted in every dialect; formats that nobody has defined are not. A
// "$schema" with the URL of a standard dialect selects that dialect: in the
// root of a document, in the schema that is compiled, or beside an "$id". In
// the root or beside an "$id" it may also name one of the Remotes: a dialect of
// one's own, which is the standard dialect that its own "$schema" leads to
// without the keywords of the vocabularies that its "$vocabulary" leaves out.
// One that requires a vocabulary of its own is refused.
//
// References may name any place of the document, anchors, and other files of
// the set. Refused are references that leave the set, targets that do not
// exist, and references that lead back to themselves without entering a member
// or an item: no value could ever be judged by them.
//
// What has been compiled once is not compiled again: Compile may be called for
// each of hundreds of schemas of one document as they are needed, and from
// several goroutines at once (but not by the Loader). Only what a schema
// refers to is looked at; a mistake elsewhere in the document does not matter.
// The error is an *Error.
func Compile(d *Document, pointer string, o Options) (*Schema, error) {
	if o.Dialect == "" {
		o.Dialect = Draft7
	}
	if drafts[o.Dialect] == nil {
		e := d.Errorf("", "unknown dialect %q", o.Dialect)
		e.Hint = didYouMean(string(o.Dialect), dialectNames())
		return nil, e
	}
	if err := o.remotes(d); err != nil {
		return nil, err
	}
	v, exists := d.Lookup(pointer)
	if object, ok := v.(map[string]any); ok {
		if dialect, ok := standardDialect(stringAt(object, "$schema")); ok {
			o.Dialect = dialect
		}
	}
	c := d.compiler(o)
	c.mu.Lock()
	defer c.mu.Unlock()
	at := site{c.base, pointer}
	if !exists {
		return nil, c.missing(at, at)
	}
	root := form{at, c.enter("", at)}
	compiled, err := c.compile(root, o.Load)
	if err != nil {
		return nil, err
	}
	locked := func() func() { c.mu.Lock(); return c.mu.Unlock }
	s := &Schema{
		compiled: compiled, laborious: c.burden(compiled).laborious(),
		node:   sync.OnceValue(func() *Node { defer locked()(); return c.node(compiled) }),
		bundle: sync.OnceValue(func() []byte { defer locked()(); return c.bundle(root) }),
	}
	if c.patience.needed {
		s.patience = &c.patience
	}
	return s, nil
}

// remotes checks the URLs of the Remotes and takes the empty fragment off them
// that identifiers of old dialects end with.
func (o *Options) remotes(d *Document) error {
	trimmed := false
	for u := range o.Remotes {
		name := strings.TrimSuffix(u, "#")
		if parsed, err := url.Parse(name); err != nil || !parsed.IsAbs() || strings.Contains(name, "#") {
			e := d.Errorf("", "the remote document %s has no absolute URL", quote(u))
			e.Hint = "write it like https://example.com/order.schema.json"
			return e
		}
		trimmed = trimmed || name != u
	}
	if !trimmed {
		return nil
	}
	given := o.Remotes
	o.Remotes = make(map[string]*Document, len(given))
	for u, doc := range given {
		o.Remotes[strings.TrimSuffix(u, "#")] = doc
	}
	return nil
}

// Node is the schema as a graph for generators. Schemas of one document share
// their nodes.
func (s *Schema) Node() *Node { return s.node() }

// Bundle is the schema as one self-contained JSON Schema document, indented,
// every $ref pointing inside it, x- members dropped, "$schema" set. The bytes
// are the same on every call. References to the schemas of the standard
// dialects stay as they are.
func (s *Schema) Bundle() []byte { return append([]byte(nil), s.bundle()...) }

// compiler finds or makes the compiler for a set of options: what one of them
// has accepted, the other may have to refuse.
func (d *Document) compiler(o Options) *compiler {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.compilers {
		if c.dialect == o.Dialect && c.loads == (o.Load != nil) && maps.Equal(c.remotes, o.Remotes) {
			return c
		}
	}
	c := newCompiler(d, o)
	d.compilers = append(d.compilers, c)
	return c
}

// compiler compiles the schemas of one document and of those that it refers
// to. Whoever uses it holds mu; what it has compiled does not change.
type compiler struct {
	mu      sync.Mutex
	base    string // URL of the document
	dialect Dialect
	loads   bool
	remotes map[string]*Document
	schemas *jsonschema.Compiler
	docs    map[string]*source // by URL

	// What is known so far, so that it need not be found again.
	units    map[form]*unit
	targets  map[form]form // see linker
	compiled map[form]*jsonschema.Schema
	sound    map[*jsonschema.Schema]bool // see findLoop
	weights  map[*jsonschema.Schema]weight
	burdens  map[*jsonschema.Schema]burden
	nodes    map[form]*Node

	// patterns are those of the schemas, by their text. Judging asks for
	// them too, where a body must hold a pattern, so mu is not enough.
	patterns sync.Map
	patience patience
}

func newCompiler(d *Document, o Options) *compiler {
	c := &compiler{
		base:     setURL(rootName(d.name)),
		dialect:  o.Dialect,
		loads:    o.Load != nil,
		remotes:  maps.Clone(o.Remotes),
		schemas:  jsonschema.NewCompiler(),
		docs:     map[string]*source{},
		units:    map[form]*unit{},
		targets:  map[form]form{},
		compiled: map[form]*jsonschema.Schema{},
		sound:    map[*jsonschema.Schema]bool{},
		weights:  map[*jsonschema.Schema]weight{},
		burdens:  map[*jsonschema.Schema]burden{},
		nodes:    map[form]*Node{},
	}
	c.docs[c.base] = c.source(d, c.base)
	c.schemas.DefaultDraft(drafts[o.Dialect])
	c.schemas.AssertFormat()
	c.schemas.RegisterFormat(uriTemplate)
	c.schemas.UseRegexpEngine(c.pattern)
	c.schemas.UseLoader(noLoader{})
	return c
}

// noLoader is the validator's way to the world: there is none. All that it
// may see, link has shown it.
type noLoader struct{}

func (noLoader) Load(string) (any, error) { return nil, errors.New("not part of the document set") }

// compile links and compiles a schema.
func (c *compiler) compile(root form, load Loader) (*jsonschema.Schema, error) {
	if err := c.link(root, load); err != nil {
		return nil, err
	}
	if err := c.compileUnit(c.units[root]); err != nil {
		return nil, err
	}
	compiled := c.compiled[root]
	if err := c.findLoop(compiled); err != nil {
		return nil, err
	}
	return compiled, nil
}

// compileUnit compiles a unit after those that it refers to: the validator is
// slow with many new schemas at a time.
func (c *compiler) compileUnit(u *unit) error {
	if u.compiling || c.compiled[u.form] != nil {
		return nil
	}
	u.compiling = true
	defer func() { u.compiling = false }()
	for _, ref := range u.refs {
		if err := c.compileUnit(c.units[ref]); err != nil {
			return err
		}
	}
	compiled, err := c.schemas.Compile(u.url())
	if err != nil {
		return c.translate(err, u.site)
	}
	c.compiled[u.form] = compiled
	return nil
}

// errorAt makes an *Error at a site.
func (c *compiler) errorAt(at site, format string, args ...any) *Error {
	if s := c.docs[at.doc]; s != nil {
		return s.doc.Errorf(at.pointer, format, args...)
	}
	return c.docs[c.base].doc.Errorf("", format, args...)
}

package contracts

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"strings"
	"sync"

	"github.com/hookrig/hookrig/contracts/schema"
)

// Budgets of a set of files, far above what an honest contract needs.
const (
	maxFiles    = 200
	maxSetBytes = 32 << 20
	maxRefs     = 64 // of a chain of "$ref"; a longer one is a circle or an attack
)

// library hands out the documents of one set, each read once. It is safe for
// concurrent use: schemas are compiled, and so files read, when somebody first
// asks.
type library struct {
	files fs.FS
	main  string

	mu   sync.Mutex
	read map[string]reading
	left int // bytes that may still be read
}

type reading struct {
	doc *schema.Document
	err error
}

// newLibrary starts a set with the document at main, which is read already.
func newLibrary(files fs.FS, main *schema.Document, size int) *library {
	return &library{files: files, main: main.Name(), left: maxSetBytes - size, read: map[string]reading{main.Name(): {doc: main}}}
}

// document reads a file of the set. It is a schema.Loader.
func (l *library) document(name string) (*schema.Document, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	known, ok := l.read[name]
	if !ok {
		known.doc, known.err = l.fetch(name)
		l.read[name] = known
	}
	return known.doc, known.err
}

func (l *library) fetch(name string) (*schema.Document, error) {
	if len(l.read) >= maxFiles {
		return nil, fmt.Errorf("a contract has at most %d files", maxFiles)
	}
	data, err := readFile(l.files, name)
	if err != nil {
		return nil, err
	}
	if l.left -= len(data); l.left < 0 {
		return nil, fmt.Errorf("the files of a contract have at most %d bytes together", maxSetBytes)
	}
	return schema.Read(name, data, schema.Limits{})
}

// documents are those that were read so far, by name.
func (l *library) documents() map[string]*schema.Document {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[string]*schema.Document{}
	for name, r := range l.read {
		if r.err == nil {
			out[name] = r.doc
		}
	}
	return out
}

// readFile reads a file without taking in more than a document may hold.
func readFile(files fs.FS, name string) ([]byte, error) {
	// Opening a pipe would wait for somebody to write to it.
	if info, err := fs.Stat(files, name); err == nil && !info.Mode().IsRegular() {
		return nil, errors.New("it is no regular file")
	}
	f, err := files.Open(name)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer func() { _ = f.Close() }() // read only: nothing is lost
	data, err := io.ReadAll(io.LimitReader(f, int64(schema.DefaultLimits.Bytes)+1))
	return data, withoutPath(err)
}

// withoutPath takes the operation and the path off an error of a file system:
// whoever reports it says which file in their own words.
func withoutPath(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// follow goes along "$ref" to the place that is meant.
func (l *library) follow(p place) (place, error) {
	start := p
	for range maxRefs {
		ref, ok := p.child("$ref")
		if !ok {
			return p, nil
		}
		target, err := ref.text()
		if err != nil {
			return p, err
		}
		if p, err = l.target(ref, target); err != nil {
			return p, err
		}
	}
	return p, start.errorf("this $ref leads in a circle").hint("let one of the references name the thing itself")
}

// target resolves one reference: "#/a/b", "file.yaml#/a/b" or "file.yaml".
func (l *library) target(from place, ref string) (place, error) {
	file, fragment, _ := strings.Cut(ref, "#")
	doc := from.doc
	if file != "" {
		name, err := schema.RelativeName(doc.Name(), file)
		if err != nil {
			return from, from.errorf("$ref %q %v", ref, err).hint("keep the files of a contract in one folder and name them by relative paths")
		}
		if doc, err = l.document(name); err != nil {
			return from, unreadable(from, name, err)
		}
	}
	pointer, err := url.PathUnescape(fragment)
	if err != nil {
		return from, from.errorf("$ref %q is no URI reference", ref).hint("write a percent sign as %25")
	}
	if pointer != "" && pointer[0] != '/' {
		return from, from.errorf("a $ref outside of schemas needs a JSON Pointer, found %q", ref).hint(`write "#/` + short(pointer) + `"`)
	}
	v, ok := doc.Lookup(pointer)
	if !ok {
		last := strings.LastIndexByte(pointer, '/')
		return from, from.errorf("$ref %q names nothing that exists", ref).nearest(unescape.Replace(pointer[last+1:]), doc.Keys(pointer[:last]))
	}
	return place{doc, pointer, v}, nil
}

// unreadable tells of a file that a reference names. What is wrong inside the
// file is told with its place there.
func unreadable(from place, name string, err error) error {
	var inside *schema.Error
	if errors.As(err, &inside) {
		return inside
	}
	if errors.Is(err, fs.ErrNotExist) {
		return from.errorf("there is no file %q", name).hint("paths of a $ref start in the folder of the file that they stand in")
	}
	return from.errorf("cannot read %q: %v", name, err).plain()
}

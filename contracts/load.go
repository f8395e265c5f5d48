package contracts

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
)

// Load reads the contract at name in fsys. Files that it names by "$ref" are
// read from fsys too and from nowhere else; os.Root.FS keeps symbolic links
// inside as well. The error is a *schema.Error wherever the author of the
// document can mend it, otherwise it says why the file cannot be read.
func Load(fsys fs.FS, name string) (*Contract, error) {
	name = path.Clean(name)
	lib := &library{docs: map[string]*schema.Document{}}
	lib.load = func(name string) (*schema.Document, error) {
		data, err := readFile(fsys, name)
		if err != nil {
			return nil, err
		}
		return schema.Read(name, data, schema.Limits{})
	}
	data, err := readFile(fsys, name)
	if err != nil {
		return nil, err
	}
	doc, err := schema.Read(name, data, schema.Limits{})
	if err != nil {
		return nil, err
	}
	lib.docs[name] = doc
	sum := sha256.Sum256(data)
	return read(doc, lib, hex.EncodeToString(sum[:]))
}

// readFile reads a file without taking in more than a document may hold.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, fmt.Errorf("cannot read %q: %w", name, err)
	}
	defer func() { _ = f.Close() }() // read only: nothing is lost
	data, err := io.ReadAll(io.LimitReader(f, int64(schema.DefaultLimits.Bytes)+1))
	if err != nil {
		return nil, fmt.Errorf("cannot read %q: %w", name, err)
	}
	return data, nil
}

// read asks the document what it is and hands it to the reader of its kind.
func read(doc *schema.Document, lib *library, digest string) (*Contract, error) {
	root := place{doc: doc, value: doc.Value()}
	if err := root.object(); err != nil {
		return nil, err
	}
	if v, ok := root.child("asyncapi"); ok {
		version := fmt.Sprint(v.value)
		switch {
		case strings.HasPrefix(version, "3."):
			return readAsyncAPI(root, lib, digest)
		case strings.HasPrefix(version, "2."):
			return nil, v.errorf("AsyncAPI %s is not read, only 3.x is", version).hint("npx @asyncapi/cli convert " + doc.Name() + " -t 3.0.0")
		default:
			return nil, v.errorf("%q is no version of AsyncAPI that is read", version).hint("write asyncapi: 3.1.0")
		}
	}
	for _, other := range []string{"openapi", "swagger"} {
		if v, ok := root.child(other); ok {
			return nil, v.errorf("an OpenAPI document is not read as a contract").hint("describe the webhooks as AsyncAPI 3; docs/contract-format.md shows how")
		}
	}
	return nil, root.errorf("this is no AsyncAPI document: it has no member \"asyncapi\"").hint("start the file with asyncapi: 3.1.0")
}

package contracts

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
)

// Load reads the contract at name in fsys. Files that it names by "$ref" are
// read from fsys too and from nowhere else; os.Root.FS keeps symbolic links
// inside as well. The error is a *schema.Error wherever the author of the
// document can mend it, otherwise it says why the file cannot be read.
//
// Documents are untrusted: their size, depth and number of values are bounded
// (schema.DefaultLimits), and so are the files of one contract.
func Load(fsys fs.FS, name string) (*Contract, error) {
	name = path.Clean(name)
	data, err := readFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("cannot read %q: %w", name, err)
	}
	doc, err := schema.Read(name, data, schema.Limits{})
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	return read(doc, newLibrary(fsys, doc, len(data)), hex.EncodeToString(sum[:]))
}

// read asks the document what it is and hands it to the reader of its kind.
func read(doc *schema.Document, lib *library, digest string) (*Contract, error) {
	root := place{doc: doc, value: doc.Value()}
	if err := root.object(); err != nil {
		return nil, err
	}
	if v, ok := root.child("asyncapi"); ok {
		version := v.word()
		switch {
		case strings.HasPrefix(version, "3."):
			return readAsyncAPI(root, lib, digest)
		case strings.HasPrefix(version, "2."):
			return nil, v.errorf("AsyncAPI %s is not read, only 3.x is", short(version)).hint("npx @asyncapi/cli convert " + doc.Name() + " -t 3.0.0")
		default:
			return nil, v.errorf("expected a version of AsyncAPI, found %s", kindOf(v.value)).hint("write asyncapi: 3.1.0")
		}
	}
	for _, other := range []string{"openapi", "swagger"} {
		if v, ok := root.child(other); ok {
			return nil, v.errorf("an OpenAPI document is not read as a contract").hint("describe the webhooks as AsyncAPI 3; docs/contract-format.md shows how")
		}
	}
	return nil, root.errorf("this is no AsyncAPI document: it has no member \"asyncapi\"").hint("start the file with asyncapi: 3.1.0")
}

package contracts

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hookrig/hookrig/contracts/schema"
)

// document is a contract with one event, with parts put in: of the document,
// and of the message.
func document(top, message string) string {
	return `asyncapi: 3.0.0
info: {title: Shop, version: "1"}
` + top + `
operations: {send: {action: send, channel: {$ref: "#/channels/out"}}}
channels: {out: {messages: {paid: {$ref: "#/components/messages/paid"}}}}
components:
  messages:
    paid:
      name: paid
` + message
}

const payload = "      payload: {type: object}\n"

// noNetwork is a file system that holds one contract and fails the test if
// anything else is asked for than files of the set.
type noNetwork struct {
	fs.FS
	t *testing.T
}

func (n noNetwork) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) || strings.Contains(name, ":") {
		n.t.Errorf("asked for %q", name)
	}
	return n.FS.Open(name)
}

// TestLoadRefusesHostileDocuments holds that each attack ends with a clear
// refusal: an error with its place.
func TestLoadRefusesHostileDocuments(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for _, tt := range []struct{ name, doc, want, pointer string }{
		{"50 MB", "asyncapi: 3.0.0\n# " + strings.Repeat("x", 50<<20), "too large", ""},
		{"alias bomb", document("x-bomb:\n- &a0 [x,x,x,x,x,x,x,x,x,x]\n"+bomb(9), payload), "too many values", ""},
		{"deep nesting", document("x-deep: "+strings.Repeat("[", 5000)+strings.Repeat("]", 5000), payload), "too deeply nested", ""},
		{"deep JSON", strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000), "too deeply nested", ""},
		{"duplicate keys", document("x-hookrig: {provider: a}\nx-hookrig: {provider: b}", payload), "duplicate member", "/x-hookrig"},
		{"a second document", document("", payload) + "\n---\n", "second YAML document", ""},
		{"merge key", document("x-hookrig: {<<: {provider: a}}", payload), "merge keys", "/x-hookrig"},
		{"remote message", document("", `      traits: [{$ref: "https://x.example/t.yaml"}]`+"\n"+payload), "is a URL", "/components/messages/paid/traits/0/$ref"},
		{"remote by host", document("", `      traits: [{$ref: "//x.example/t.yaml"}]`+"\n"+payload), "is a URL", "/components/messages/paid/traits/0/$ref"},
		{"file URL", document("", `      traits: [{$ref: "file:///etc/passwd"}]`+"\n"+payload), "is a URL", "/components/messages/paid/traits/0/$ref"},
		{"absolute path", document("", `      traits: [{$ref: "/etc/passwd"}]`+"\n"+payload), "no relative path", "/components/messages/paid/traits/0/$ref"},
		{"outside the root", document("", `      traits: [{$ref: "../../etc/passwd"}]`+"\n"+payload), "leaves the folder", "/components/messages/paid/traits/0/$ref"},
		{"outside, encoded", document("", `      traits: [{$ref: "%2e%2e/etc/passwd"}]`+"\n"+payload), "plain path", "/components/messages/paid/traits/0/$ref"},
		{"no such file", document("", `      traits: [{$ref: "no.yaml"}]`+"\n"+payload), `there is no file "no.yaml"`, "/components/messages/paid/traits/0/$ref"},
		{"a folder", document("", `      traits: [{$ref: "folder"}]`+"\n"+payload), "regular file", "/components/messages/paid/traits/0/$ref"},
		{"a reference that is no text", document("", "      traits: [{$ref: 7}]\n"+payload), "expected a text", "/components/messages/paid/traits/0/$ref"},
		{"a reference with a bad escape", document("", `      traits: [{$ref: "#/a%zz"}]`+"\n"+payload), "no URI reference", "/components/messages/paid/traits/0/$ref"},
		{"an anchor outside of schemas", document("", `      traits: [{$ref: "#trait"}]`+"\n"+payload), "JSON Pointer", "/components/messages/paid/traits/0/$ref"},
		{"messages in a circle", document("", "      $ref: \"#/components/messages/lost\"\n    lost: {$ref: \"#/components/messages/paid\"}"), "circle", "/channels/out/messages/paid"},
		{"extension is null", document("x-hookrig:", payload), "expected an object, found nothing", "/x-hookrig"},
		{"extension is a list", document("x-hookrig: [1]", payload), "expected an object, found a list", "/x-hookrig"},
		{"message's extension is null", document("", "      x-hookrig: null\n"+payload), "expected an object", "/components/messages/paid/x-hookrig"},
		{"extension of a shared schema", document("", payload+"  schemas: {a: {x-hookrig: {provenance: {/b: publishd}}}}"), `"publishd"`, "/components/schemas/a/x-hookrig/provenance/~1b"},
		{"extension deep in a schema", document("", "      payload: {properties: {a: {items: {x-hookrig: {provenence: assumed}}}}}"), `"provenence"`,
			"/components/messages/paid/payload/properties/a/items/x-hookrig/provenence"},
		{"sources are a list", document("x-hookrig: {source: [a]}", payload), "expected an object", "/x-hookrig/source"},
		{"delivery is a list", document("x-hookrig: {delivery: [a]}", payload), "expected an object", "/x-hookrig/delivery"},
		{"headers are a list", document("x-hookrig: {headers: [a]}", payload), "expected an object", "/x-hookrig/headers"},
		{"claims are a list", document("x-hookrig: {signature: {algorithm: jwt-hs256, claims: [a]}}", payload), "expected an object", "/x-hookrig/signature/claims"},
		{"provenance is null", document("x-hookrig: {provenance: null}", payload), "expected an object", "/x-hookrig/provenance"},
		{"identity of nothing", document("x-hookrig: {identity: {provenance: assumed}}", payload), "neither members nor a header", "/x-hookrig/identity"},
		{"jitter is a text", document(`x-hookrig: {delivery: {jitter: "NaN"}}`, payload), "from 0 to 1", "/x-hookrig/delivery/jitter"},
		{"overflowing duration", document("x-hookrig: {delivery: {giveUp: 65535d2562047h}}", payload), "no duration", "/x-hookrig/delivery/giveUp"},
		{"a hundred years", document("x-hookrig: {delivery: {giveUp: 36500d}}", payload), "limit is 3650d", "/x-hookrig/delivery/giveUp"},
		{"a signed status", document(`x-hookrig: {delivery: {success: ["+99-200"]}}`, payload), "status", "/x-hookrig/delivery/success/0"},
		{"a statement about nothing", document("x-hookrig: {delivery: {provenance: {/timout: assumed}}}", payload), `"timeout"`, "/x-hookrig/delivery/provenance/~1timout"},
		{"a statement about no member of a signature", document("x-hookrig: {signature: {algorithm: none, provenance: {/clams: assumed}}}", payload), `"claims"`, "/x-hookrig/signature/provenance/~1clams"},
		{"header with a line break", document(`x-hookrig: {headers: {X-A: "b\r\nX-C: d"}}`, payload), "one line", "/x-hookrig/headers/X-A"},
		{"header's name", document(`x-hookrig: {headers: {"X A": b}}`, payload), "no name of a header", "/x-hookrig/headers/X A"},
		{"header of the transport", document("x-hookrig: {headers: {content-length: 3}}", payload), "expected a text", "/x-hookrig/headers/content-length"},
		{"header that HTTP sets", document(`x-hookrig: {headers: {content-length: "3"}}`, payload), "HTTP sets it", "/x-hookrig/headers/content-length"},
		{"header of events", document("x-hookrig: {event: {header: 'X:'}}", payload), "no name of a header", "/x-hookrig/event/header"},
		{"name for a header", strings.Replace(document("x-hookrig: {event: {header: X-Event}}", payload), "name: paid", `name: "bezahlt €"`, 1), "visible ASCII", "/components/messages/paid"},
		{"no title", strings.Replace(document("", payload), "title: Shop, ", "", 1), "title is missing", "/info"},
		{"version is a number", strings.Replace(document("", payload), `version: "1"`, "version: 1.0", 1), `put it in quotes: "1.0"`, "/info/version"},
		{"name with an escape sequence", strings.Replace(document("", payload), "name: paid", `name: "\e[2J"`, 1), "control character", "/components/messages/paid/name"},
		{"key with an escape sequence", strings.NewReplacer("name: paid", "title: Paid", `messages: {paid`, `messages: {"\e[2J"`).Replace(document("", payload)), "control character", "/components/messages/paid"},
		{"name of 1 MB", strings.Replace(document("", payload), "name: paid", "name: "+long, 1), "too long", "/components/messages/paid/name"},
		{"empty name", strings.Replace(document("", payload), "name: paid", `name: ""`, 1), "no name of an event", "/components/messages/paid"},
		{"provider of 1 MB", document("x-hookrig: {provider: "+long+"}", payload), "too long", "/x-hookrig/provider"},
		{"provider in capitals", document("x-hookrig: {provider: My Shop}", payload), "my-shop", "/x-hookrig/provider"},
		{"unknown key with an escape sequence", document(`x-hookrig: {"\e[2J": 1}`, payload), "unknown key", "/x-hookrig/\x1b[2J"},
		{"unknown key of 1 MB", document("x-hookrig: {\"b"+long[:1<<17]+"\": 1}", payload), "unknown key", "/x-hookrig/b" + long[:1<<17]},
		{"payload is a list", document("", "      payload: []\n"), "expected a schema, found a list", "/components/messages/paid/payload"},
		{"payload is null", document("", "      payload:\n"), "expected a schema, found nothing", "/components/messages/paid/payload"},
		{"format without a schema", document("", "      payload: {schemaFormat: application/schema+json}\n"), "without a schema", "/components/messages/paid/payload"},
		{"schema of OpenAPI", document("", "      payload: {schemaFormat: 'application/vnd.oai.openapi;version=3.0.0', schema: {}}\n"), "JSON Schema", "/components/messages/paid/payload/schemaFormat"},
		{"schema of Avro", document("", "      payload: {schemaFormat: 'application/vnd.apache.avro;version=1.9.0', schema: {}}\n"), "JSON Schema", "/components/messages/paid/payload/schemaFormat"},
		{"address is a URL", strings.Replace(document("", payload), "{out: {", "{out: {address: https://x.example/a, ", 1), "is a path", "/channels/out/address"},
		{"address with a query", strings.Replace(document("", payload), "{out: {", "{out: {address: /a?b=c, ", 1), "cannot stand in a path", "/channels/out/address"},
		{"address with half a parameter", strings.Replace(document("", payload), "{out: {", `{out: {address: "/a{b", `, 1), "without its }", "/channels/out/address"},
		{"operations are a list", strings.Replace(document("", payload), "operations: {send: {action: send, channel: {$ref: \"#/channels/out\"}}}", "operations: []", 1), "found a list", "/operations"},
		{"an operation is a list", strings.Replace(document("", payload), "operations: {send: {action: send, channel: {$ref: \"#/channels/out\"}}}", "operations: {send: []}", 1), "found a list", "/operations/send"},
		{"operations times messages", multitude(600), "too many messages", "/operations/"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := fstest.MapFS{"c.yaml": {Data: []byte(tt.doc)}, "folder/x.yaml": {}}
			_, err := Load(noNetwork{files, t}, "c.yaml")
			var at *schema.Error
			if !errors.As(err, &at) {
				t.Fatalf("got %v", err)
			}
			if !strings.Contains(at.Message+" "+at.Hint, tt.want) || at.File != "c.yaml" {
				t.Errorf("got %s, hint %q, want %q", short(err.Error()), at.Hint, tt.want)
			}
			if tt.pointer != "" && at.Pointer != tt.pointer && !(strings.HasSuffix(tt.pointer, "/") && strings.HasPrefix(at.Pointer, tt.pointer)) {
				t.Errorf("points at %s, want %s", short(at.Pointer), short(tt.pointer))
			}
			if tt.pointer != "" && (at.Line == 0 || at.Column == 0) {
				t.Errorf("no place: %d:%d", at.Line, at.Column)
			}
			told := err.Error() + at.Hint
			if len(told) > 1000 || strings.ContainsFunc(told, isControl) {
				t.Errorf("%d bytes are told: %q", len(told), short(told))
			}
		})
	}
}

func bomb(levels int) string {
	var b strings.Builder
	for i := 1; i <= levels; i++ {
		alias := fmt.Sprintf("*a%d", i-1)
		fmt.Fprintf(&b, "- &a%d [%s]\n", i, strings.Repeat(alias+" ,", 9)+alias+" ")
	}
	return b.String()
}

// multitude is n operations that all send the n messages of one channel.
func multitude(n int) string {
	var operations, messages strings.Builder
	for i := range n {
		fmt.Fprintf(&operations, "  o%d: {action: send, channel: {$ref: \"#/channels/c\"}}\n", i)
		fmt.Fprintf(&messages, "      m%d: {payload: true}\n", i)
	}
	return "asyncapi: 3.0.0\ninfo: {title: a, version: \"1\"}\noperations:\n" + operations.String() + "channels:\n  c:\n    messages:\n" + messages.String()
}

// TestFilesOfAContractAreBounded: a chain of files, each of which names the
// next, ends at the limit.
func TestFilesOfAContractAreBounded(t *testing.T) {
	files := fstest.MapFS{"c.yaml": {Data: []byte(document("", `      traits: [{$ref: "f0.yaml"}]`+"\n"+payload))}}
	var traits strings.Builder
	for i := range maxFiles + 1 {
		files[fmt.Sprintf("f%d.yaml", i)] = &fstest.MapFile{Data: []byte("title: A file")}
		fmt.Fprintf(&traits, "{$ref: f%d.yaml},", i)
	}
	files["c.yaml"] = &fstest.MapFile{Data: []byte(document("", "      traits: ["+traits.String()+"]\n"+payload))}
	_, err := Load(files, "c.yaml")
	var at *schema.Error
	if !errors.As(err, &at) || !strings.Contains(at.Message, "at most 200 files") || at.Line == 0 {
		t.Errorf("got %v", err)
	}
}

// TestFilesOfAContractAreBoundedTogether: each file is small enough, all of
// them are too much.
func TestFilesOfAContractAreBoundedTogether(t *testing.T) {
	files := fstest.MapFS{}
	var traits strings.Builder
	for i := range 5 {
		name := fmt.Sprintf("f%d.yaml", i)
		files[name] = &fstest.MapFile{Data: []byte("title: A file # " + strings.Repeat("x", 7<<20))}
		traits.WriteString("{$ref: " + name + "},")
	}
	files["c.yaml"] = &fstest.MapFile{Data: []byte(document("", "      traits: ["+traits.String()+"]\n"+payload))}
	if _, err := Load(files, "c.yaml"); err == nil || !strings.Contains(err.Error(), "together") {
		t.Errorf("got %v", err)
	}
}

// TestBrokenFileIsToldWithItsOwnPlace: what is wrong in a file that another
// names is told where it stands.
func TestBrokenFileIsToldWithItsOwnPlace(t *testing.T) {
	files := fstest.MapFS{
		"c.yaml":      {Data: []byte(document("", `      traits: [{$ref: "shared.yaml#/a"}]`+"\n"+payload))},
		"shared.yaml": {Data: []byte("a: 1\na: 2\n")},
	}
	_, err := Load(files, "c.yaml")
	var at *schema.Error
	if !errors.As(err, &at) || at.File != "shared.yaml" || at.Line != 2 {
		t.Errorf("got %v", err)
	}
}

// TestPipesAreNotWaitedFor: a pipe to which nobody writes must not stop us.
func TestPipesAreNotWaitedFor(t *testing.T) {
	_, err := Load(fstest.MapFS{"c.yaml": {Mode: fs.ModeNamedPipe}}, "c.yaml")
	if err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("got %v", err)
	}
	if _, err = Load(os.DirFS("testdata"), "nothing.yaml"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// TestCirclesInSchemasEnd: schemas may be recursive; what asks about them must
// end all the same.
func TestCirclesInSchemasEnd(t *testing.T) {
	c, err := Load(fstest.MapFS{"c.yaml": {Data: []byte(document("", `      payload: {$ref: "#/components/schemas/a"}
  schemas:
    a: {anyOf: [{$ref: "#/components/schemas/a"}, {properties: {b: {$ref: "#/components/schemas/b"}}}, {$ref: "#/components/schemas/b"}]}
    b: {oneOf: [{$ref: "#/components/schemas/a"}, {$ref: "#/components/schemas/b"}], items: {$ref: "#/components/schemas/a"}, x-hookrig: {provenance: {/b/b: assumed}}}
`))}}, "c.yaml")
	if err != nil {
		t.Fatal(err)
	}
	paid := eventType(t, c, "paid")
	if got := paid.Provenance(strings.Repeat("/b", 60)).Level; got != Assumed {
		t.Errorf("%s", got)
	}
	if _, err := paid.Schema(); err == nil {
		t.Error("a schema that is itself was compiled")
	}
	if len(c.Lint()) == 0 {
		t.Error("lint finds nothing")
	}
}

// TestBooleanPayloads: true and false are schemas.
func TestBooleanPayloads(t *testing.T) {
	for value, want := range map[string]int{"true": 0, "false": 1} {
		c, err := Load(fstest.MapFS{"c.yaml": {Data: []byte(document("", "      payload: "+value))}}, "c.yaml")
		if err != nil {
			t.Fatal(err)
		}
		if v, err := eventType(t, c, "paid").Validate([]byte(`{}`)); err != nil || len(v) != want {
			t.Errorf("%s: %v, %v", value, v, err)
		}
	}
}

// TestOpenBoundsWhatOneBodyCosts: a list of events in a long body would cost
// the square of its length.
func TestOpenBoundsWhatOneBodyCosts(t *testing.T) {
	c := load(t, "batches.yaml")
	for name, body := range map[string]string{
		"many":       `{"data":{"events":[` + strings.Repeat(`{"kind":"up"},`, 200_000) + `{}]}}`,
		"long":       `{"data":{"pad":"` + strings.Repeat("x", 4<<20) + `","events":[` + strings.Repeat(`{"kind":"up"},`, 900) + `{}]}}`,
		"deep":       strings.Repeat(`{"data":`, 9000) + "1" + strings.Repeat("}", 9000),
		"deep lists": strings.Repeat("[", 1<<20),
	} {
		got, err := c.Open(request("/in", body), OpenOptions{Unchecked: true})
		if err != nil || len(got.Events) > 0 || got.OK() {
			t.Errorf("%s: %d events, %v", name, len(got.Events), err)
		}
		for _, v := range got.Violations {
			if len(v.String()) > 500 {
				t.Errorf("%s: a violation of %d bytes", name, len(v.String()))
			}
		}
	}
}

func replaceOnce(t *testing.T, s, old, by string) string {
	t.Helper()
	if strings.Count(s, old) != 1 {
		t.Fatalf("%q stands %d times", old, strings.Count(s, old))
	}
	return strings.Replace(s, old, by, 1)
}

package main

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/mockserver"
)

func quietConsole(notes io.Writer, env map[string]string) *console {
	return newConsole(nil, strings.NewReader(""), io.Discard, notes, func(name string) (string, bool) {
		value, set := env[name]
		return value, set
	})
}

// TestConfigMistakes: each mistake is told with its place, with what to write
// instead, and without what may be a secret.
func TestConfigMistakes(t *testing.T) {
	const shop = "secrets: {shop: {env: SHOP}}\nendpoints: {shop: {url: 'http://shop.test/', provider: shoptet, secret: shop}}\n"
	for _, c := range []struct{ text, says, hint string }{
		{"adr: 127.0.0.1:0", `1:6: unknown member "adr", the nearest is addr (at /adr)`, "addr: 127.0.0.1:8080"},
		{"zz: 1\nqq: 2", `1:5: unknown member "zz": there are addr, allowTargets, `, "hookrig config --schema"},
		{"[]", "1:1: expected an object, found an array of 0 items", "hookrig config --schema"},
		{"addr: '8080'", `1:7: "8080" is no address to listen on: it is written HOST:PORT (at /addr)`, "addr: 127.0.0.1:8080"},
		{"seed: -1", "1:7: expected at least 1, found -1 (at /seed)", "seed: 1"},
		{"speed: 0", "1:8: expected more than 0, found 0 (at /speed)", "speed: 3600"},
		{"at: yesterday", `1:5: "yesterday" is no moment: write it like 2026-01-05T10:12:03Z`, "at: 2026-01-05T10:12:03Z"},
		{"shape: huge", "1:8: expected one of", "shape: typical"},
		{"wait: 30", "1:7: expected a duration like 30s, 15m or 30d, found 30 (at /wait)", "wait: 30s"},
		{"wait: 1 hour", `1:7: expected a duration like 30s, 15m or 30d, found "1 hour"`, "wait: 30s"},
		{"wait: 99999d", "1:7: expected a duration", ""},
		{"limits: {body: 4k}", `1:16: expected a size like 512KiB or 1GiB, found "4k" (at /limits/body)`, "body: 4KiB"},
		{"limits: {worker: 4}", `1:18: unknown member "worker", the nearest is workers`, "workers: 64"},
		{"allowTargets: [10.0.0/8]", `1:15: "10.0.0/8" is no address and no prefix`, "allowTargets: [10.0.0.0/8]"},
		{"addr: '127.0.0.1:99999'", `1:7: "127.0.0.1:99999" is no address to listen on: the port "99999" is not between 0 and 65535 (at /addr)`, "addr: 127.0.0.1:8080"},
		{"providersAddr: \"127.0.0.1:80\\n\"", `1:16: "127.0.0.1:80\n" is no address`, "providersAddr: 127.0.0.1:8080"},
		{"hosts: [qa, 'http://qa.test/']", `1:13: "http://qa.test/" is no name of a host (at /hosts/1)`, "hosts: [hookrig]"},
		{"hosts: ['q a']", `"q a" is no name of a host`, "hosts: [hookrig]"},
		{"contracts: [missing.yaml]", "1:13: cannot read ", "ls -l "},
		{"contracts: [shoptet]", "shoptet", ""}, // a built-in name is no file
		{"addr: a\naddr: b", "2:1: ", ""},

		{"token: hunter2", "1:8: secrets do not stand in this file, it says where they are (at /token)", "token: {env: HOOKRIG_TOKEN}"},
		{"secrets:\n  shop: hunter2", "2:9: secrets do not stand in this file", "shop: {env: SHOP_SECRET}"},
		{"secrets: {shop: {env: 'hunter2'}}", "1:23: expected the name of an environment variable, in capitals (at /secrets/shop/env)", "shop: {env: SHOP_SECRET}"},
		{"secrets: {shop: {value: hunter2}}", `unknown member "value"`, "shop: {env: SHOP_SECRET}"},
		{"secrets: {shop: {env: A, file: b}}", "expected at most 1 member", "shop: {env: SHOP_SECRET}"},
		{"secrets: {'a b': {env: A}}", `expected a name of letters, digits and . _ -, found "a b"`, "secrets: {shop: {env: SHOP_SECRET}}"},
		{"endpoints: {shop: {url: 'http://u:hunter2@shop.test/'}}", "secrets do not stand in this file", "url: {env: SHOP_URL}"},
		{"endpoints: {shop: {url: 'http://shop.test/?token=hunter2'}}", "secrets do not stand in this file", "url: {env: SHOP_URL}"},
		{"endpoints: {shop: {url: 'http://shop.test/', headers: {Authorization: Bearer hunter2}}}", "1:71: secrets do not stand in this file", "Authorization: {env: SHOP_AUTHORIZATION}"},
		{"endpoints: {1shop: {url: 'http://shop.test/', headers: {X-Api-Key: hunter2}}}", "secrets do not stand in this file", "X-Api-Key: {env: _1SHOP_X_API_KEY}"},
		{"endpoints: {shop: {url: 'http://shop.test/', basic: 'u:hunter2'}}", "secrets do not stand in this file", "basic: {env: SHOP_BASIC}"},
		{"endpoints: {shop: {url: 'http://shop.test/', secret: hunter2}}", "1:54: this is no name of one of the secrets: there are none", "secrets: {shop: {env: SHOP_SECRET}}"},
		{"endpoints: {shop: {url: 'http://shop.test/', secret: 'hunter2!'}}", "expected a name of letters", "secret: shop"},
		{"endpoints: {shop: {url: 'http://shop.test/', headers: {X-A: \"a\\r\\nX-B: b\"}}}", "1:61: a header holds no control characters (at /endpoints/shop/headers/X-A)", `headers: {X-Tenant: "7"}`},
		{"endpoints: {shop: {url: 'http://shop.test/', headers: {X-A: a, host: b}}}", "1:70: the transport writes this header itself (at /endpoints/shop/headers/host)", `headers: {X-Tenant: "7"}`},
		{"endpoints: {shop: {url: 'http://shop.test/', headers: {X-A: a, x-a: b}}}", "1:69: it stands there twice (at /endpoints/shop/headers/x-a)", `headers: {X-Tenant: "7"}`},
		{"endpoints: {shop: {url: 'http://shop.test/', tls: {ca: ca.pem}}}", "1:25: the endpoint has tls, and its URL is not https (at /endpoints/shop/url)", "url: https://"},
		{"endpoints: {shop: {url: 'http://shop.test/', tls: {key: hunter2, cert: c.pem}}}", "secrets do not stand in this file", "key: {file: client-key.pem}"},

		{"endpoints: {shop: {}}", `1:19: expected member "url", found nothing (at /endpoints/shop)`, "shop: {secret: shop, url: http://localhost:3000/hooks}"},
		{"endpoints: {shop: {url: shop.test}}", "1:25: ", "url: http://localhost:8080/hooks"},
		{"endpoints: {shop: {url: 7}}", "1:25: expected a text, or where it stands", "url: http://localhost:3000/hooks"},
		{"endpoints: {shop: {url: 'http://shop.test/', hedaers: {}}}", `unknown member "hedaers", the nearest is headers`, `headers: {X-Tenant: "7"}`},
		{"endpoints: {shop: {url: 'http://shop.test/', provider: shopted}}", `1:56: unknown provider "shopted", the nearest is shoptet (at /endpoints/shop/provider)`, "hookrig providers"},
		{"endpoints: {shop: {url: 'http://shop.test/', provider: shoptet}}", "1:19: shoptet: ", "secret: shop"},
		{"endpoints: {shop: {url: 'http://shop.test/', tls: {cert: c.pem}}}", "/endpoints/shop/tls", "tls: {ca: ca.pem}"},

		{shop + "schedules: {a.b: {every: 1m, mix: [{endpoint: shop, event: order:create}]}}", `3:18: expected a name of up to 50 letters, digits and _ -, found "a.b"`, ""},
		{shop + "schedules: {a: {mix: [{endpoint: shop, event: order:create}]}}", "3:16: nothing says when it sends (at /schedules/a)", "give one of every"},
		{shop + "schedules: {a: {every: 1m}}", `3:16: expected member "mix"`, "a: {every: 15m, mix: [{endpoint: shop, event: order.created}]}"},
		{shop + "schedules: {a: {every: 1m, rate: 3, mix: [{endpoint: shop, event: order:create}]}}", "3:34: every and rate exclude each other (at /schedules/a/rate)", "make two"},
		{shop + "schedules: {a: {cron: '61 * * * *', mix: [{endpoint: shop, event: order:create}]}}", "3:23: ", "write five fields"},
		{shop + "schedules: {a: {cron: '@daily', zone: Mars/Base, mix: [{endpoint: shop, event: order:create}]}}", "/schedules/a/zone", ""},
		{shop + "schedules: {a: {every: 1m, start: soon, mix: [{endpoint: shop, event: order:create}]}}", "3:35: expected a moment like 2026-01-05T08:00:00Z", "start: 2026-01-05T08:00:00Z"},
		{shop + "schedules: {a: {every: 1m, mix: [{endpoint: shopp, event: order:create}]}}", `3:45: unknown endpoint "shopp", the nearest is shop`, ""},
		{shop + "schedules: {a: {every: 1m, mix: [{endpoint: shop, event: order:creat}]}}", "the nearest is order:create (at /schedules/a/mix/0/event)", "hookrig events shoptet"},
		{shop + "schedules: {a: {every: 1m, mix: [{endpoint: shop, evnt: order:create}]}}", `unknown member "evnt", the nearest is event`, "event: order.created"},
		{shop + "schedules: {a: {name: b, every: 1m}}", `unknown member "name"`, ""},
		{"endpoints: {b: {url: 'http://b.test/'}}\nschedules: {a: {every: 1m, mix: [{endpoint: b, event: order:create}]}}", "whose event is \"order:create\"?", "provider: acme"},
	} {
		name := filepath.Join(t.TempDir(), "hookrig.yaml")
		if err := os.WriteFile(name, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		con := quietConsole(io.Discard, nil)
		_, err := con.readConfig(name)
		if err == nil {
			t.Errorf("%s\nis taken", c.text)
			continue
		}
		message, hint := con.message(err), con.hint(err)
		if !strings.Contains(message, c.says) || !strings.Contains(hint, c.hint) || strings.Contains(message+hint, "hunter2") || codeOf(err) != exitUsage {
			t.Errorf("%s\nsays  %s\nwant  %s\nhint  %s\nwant  %s", c.text, message, c.says, hint, c.hint)
		}
	}
}

// TestConfigSecrets: what stands elsewhere is read, and what is wrong with it
// is told at the place that refers to it.
func TestConfigSecrets(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"crlf": "s3cret\r\n", "none": "\n", "two": "a\nb\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := readText(t, dir, "token: {env: X}")
	if err != nil {
		t.Fatal(err)
	}
	c := quietConsole(io.Discard, map[string]string{"SET": "s3cret", "EMPTY": ""})
	for _, try := range []struct {
		from       reference
		want, says string
	}{
		{reference{Env: "SET"}, "s3cret", ""},
		{reference{Env: "EMPTY"}, "", `1:8: the environment variable "EMPTY" is empty (at /token)`},
		{reference{Env: "UNSET"}, "", `"UNSET" is not set`},
		{reference{File: "crlf"}, "s3cret", ""},
		{reference{File: "two"}, "a\nb", ""},
		{reference{File: "none"}, "", "is empty (at /token)"},
		{reference{File: "gone"}, "", "no such file"},
		{reference{File: "."}, "", "it is no regular file"},
		{reference{File: filepath.Join(dir, "crlf")}, "s3cret", ""},
	} {
		got, err := c.resolve(cfg, "/token", try.from)
		if got != try.want || (err == nil) != (try.says == "") || err != nil && !strings.Contains(err.Error(), try.says) {
			t.Errorf("%+v: %q, %v", try.from, got, err)
		}
	}
	cfg, err = readText(t, dir, "endpoints: {shop: {url: 'http://shop.test', headers: {A: {env: FORGED}}, basic: {env: SET}}}")
	if err != nil {
		t.Fatal(err)
	}
	c = quietConsole(io.Discard, map[string]string{"FORGED": "a\r\nB: c", "SET": "s3cret"})
	e := cfg.Endpoints["shop"]
	if _, err = c.headers(cfg, "/endpoints/shop", e); err == nil || !strings.Contains(err.Error(), "control characters") {
		t.Errorf("a header with a line break: %v", err)
	}
	if _, err = c.basicAuth(cfg, "/endpoints/shop/basic", *e.Basic); err == nil || !strings.Contains(err.Error(), "user:password") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("credentials without a colon: %v", err)
	}
}

func readText(t *testing.T, dir, text string) (*config, error) {
	t.Helper()
	name := filepath.Join(dir, "hookrig.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return quietConsole(io.Discard, nil).readConfig(name)
}

// TestConfigSchema: the schema has the members of the structs, and nothing
// that no struct reads; its examples are right, and its words those of flags.
func TestConfigSchema(t *testing.T) {
	rule, err := configSchema()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	sameMembers(t, "", rule.Node(), reflect.TypeFor[config](), &seen)
	if seen < 40 {
		t.Errorf("only %d members were compared", seen)
	}
	for _, word := range []struct {
		member string
		want   []string
	}{{"shape", shapes().allowed}, {"locale", faker.Locales()}} {
		var enum []string
		for _, v := range memberOf(rule.Node(), word.member).Enum {
			enum = append(enum, strings.Trim(string(v), `"`))
		}
		if !slices.Equal(enum, word.want) {
			t.Errorf("%s is one of %q, the flag's are %q", word.member, enum, word.want)
		}
	}
	var lines []string
	for _, p := range rule.Node().Properties {
		if p.Node.Description == "" {
			t.Errorf("%s: no description", p.Name)
		}
		lines = append(lines, shownIn(t, p))
	}
	page, err := os.ReadFile("../../docs/running.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	for _, example := range append(shown, []string{"", strings.Join(lines, "\n")}) {
		doc, err := schema.Read("example.yaml", []byte(example[1]), schema.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(doc.Value())
		if err != nil {
			t.Fatal(err)
		}
		if broken := rule.Validate(text); len(broken) > 0 {
			t.Errorf("an example breaks the schema: %v\n%s", broken, example[1])
		}
	}
	for _, p := range rule.Node().Properties {
		if !strings.Contains(string(page), "`"+p.Name+"`") {
			t.Errorf("docs/running.md does not speak of %s", p.Name)
		}
	}
}

// sameMembers compares a schema with the type that its values are read into.
func sameMembers(t *testing.T, at string, node *schema.Node, typ reflect.Type, seen *int) {
	t.Helper()
	for node.Ref != nil {
		node = node.Ref
	}
	if reflect.PointerTo(typ).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return // one text
	}
	switch typ.Kind() {
	case reflect.Pointer:
		sameMembers(t, at, node, typ.Elem(), seen)
	case reflect.Slice:
		if node.Items == nil {
			t.Errorf("%s: the schema knows no list", at)
			return
		}
		sameMembers(t, at+"/0", node.Items, typ.Elem(), seen)
	case reflect.Map:
		if node.AdditionalProperties == nil || node.AdditionalProperties.Bool != nil {
			t.Errorf("%s: the schema knows no map", at)
			return
		}
		sameMembers(t, at+"/*", node.AdditionalProperties, typ.Elem(), seen)
	case reflect.Struct:
		read, said := map[string]reflect.Type{}, map[string]*schema.Node{}
		for _, f := range reflect.VisibleFields(typ) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name != "" && name != "-" {
				read[name] = f.Type
			}
		}
		if typ == reflect.TypeFor[mockserver.Schedule]() {
			delete(read, "name") // the key is the name
		}
		for _, p := range node.Properties {
			said[p.Name] = p.Node
		}
		if a, b := slices.Sorted(maps.Keys(read)), slices.Sorted(maps.Keys(said)); !slices.Equal(a, b) {
			t.Errorf("%s: the struct reads %q, the schema says %q", at, a, b)
			return
		}
		if node.AdditionalProperties == nil || node.AdditionalProperties.Bool == nil || *node.AdditionalProperties.Bool {
			t.Errorf("%s: the schema lets unknown members through", at)
		}
		for name := range read {
			*seen++
			sameMembers(t, at+"/"+name, said[name], read[name], seen)
		}
	}
}

// TestRefusedEndpoint: what the control API says of an endpoint is told once,
// at the member of the file that it is about.
func TestRefusedEndpoint(t *testing.T) {
	for answer, want := range map[string]string{
		`{"detail": "twice", "errors": [{"pointer": "/headers/A", "detail": "twice"}]}`:          "1:30: twice (at /endpoints/a/headers/A)",
		`{"detail": "/rate: too much", "errors": [{"pointer": "/rate", "detail": "too much"}]}`:  "1:47: too much (at /endpoints/a/rate)",
		`{"detail": "already", "errors": [{"pointer": "/basicAuth/user", "detail": "already"}]}`: "1:57: already (at /endpoints/a/basic)",
		`{"detail": "several", "errors": [{"pointer": "/url", "detail": "x"}, {"detail": "y"}]}`: "1:16: several: /url: x; y (at /endpoints/a)",
		`{"detail": "full"}`: "1:16: full (at /endpoints/a)",
	} {
		cfg, err := readText(t, t.TempDir(), "endpoints: {a: {headers: {A: {env: X}}, rate: 1, basic: {env: Y}, url: {env: Z}}}")
		if err != nil {
			t.Fatal(err)
		}
		p := &problem{}
		if err := json.Unmarshal([]byte(answer), p); err != nil {
			t.Fatal(err)
		}
		if got := cfg.refusedEndpoint("/endpoints/a", usagef("", "%w", p)).Error(); !strings.HasSuffix(got, want) {
			t.Errorf("%s\nsays %s\nwant %s", answer, got, want)
		}
	}
}

// TestAwaitReceivers: it goes on as soon as the last receiver takes
// connections, which are closed without a byte.
func TestAwaitReceivers(t *testing.T) {
	first, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := first.Addr().String()
	first.Close()
	late := make(chan net.Listener, 1)
	notes := writerFunc(func(p []byte) (int, error) {
		if want := "waiting for endpoint \"shop\" at " + addr + "\n"; string(p) != want {
			t.Errorf("it notes %q, want %q", p, want)
		}
		ln, err := net.Listen("tcp", addr) // only now, so that it has waited
		if err != nil {
			t.Error(err)
		}
		late <- ln
		return len(p), nil
	})
	at := []endpointOf{{name: "shop", url: &url.URL{Scheme: "http", Host: addr}}}
	if err := quietConsole(notes, nil).awaitReceivers(t.Context(), at, egress.Rules{}, time.Minute); err != nil {
		t.Fatal(err)
	}
	ln := <-late
	defer ln.Close()
	conn, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(conn); len(got) > 0 || err != nil {
		t.Errorf("the receiver got %q, %v", got, err)
	}

	var refused *egress.RefusedError
	var said bytes.Buffer
	err = quietConsole(&said, nil).awaitReceivers(t.Context(), at, egress.Rules{PublicOnly: true}, time.Minute)
	if !errors.As(err, &refused) || said.Len() > 0 {
		t.Errorf("an address that may not be dialled: %v, %q", err, &said)
	}
}

// FuzzConfig: whatever stands in a file, it is taken or refused with a message
// on one line.
func FuzzConfig(f *testing.F) {
	for _, name := range []string{"../../examples/ci/hookrig.yaml", "../../.goreleaser.yaml"} {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"": {"": 1}, "secrets": {"": {"~1": "/"}}, "endpoints": {"a": {"headers": {"": {}, "A": []}, "tls": {"key": {}}}}}`))
	f.Add([]byte("schedules: {a: {ramp: {from: 1, to: 1e308, over: 9999d99999h}, mix: [{endpoint: a, event: b, weight: 1e-308}]}}"))
	name := filepath.Join(f.TempDir(), "hookrig.yaml")
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		c := quietConsole(io.Discard, nil)
		if _, err := c.readConfig(name); err != nil {
			if message := c.message(err); message == "" || strings.Contains(message, "\n") || c.hint(err) == "" {
				t.Errorf("%q, hint %q", message, c.hint(err))
			}
		}
	})
}

// memberOf is what a schema says of a member.
func memberOf(root *schema.Node, name string) *schema.Node {
	i := slices.IndexFunc(root.Properties, func(p schema.Property) bool { return p.Name == name })
	return root.Properties[i].Node
}

// shownIn is a line with a member, as the schema shows it.
func shownIn(t *testing.T, p schema.Property) string {
	var value any
	if len(p.Node.Examples) == 0 || json.Unmarshal(p.Node.Examples[0], &value) != nil {
		t.Fatalf("%s: the schema shows no example", p.Name)
	}
	return p.Name + ": " + schema.Flow(value)
}

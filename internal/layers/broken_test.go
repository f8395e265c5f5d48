package layers

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// sound is a tree that keeps every rule and comes close to breaking each.
const sound = `
-- contracts/face.go --
// Package contracts is a room.
package contracts

import (
	"math/rand/v2"
	"time"

	"github.com/hookrig/hookrig/contracts/schema"
)

// Kinds of things.
const (
	One = 1
	Two = 2
)

// Contract holds.
type Contract struct{ S *schema.Schema }

func (c *Contract) String() string { return "" }

type private struct{}

func (private) Exported(time struct{ Now func() int }) int { return time.Now() }

// At is a function of its parameters.
func At(now time.Time, seed uint64) (time.Time, *rand.Rand) {
	return now.Add(time.Second), rand.New(rand.NewPCG(seed, 0))
}
-- contracts/schema/schema.go --
// Package schema is a room.
package schema

import "github.com/santhosh-tekuri/jsonschema/v6/kind"

// Schema is a schema.
type Schema struct{ k kind.Type }
-- contracts/catalog/acme/asyncapi.yaml --
x-hookrig: {provider: acme}
-- contracts/catalog/sellercenter/asyncapi.yaml --
x-hookrig: {provider: sellercenter}
-- contracts/contracts_test.go --
package contracts

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hookrig/hookrig/faker"
)

func TestAcme(t *testing.T) { go http.Get(time.Now().String() + cmp.Diff(faker.X, "")) }
-- faker/faker.go --
// Package faker is a room.
package faker
-- mockserver/server.go --
// Package mockserver is a room.
package mockserver

import (
	"net/http"
	"time"
)

// Transport goes through c, whoever made it.
func Transport(c *http.Client) *time.Timer { go func() {}(); return time.NewTimer(0) }
-- internal/egress/egress.go --
// Package egress dials.
package egress

import "net"

var _ = net.Dialer{}
-- cmd/hookrig/main.go --
// Command hookrig is the face of the house. It speaks of acme to people.
package main

import (
	"fmt"
	"net"
)

// Exported needs no comment in a command, this one least of all.
func Exported() { fmt.Println("try: hookrig fake acme order:create"); net.Listen("tcp", "") }
-- cmd/hookrig/demo.go --
package main

const Acme = "acme"
-- examples/faker/faker_test.go --
// Package faker_test shows how acme's events are faked.
package faker_test

import "github.com/hookrig/hookrig/faker"
`

// broken are files laid over the sound tree. Each breaks one rule. The lines
// that end in "// !" are exactly those that the rule must name, a file's head
// line meaning the file as a whole; a line marked "// ! imports" is one that
// rule imports must name.
var broken = []struct{ rule, name, files string }{
	{"placed", "a package outside the plan", `
-- webhooks/webhooks.go -- // !
// Package webhooks has no place.
package webhooks
`},
	{"imports", "a room that looks to its right", `
-- contracts/schema/x.go --
package schema

import "github.com/hookrig/hookrig/contracts" // !
`},
	{"imports", "rooms that must not know each other", `
-- faker/x.go --
package faker

import (
	"github.com/hookrig/hookrig/contracts"
	_ "github.com/hookrig/hookrig/mockserver" // !
)
`},
	{"imports", "an example that uses what users cannot", `
-- examples/x/x.go --
// Package x is an example.
package x

import "github.com/hookrig/hookrig/internal/egress" // !
`},
	{"imports", "dots and cgo", `
-- faker/x.go --
package faker

import (
	"C" // !
	. "strings" // !
)
`},
	{"libraries", "a library away from its home", `
-- verifier/x.go --
// Package verifier is a room.
package verifier

import (
	"github.com/brianvoe/gofakeit/v6" // !
	"golang.org/x/net/http2" // !
)
`},
	{"light", "a heavy library behind a light room", `
-- contracts/openapi/x.go --
// Package openapi is heavy.
package openapi

import "github.com/getkin/kin-openapi/openapi3" // !
-- mockserver/x.go --
package mockserver

import _ "github.com/hookrig/hookrig/contracts/openapi" // ! imports
`},
	{"test libraries", "tests in production", `
-- faker/x.go --
package faker

import (
	"testing" // !
	"net/http/httptest" // !
	"pgregory.net/rapid" // !
)
`},
	{"calls", "dialling away from egress", `
-- mockserver/x.go --
package mockserver

import (
	"crypto/tls"
	"net"
	web "net/http"
)

var client = &web.Client{} // !

var other web.Client // !

// F does everything wrong.
func F(p *web.Client) {
	web.Get("") // !
	net.Dial("", "") // !
	net.DefaultResolver.LookupHost(nil, "") // !
	tls.Dial("", "", nil) // !
	p.Transport = web.DefaultTransport // !
	_ = new(web.Client) // !
}
`},
	{"calls", "listening and printing in a library", `
-- mockserver/x.go --
package mockserver

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
)

// F does everything wrong.
func F() {
	net.Listen("tcp", "") // !
	http.ListenAndServe("", nil) // !
	fmt.Println() // !
	fmt.Fprintln(os.Stderr) // !
	log.Print() // !
}
`},
	{"calls", "a clock, chance and files in pure rooms", `
-- contracts/schema/x.go --
package schema

import (
	crypto "crypto/rand"
	"math/rand"
	v2 "math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

var clock = time.Now // !

// F does everything wrong.
func F() {
	<-time.After(1) // !
	rand.Intn(3) // !
	v2.IntN(3) // !
	crypto.Read(nil) // !
	os.ReadFile("") // !
	filepath.Walk("", nil) // !
	_ = filepath.Join("a", "b")
}
`},
	{"calls", "a second clock in the mock server", `
-- mockserver/clock.go --
package mockserver

import "time"

var now = time.Now
-- mockserver/x.go --
package mockserver

import "time"

var second = time.Now // !
`},
	{"goroutines", "a goroutine in the judge", `
-- verifier/x.go --
// Package verifier is a room.
package verifier

func f() {
	go f() // !
}
`},
	{"providers", "a provider in core code", `
-- faker/x.go --
package faker

// Names that Acme uses. // !
var names = []string{"Seller-Center"} // !
-- mockserver/api/openapi.yaml --
example: acme // !
`},
	{"providers", "a command that branches by provider", `
-- cmd/hookrig/x.go --
package main

// Acme in a comment is for people.
func f(provider string) bool {
	return provider == "acme" || // !
		isAcme() // !
}

var help = "for example: hookrig fake acme order:create"
`},
	{"names", "a drawer", `
-- examples/util/x.go -- // !
// Package util is a drawer.
package util
`},
	{"package docs", "a package without a first page", `
-- internal/ui/x.go --
package ui // !
-- examples/x/x_test.go --
package x // !
`},
	{"docs", "exported names without a word", `
-- faker/x.go --
package faker

type Faker struct{} // says what it is

type Option struct { // !
	Member int
}

func (f *Faker) Bare() {} // !

func New[T any]() {} // !

var A, b = []int{ // !
}, 2

func (f *Faker) Error() string { return "" }
`},
}

// TestRulesFail breaks each rule in a small tree and sees it named, there and
// nowhere else.
func TestRulesFail(t *testing.T) {
	for _, rule := range rules {
		for _, p := range rule.check(parseTree(t, sound)) {
			t.Errorf("the sound tree breaks %q: %v", rule.name, p)
		}
		if !slices.ContainsFunc(broken, func(b struct{ rule, name, files string }) bool { return b.rule == rule.name }) {
			t.Errorf("nothing shows that rule %q can fail", rule.name)
		}
	}
	for _, b := range broken {
		t.Run(b.rule+"/"+b.name, func(t *testing.T) {
			source := parseTree(t, sound+b.files)
			for _, rule := range rules {
				var got []string
				for _, p := range rule.check(source) {
					got = append(got, place(p))
				}
				slices.Sort(got)
				got = slices.Compact(got)
				if want := marked(b.files, rule.name, b.rule); !slices.Equal(got, want) {
					t.Errorf("rule %q names %v, want %v", rule.name, got, want)
				}
			}
		})
	}
}

// parseTree reads a tree from one text: a line "-- path --" begins a file.
func parseTree(t *testing.T, texts string) *tree {
	t.Helper()
	files := fstest.MapFS{}
	name := ""
	for line := range strings.Lines(texts) {
		if head, ok := strings.CutPrefix(line, "-- "); ok {
			name, _, _ = strings.Cut(head, " --")
			files[name] = &fstest.MapFile{}
		} else if name != "" {
			files[name].Data = append(files[name].Data, line...)
		}
	}
	source, problems, err := readTree(files)
	if err != nil || problems != nil {
		t.Fatal(err, problems)
	}
	return source
}

// marked lists the places that a rule must name, as place spells them. A mark
// without a rule's name is the rule own's.
func marked(texts, rule, own string) (places []string) {
	name, n := "", 0
	for line := range strings.Lines(texts) {
		n++
		if head, ok := strings.CutPrefix(line, "-- "); ok {
			name, _, _ = strings.Cut(head, " --")
			n = 0
		}
		if _, mark, ok := strings.Cut(line, "// !"); ok && rule == cmp.Or(strings.TrimSpace(mark), own) {
			places = append(places, place(problem{file: name, line: n}))
		}
	}
	slices.Sort(places)
	return places
}

func place(p problem) string { return fmt.Sprintf("%s:%d", p.file, p.line) }

// TestUnreadable: a file that does not parse is a problem, not a silence.
func TestUnreadable(t *testing.T) {
	_, problems, err := readTree(fstest.MapFS{"faker/x.go": {Data: []byte("package")}, "faker/testdata/x.go": {Data: []byte("no Go")}})
	if err != nil || len(problems) != 1 {
		t.Errorf("problems %v, error %v; want one problem in faker/x.go", problems, err)
	}
}

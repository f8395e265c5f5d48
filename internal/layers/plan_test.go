package layers

import (
	"slices"
	"strings"
)

// room is one package of the plan.
type room struct {
	// dir is the folder, "x/..." for x and everything below it.
	dir string
	// after names the rooms directly to the left. What stands to the left of
	// those may be imported as well.
	after []string
	// libs are the third-party modules that its code may import.
	libs []string
	// pure rooms make no call with an effect: see calls.
	pure bool
	// light rooms are imported by users' tests: see heavy.
	light bool
}

const (
	module = "github.com/hookrig/hookrig"

	libJSONSchema = "github.com/santhosh-tekuri/jsonschema/v6"
	libYAML       = "go.yaml.in/yaml/v4"
	libRegexp2    = "github.com/dlclark/regexp2"
	libJWT        = "github.com/golang-jwt/jwt/v5"
	libGofakeit   = "github.com/brianvoe/gofakeit/v6"
	libOpenAPI    = "github.com/getkin/kin-openapi"
	libMux        = "github.com/gorilla/mux"
	libSQLite     = "modernc.org/sqlite"
	libCobra      = "github.com/spf13/cobra"
	libPflag      = "github.com/spf13/pflag" // the flags of cobra
	libCron       = "github.com/netresearch/go-cron"
	libHistogram  = "github.com/HdrHistogram/hdrhistogram-go"
	libPrometheus = "github.com/prometheus/client_golang"
)

// plan is the house, from left to right. Contracts are at the left because
// everything speaks of them and they speak of nothing else. The faker and the
// mock server do not know each other: anything may supply events, anything may
// carry them. The verifier is the first that needs both. The command joins.
//
// Each library has one home, so that it can be replaced there and so that a
// user who imports a room gets only what the room needs. Where a library has
// two, both do the same with it: the faker reads patterns as the compiled
// schemas do, and the API is described in what the export speaks.
var plan = []room{
	{dir: "contracts/schema", pure: true, light: true, libs: []string{libJSONSchema, libYAML, libRegexp2}},
	{dir: "contracts/signature", pure: true, light: true, libs: []string{libJWT}},
	{dir: "contracts", pure: true, light: true, after: []string{"contracts/schema", "contracts/signature"}},
	{dir: "contracts/catalog", pure: true, light: true, after: []string{"contracts"}},
	{dir: "contracts/diff", pure: true, light: true, after: []string{"contracts"}},
	{dir: "contracts/infer", pure: true, light: true, after: []string{"contracts"}},
	{dir: "contracts/openapi", pure: true, after: []string{"contracts"}, libs: []string{libOpenAPI}},

	{dir: "faker/shop", pure: true, light: true},
	{dir: "faker/audit", pure: true, light: true, after: []string{"faker/shop"}},
	{dir: "faker", pure: true, light: true, after: []string{"contracts", "faker/audit"}, libs: []string{libGofakeit, libRegexp2}},

	{dir: "internal/egress"},
	{dir: "internal/junit", pure: true, light: true},
	{dir: "mockserver", light: true, after: []string{"contracts", "internal/egress"}, libs: []string{libCron, libHistogram}},
	{dir: "mockserver/registration", after: []string{"mockserver"}, libs: []string{libMux}},
	{dir: "mockserver/sqlite", after: []string{"mockserver"}, libs: []string{libSQLite}},

	{dir: "verifier", pure: true, light: true, after: []string{"contracts/diff", "faker", "internal/junit", "mockserver"}},
	{dir: "verifier/scenario", light: true, after: []string{"verifier"}},

	{dir: "mockserver/api", after: []string{"verifier/scenario", "contracts/catalog", "contracts/openapi", "mockserver/registration", "mockserver/sqlite"}, libs: []string{libMux, libOpenAPI, libPrometheus}},
	{dir: "internal/ui", after: []string{"verifier"}},
	// The demo shows two receivers of the gallery.
	{dir: "examples/receivers", light: true, after: []string{"contracts"}},
	// It runs the scenarios that are shipped by their names.
	{dir: "examples/scenarios", light: true},
	{dir: "cmd/hookrig", after: []string{"contracts/infer", "mockserver/api", "internal/ui", "verifier/scenario", "examples/receivers", "examples/scenarios"}, libs: []string{libCobra, libPflag}},

	{dir: "examples/...", after: []string{"verifier/scenario", "contracts/catalog", "contracts/openapi", "mockserver/sqlite"}},
	{dir: "e2e/bench", after: []string{"faker", "mockserver/sqlite"}},
	{dir: "e2e/kill"},
	{dir: "internal/layers"},
}

// heavy are the modules that no light room may reach, not even through
// another room: a test that imports the faker should not compile a database.
var heavy = []string{libSQLite, libOpenAPI, libMux, libPrometheus, libCobra, libPflag, "github.com/nats-io"}

// testOnly are the imports that belong to tests alone. A test library in a
// production file ends up in every user's binary, flags and all.
var testOnly = []string{
	"testing", "net/http/httptest", "pgregory.net/rapid", "go.uber.org/goleak",
	"github.com/rogpeppe/go-internal", "github.com/google/go-cmp", "github.com/standard-webhooks/standard-webhooks",
}

// drawers are package names that say nothing about what is inside.
var drawers = []string{"pkg", "util", "utils", "common", "types", "models", "helpers", "misc", "shared"}

// provider says where the providers' own names may stand. Everywhere else a
// provider is data that a contract brings. The names themselves are the
// folders of home, so a new contract is guarded from its first day.
var provider = struct {
	home    string            // the built-in contracts
	spelled map[string]string // how a name is written where it is two words
	rooms   []string          // folders that may name providers
	texts   string            // a room whose help texts may, for the people who read them …
	demo    string            // … and the prefix of its files that may altogether
}{
	home:    "contracts/catalog",
	spelled: map[string]string{"sellercenter": `seller[ _-]?center`},
	rooms:   []string{"contracts/catalog", "mockserver/registration", "examples", "internal/layers"},
	texts:   "cmd/hookrig",
	demo:    "demo",
}

// lenient are the methods that say what they do by implementing a well-known
// interface; a doc comment would only repeat it.
var lenient = words(`String Error Unwrap Is As ServeHTTP RoundTrip
	MarshalJSON UnmarshalJSON MarshalText UnmarshalText MarshalYAML UnmarshalYAML Format GoString LogValue
	Read Write Close Len Less Swap Push Pop`)

// call is a group of names that only some code may use.
type call struct {
	rule  string   // its name in test output
	pkg   string   // import path
	names []string // "*" matches any ending; a type is also matched where it stands bare or in a literal, not behind a pointer
	but   []string // names that are harmless
	pure  bool     // forbidden in pure rooms only
	in    string   // forbidden in this folder only
	only  []string // the folders and files that may all the same, "x/..." for a tree
	why   string
}

const (
	whyDial     = "only internal/egress dials, so that one place judges every address"
	whyListen   = "only the command listens; libraries offer handlers"
	whyClock    = "a pure package takes the time as a parameter"
	whyOneClock = "the mock server has one clock, in clock.go"
	whyRandom   = "a pure package derives each value from a seed"
	whyFiles    = "a pure package reads no files but the fs.FS handed in"
	whyPrint    = "a library returns or logs; only the command prints"
)

// calls are the effects and who may have them.
var calls = []call{
	{rule: "dial", pkg: "net", names: words("Dial* Lookup* Resolver DefaultResolver"), only: []string{"internal/egress"}, why: whyDial},
	{rule: "dial", pkg: "crypto/tls", names: words("Dial*"), only: []string{"internal/egress"}, why: whyDial},
	// The bench compares us with a plain loop around net/http's client.
	{rule: "dial", pkg: "net/http", names: words("DefaultClient DefaultTransport Get Head Post PostForm Client Transport"), only: []string{"internal/egress", "e2e/bench"}, why: whyDial},
	// The gallery has receivers that are wrong below HTTP.
	{rule: "listen", pkg: "net", names: words("Listen*"), only: []string{"cmd/...", "e2e/bench", "examples/receivers/serve.go"}, why: whyListen},
	{rule: "listen", pkg: "crypto/tls", names: words("Listen NewListener"), only: []string{"cmd/..."}, why: whyListen},
	{rule: "listen", pkg: "net/http", names: words("ListenAndServe* Serve ServeTLS Server"), only: []string{"cmd/...", "examples/receivers/serve.go"}, why: whyListen},
	{rule: "print", pkg: "fmt", names: words("Print* Scan Scanf Scanln"), only: []string{"cmd/...", "examples/...", "e2e/bench"}, why: whyPrint},
	{rule: "print", pkg: "os", names: words("Stdin Stdout Stderr Exit"), only: []string{"cmd/...", "examples/...", "e2e/bench"}, why: whyPrint},
	{rule: "print", pkg: "log", names: words("*"), only: []string{"cmd/...", "examples/...", "e2e/bench"}, why: whyPrint},

	// The stopwatch of schema stops patterns that backtrack for too long; no value comes from it.
	{rule: "clock", pkg: "time", names: words("Now Since Until Sleep After AfterFunc Tick NewTicker NewTimer"), pure: true, only: []string{"contracts/schema/regexp.go"}, why: whyClock},
	// An inbox stands on the receiver's side, where the sender's clock does not reach.
	{rule: "clock", pkg: "time", names: words("Now Since Until"), in: "mockserver", only: []string{"mockserver/clock.go", "mockserver/inbox.go"}, why: whyOneClock},
	{rule: "random", pkg: "math/rand", names: words("*"), but: words("New NewSource NewZipf Rand Source Source64 Zipf"), pure: true, why: whyRandom},
	{rule: "random", pkg: "math/rand/v2", names: words("*"), but: words("New NewPCG NewChaCha8 NewZipf Rand Source PCG ChaCha8 Zipf"), pure: true, why: whyRandom},
	{rule: "random", pkg: "crypto/rand", names: words("*"), pure: true, why: whyRandom},
	{rule: "random", pkg: "hash/maphash", names: words("*"), pure: true, why: whyRandom},
	{rule: "files", pkg: "os", names: words("*"), pure: true, why: whyFiles},
	{rule: "files", pkg: "os/exec", names: words("*"), pure: true, why: whyFiles},
	{rule: "files", pkg: "io/ioutil", names: words("*"), but: words("NopCloser Discard"), pure: true, why: whyFiles},
	{rule: "files", pkg: "path/filepath", names: words("Abs EvalSymlinks Glob Walk*"), pure: true, why: whyFiles},
}

func words(s string) []string { return strings.Fields(s) }

// roomOf finds the room that a folder belongs to.
func roomOf(dir string) *room {
	for i := range plan {
		if inTree(dir, plan[i].dir) {
			return &plan[i]
		}
	}
	return nil
}

// inTree reports whether dir is pattern, or below it where the pattern ends in
// "/...".
func inTree(dir, pattern string) bool {
	if tree, ok := strings.CutSuffix(pattern, "/..."); ok {
		return dir == tree || strings.HasPrefix(dir, tree+"/")
	}
	return dir == pattern
}

// left lists the rooms that r may import.
func (r *room) left() []string {
	var all []string
	var add func(dirs []string)
	add = func(dirs []string) {
		for _, dir := range dirs {
			if !slices.Contains(all, dir) {
				all = append(all, dir)
				add(roomOf(dir).after)
			}
		}
	}
	add(r.after)
	slices.Sort(all)
	return all
}

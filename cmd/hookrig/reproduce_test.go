package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/faker"
)

// TestCommandsReproduce: what Faker.Command says prints the bytes that
// Faker.Event makes.
func TestCommandsReproduce(t *testing.T) {
	at := time.Date(2031, 7, 1, 12, 0, 0, 0, time.FixedZone("", 7200))
	for _, o := range []faker.Options{
		{},
		{Seed: 1<<64 - 1, Shape: faker.Full, Locale: "pl", At: at},
		{Seed: 7, Shape: faker.Minimal, Locale: "cs"},
	} {
		for _, c := range []struct {
			provider, event string
			edits           []faker.Edit
		}{
			{"shoptet", "order:create", nil},
			{"shoptet", "order:create", []faker.Edit{faker.Nth(3), faker.Pool("/eventInstance", "a", "b", "it's"), faker.Set("/eshopId", 5)}},
			{"scayle", "order-confirmed", []faker.Edit{faker.Nth(1 << 40), faker.Drop("/payload"), faker.Set("/payload", json.RawMessage(`{ "a" : "<$HOME> \" it's" }`))}},
			{"sellercenter", "onOrderCreated", []faker.Edit{faker.Set("", "all \n new")}},
			{"xentral", "salesOrder.created", []faker.Edit{faker.Nth(12)}},
		} {
			contract, err := catalog.Load(c.provider)
			if err != nil {
				t.Fatal(err)
			}
			reproduce(t, contract, c.event, o, c.edits)
		}
	}
}

// A contract of one's own is named by its file.
func TestCommandsReproduceOwnContracts(t *testing.T) {
	t.Chdir("../../examples/owncontract/testdata")
	files, err := fs.Glob(os.DirFS("."), "*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no contract", err)
	}
	contract, err := contracts.Load(os.DirFS("."), files[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range contract.EventTypes() {
		reproduce(t, contract, e.Name(), faker.Options{Seed: 3}, []faker.Edit{faker.Nth(2)})
	}
}

func reproduce(t *testing.T, contract *contracts.Contract, event string, o faker.Options, edits []faker.Edit) {
	t.Helper()
	o.Events = []string{event}
	f, err := faker.New(contract, o)
	if err != nil {
		t.Fatal(err)
	}
	want, err := f.Event(event, edits...)
	if err != nil {
		t.Fatal(err)
	}
	line := f.Command(event, edits...)
	var got, stderr bytes.Buffer
	words := shellWords(t, line)
	code := run(words[1:], strings.NewReader(""), &got, &stderr, func(string) (string, bool) { return "", false })
	if words[0] != "hookrig" || code != 0 || got.String() != string(want.Body)+"\n" {
		t.Errorf("%s: exit code %d %s\ngot  %swant %s", line, code, stderr.String(), got.String(), want.Body)
	}
}

// --nth is a window on a longer run.
func TestOrdinalsAreLines(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("schema.json", []byte(`{"type": "string", "format": "uuid"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, what := range [][]string{{"--schema", "schema.json"}, {"shoptet", "order:create"}, {"shoptet", "order:create", "--pool", "/eshopId=[1,2]", "--meta"}} {
		fake := func(args ...string) []string {
			var out, stderr bytes.Buffer
			args = append(append([]string{"fake"}, what...), args...)
			if code := run(args, strings.NewReader(""), &out, &stderr, func(string) (string, bool) { return "", false }); code != 0 {
				t.Fatalf("%q: exit code %d: %s", args, code, stderr.String())
			}
			return strings.SplitAfter(strings.TrimSuffix(out.String(), "\n"), "\n")
		}
		if all, window := fake("-n", "12"), fake("-n", "3", "--nth", "9"); !slices.Equal(all[9:], window) || len(all) != 12 {
			t.Errorf("%q: lines 9 to 11 of\n%q\nare not\n%q", what, all, window)
		}
	}
}

// shellWords splits a line as a POSIX shell would that knows single quotes and
// backslashes, and refuses what would mean more to a real one.
func shellWords(t *testing.T, line string) (words []string) {
	t.Helper()
	var word strings.Builder
	within, quoted := false, false
	for i := 0; i < len(line); i++ {
		b := line[i]
		switch {
		case quoted && b == '\'':
			quoted = false
		case quoted:
			word.WriteByte(b)
		case b == '\'':
			within, quoted = true, true
		case b == '\\' && i+1 < len(line):
			i++
			word.WriteByte(line[i])
		case b == ' ':
			if within {
				words = append(words, word.String())
			}
			within = false
			word.Reset()
		case strings.IndexByte("$`\"*?[]{}()<>|&;#~!\n\t", b) >= 0:
			t.Fatalf("%s: the shell would read %q", line, b)
		default:
			within = true
			word.WriteByte(b)
		}
	}
	if quoted {
		t.Fatalf("%s: a quote is open", line)
	}
	if within {
		words = append(words, word.String())
	}
	return words
}

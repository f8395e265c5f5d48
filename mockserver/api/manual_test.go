package api

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

// TestManual runs every curl line of docs/api.md, in its order.
func TestManual(t *testing.T) {
	text, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	var all []*contracts.Contract
	for _, name := range catalog.Names {
		c, err := catalog.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	synctest.Test(t, func(t *testing.T) {
		g := newRigWith(t, Config{Contracts: all}, answers(200), func(o *Options, _ *mockserver.Options) {
			o.Worlds = func(json.RawMessage, string) (World, error) {
				order, err := catalog.Shoptet().EventType("order:create")
				if err != nil {
					return nil, err
				}
				made, err := fake(order, 7, nil)
				return &metronome{gap: time.Second, make: made, forgotten: func() {}}, err
			}
			o.Scenarios = os.DirFS("../../examples/scenarios")
			o.Oracles = func([]string) (verifier.Oracle, verifier.StateOracle, error) {
				return verifier.OracleFunc(func(_ context.Context, _ contracts.Event, id string) (int, error) { return min(len(id), 1), nil }), nil, nil
			}
		})
		id, sub, ran := "", "", 0
		for line := range strings.Lines(string(text)) {
			words := shellWords(strings.TrimSpace(line))
			if len(words) == 0 || words[0] != "curl" {
				continue
			}
			ran++
			method, url, body, headers := curl(t, words[1:])
			// A stream is listened to for a while.
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			r := request(method, strings.NewReplacer("$ID", id, "$SUB", sub).Replace(url), body, headers...).WithContext(ctx)
			a := g.serve(r)
			synctest.Wait()
			cancel()
			switch {
			case a.status == 409 && (strings.HasSuffix(url, "/cancel") || strings.HasSuffix(url, "/mine/stop")): // it is over already
			case strings.Contains(url, "/runs/story?wait") && !strings.Contains(a.body, `"verdict":"`):
				t.Errorf("%s%s", line, a.body)
			case a.status < 200 || a.status > 299:
				t.Errorf("%s%d: %s\n%s", line, a.status, a.body, g.log)
			case strings.HasSuffix(url, "/deliveries"):
				id = a.ids()[0]
			case strings.HasSuffix(url, "/subscriptions"):
				var s struct{ ID string }
				a.into(&s)
				sub = s.ID
			case strings.Contains(url, "/deliveries?label=tc-17") && !strings.Contains(a.body, `label":"tc-17"`):
				t.Errorf("%s%s", line, a.body)
			case strings.Contains(url, "stream") && !strings.Contains(a.body, "\nid: 1\ndata: {"):
				t.Errorf("%s%s", line, a.body)
			}
		}
		if ran < 20 {
			t.Errorf("only %d lines: the page has changed its form", ran)
		}
	})
}

// curl reads the part of curl's arguments that the page uses.
func curl(t *testing.T, args []string) (method, url, body string, headers []string) {
	t.Helper()
	method = "GET"
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		take := func() (value string) {
			if len(args) == 0 {
				t.Fatalf("%s has no value", arg)
			}
			value, args = args[0], args[1:]
			return value
		}
		switch arg {
		case "-X":
			method = take()
		case "-H":
			headers = append(headers, take())
		case "--json":
			body = take()
			if method == "GET" {
				method = "POST"
			}
		case "-N":
		case "-o":
			take()
		default:
			if !strings.HasPrefix(arg, "localhost:8080/") {
				t.Fatalf("what is %q?", arg)
			}
			url = strings.TrimPrefix(arg, "localhost:8080")
		}
	}
	return method, url, body, headers
}

// shellWords splits a line as a shell does: quotes hold words together.
func shellWords(line string) (words []string) {
	var word strings.Builder
	var quote rune
	in := false
	for _, c := range line {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote, in = c, true
		case quote == 0 && c == ' ':
			if in {
				words = append(words, word.String())
			}
			word.Reset()
			in = false
		default:
			word.WriteRune(c)
			in = true
		}
	}
	if in {
		words = append(words, word.String())
	}
	return words
}

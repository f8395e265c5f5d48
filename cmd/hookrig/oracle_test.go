package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/verifier"
)

func TestOracleAsksForTheEvent(t *testing.T) {
	var asked string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.RequestURI()
		switch r.URL.Path {
		case "/missing":
			http.NotFound(w, r)
		case "/broken":
			w.WriteHeader(http.StatusInternalServerError)
		case "/moved":
			http.Redirect(w, r, "/orders", http.StatusFound)
		default:
			fmt.Fprint(w, `{"count": 2, "orders": [{"a": 1}, {}, {}], "done": true, "name": "x", "nested": {"n": 7}}`)
		}
	}))
	defer server.Close()
	ev := contracts.Event{Body: []byte(`{"id": 12345678901234567890, "code": "a/b c&d", "list": [{"x": "y"}]}`)}

	for _, tt := range []struct {
		template, asked string
		want            int
		problem         string
	}{
		{"/orders?d={id}#/count", "/orders?d=dlv%261", 2, ""},
		{"/orders/{/code}?id={/id}&d={id}#/orders", "/orders/a%2Fb%20c&d?id=12345678901234567890&d=dlv%261", 3, ""},
		{"/orders?q={/code}#/nested/n", "/orders?q=a%2Fb+c%26d", 7, ""},
		{"/orders?q={/list/0/x}#/done", "/orders?q=y", 1, ""},
		{"/missing?d={id}#/count", "/missing?d=dlv%261", 0, ""},
		{"/broken?d={id}#/count", "/broken?d=dlv%261", 0, "the oracle answered 500"},
		{"/moved?d={id}#/count", "/moved?d=dlv%261", 0, "the oracle answered 302"},
		{"/orders?d={id}#/name", "/orders?d=dlv%261", 0, "no number of effects"},
		{"/orders?d={id}#/nothing", "/orders?d=dlv%261", 0, "nothing at /nothing"},
		{"/orders?q={/nothing}#/count", "", 0, "no value at /nothing"},
	} {
		asked = ""
		o, err := newOracle(server.URL + tt.template)
		if err != nil {
			t.Errorf("%s: %v", tt.template, err)
			continue
		}
		state, err := o.State(t.Context(), ev, "dlv&1")
		got := 0
		if err == nil {
			got, err = verifier.CountEffects(state)
		}
		switch {
		case tt.problem != "" && (err == nil || !strings.Contains(err.Error(), tt.problem)):
			t.Errorf("%s: error %v, want %q", tt.template, err, tt.problem)
		case tt.problem == "" && err != nil:
			t.Errorf("%s: %v", tt.template, err)
		case got != tt.want || asked != tt.asked:
			t.Errorf("%s: %d, asked %s; want %d, %s", tt.template, got, asked, tt.want, tt.asked)
		}
	}
}

// Two URLs are told apart later, by what they answer; beside a log or a header
// a URL can only show states.
func TestOraclesByTheirSpelling(t *testing.T) {
	const url, log, header = "http://127.0.0.1/orders/{/code}#/count", "file:app.log?line=done {/code}", "header:X-Effects"
	for _, tt := range []struct {
		given         []string
		counts, shows bool
		undecided     int
		problem       string
	}{
		{nil, false, false, 0, ""},
		{[]string{url}, false, false, 1, ""},
		{[]string{url, url}, false, false, 2, ""},
		{[]string{log}, true, false, 0, ""},
		{[]string{url, log}, true, true, 0, ""},
		{[]string{header, url}, true, true, 0, ""},
		{[]string{header, log}, false, false, 0, "both count effects"},
		{[]string{"header:"}, false, false, 0, "no name of a header"},
		{[]string{"header:{id}"}, false, false, 0, "no name of a header"},
		{[]string{"file:app.log"}, false, false, 0, "file:PATH?line=TEXT"},
		{[]string{"file:?line={id}"}, false, false, 0, "file:PATH?line=TEXT"},
		{[]string{"file:app.log?line=done"}, false, false, 0, "no placeholder"},
		{[]string{"file:app.log?match=({id}"}, false, false, 0, "missing closing )"},
		{[]string{"ftp://127.0.0.1/{id}"}, false, false, 0, "--oracle"},
	} {
		var o verifier.Options
		err := oracles(tt.given).into(&o)
		if tt.problem != "" {
			if err == nil || !strings.Contains(err.Error(), tt.problem) {
				t.Errorf("%q: %v, want %q", tt.given, err, tt.problem)
			}
			continue
		}
		if err != nil || (o.Oracle != nil) != tt.counts || (o.State != nil) != tt.shows || len(o.Oracles) != tt.undecided {
			t.Errorf("%q: %v, %+v", tt.given, err, o)
		}
	}
}

func TestOracleOfALog(t *testing.T) {
	name := filepath.Join(t.TempDir(), "app.log")
	write := func(flag int, text string) {
		t.Helper()
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|flag, 0o600)
		if err == nil {
			_, err = f.WriteString(text)
		}
		if err != nil || f.Close() != nil {
			t.Fatal(err)
		}
	}
	ev := contracts.Event{Body: []byte(`{"code": "12", "odd": "a.*b"}`)}
	o, err := newLogOracle(name + "?line=done {/code}")
	if err != nil {
		t.Fatal(err)
	}
	counts := func(want int) {
		t.Helper()
		if got, err := o.Effects(t.Context(), ev, "dlv_1"); err != nil || got != want {
			t.Errorf("%d, %v; want %d", got, err, want)
		}
	}
	if _, err := o.Effects(t.Context(), ev, "dlv_1"); err == nil || !strings.Contains(err.Error(), "cannot read") {
		t.Errorf("a log that is not there: %v", err)
	}
	write(os.O_APPEND, "start\ndone 12\ndone 123\nundone 1 2\n")
	counts(1)
	counts(1)
	write(os.O_APPEND, "done 12") // not finished
	counts(2)
	write(os.O_APPEND, "3\n")
	counts(1)
	write(os.O_APPEND, strings.Repeat("x", 3<<20)+"\ndone 12, again\r\n")
	counts(2)
	if err := os.Rename(name, name+".1"); err != nil {
		t.Fatal(err)
	}
	counts(2) // it is being rotated
	write(os.O_APPEND, "done 12\n")
	counts(3)
	write(os.O_TRUNC, "done 12\n") // cut, and written to as far as before
	counts(3)
	write(os.O_TRUNC, "")
	counts(3)
	write(os.O_APPEND, "done 12\n")
	counts(4)

	for query, want := range map[string]int{
		"match=^done {/code}$": 1, "match=^DONE {/code}": 0, "line={/code}": 1, "line={/odd}": 0, "line={id}": 0, "match=(?i)^DONE {/code}": 1,
	} {
		if o, err = newLogOracle("//" + name + "?" + query); err != nil {
			t.Fatal(err)
		}
		if got, err := o.Effects(t.Context(), ev, "dlv_1"); err != nil || got != want {
			t.Errorf("%s: %d, %v; want %d", query, got, err, want)
		}
	}
	o, err = newLogOracle(name + "?line={/nothing}")
	if err != nil || o.Sees(ev) {
		t.Errorf("it sees an event without the value: %v", err)
	}
	if _, err := o.Effects(t.Context(), ev, ""); err == nil || !strings.Contains(err.Error(), "no value at /nothing") {
		t.Error(err)
	}
}

// What an oracle is asked with may be a secret: commands do not repeat it. A
// placeholder is none, whatever the parameter's name is.
func TestOraclesWithCredentialsAreNotRepeated(t *testing.T) {
	for oracle, repeated := range map[string]bool{
		"http://shop.test/effects/{id}":               true,
		"http://shop.test/orders?code={/order/code}":  true,
		"http://shop.test/?token=canary&id={id}":      false,
		"http://shop.test/?id={id}&api_key=canary#/0": false,
		"http://ann:canary@shop.test/effects/{id}":    false,
		"file:app.log?line=done {id}":                 true,
		"header:X-Effects":                            true,
	} {
		f := verifyFlags{oracles: oracles{oracle}}
		args := f.extraArgs()
		if got := strings.Contains(args, "--oracle "); got != repeated || strings.Contains(args, "canary") || strings.Contains(f.lookAtOracle(), "canary") {
			t.Errorf("%s: %q %q", oracle, args, f.lookAtOracle())
		}
	}
}

// An oracle that shows the same for all events is told what it could be, without
// its credentials.
func TestOracleHintHasAPlaceholder(t *testing.T) {
	for given, want := range map[string]string{
		"http://shop.test/x#/count":              "http://shop.test/x?id={id}#/count",
		"http://shop.test/x?a=1":                 "http://shop.test/x?a=1&id={id}",
		"http://user:canary@shop.test/x#/a/b":    "http://shop.test/x?id={id}#/a/b",
		"http://shop.test/x?token=canary#/count": "http://shop.test/x?token=[redacted]&id={id}#/count",
	} {
		_, _, err := oracles{given}.ofScenario()
		var wrong *failure
		if !errors.As(err, &wrong) || !strings.Contains(wrong.hint, want) || strings.Contains(wrong.hint+err.Error(), "canary") {
			t.Errorf("%s: %v, hint %+v", given, err, wrong)
		}
	}
}

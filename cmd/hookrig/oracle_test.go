package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts"
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
		{"/orders#/count", "/orders", 2, ""},
		{"/orders/{/code}?id={/id}&d={id}#/orders", "/orders/a%2Fb%20c&d?id=12345678901234567890&d=dlv%261", 3, ""},
		{"/orders?q={/code}#/nested/n", "/orders?q=a%2Fb+c%26d", 7, ""},
		{"/orders?q={/list/0/x}#/done", "/orders?q=y", 1, ""},
		{"/missing#/count", "/missing", 0, ""},
		{"/broken#/count", "/broken", 0, "the oracle answered 500"},
		{"/moved#/count", "/moved", 0, "the oracle answered 302"},
		{"/orders#/name", "/orders", 0, "no number and no list"},
		{"/orders#/nothing", "/orders", 0, "nothing at /nothing"},
		{"/orders?q={/nothing}#/count", "", 0, "no value at /nothing"},
	} {
		asked = ""
		o, err := newOracle(server.URL + tt.template)
		if err != nil {
			t.Errorf("%s: %v", tt.template, err)
			continue
		}
		got, err := o.Effects(t.Context(), ev, "dlv&1")
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

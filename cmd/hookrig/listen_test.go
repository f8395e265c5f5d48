package main

import (
	"bytes"
	"net/http/httptest"
	"strings"
	"testing"
)

// A wrong signature is no broken contract, and bodies are shown on request.
func TestListenForPeople(t *testing.T) {
	var out bytes.Buffer
	c := newConsole(nil, strings.NewReader(""), &out, &out, func(string) (string, bool) { return "a-secret", true })
	l, err := c.newListener(&listenFlags{addr: "127.0.0.1:0", secrets: []string{"SECRET"}, body: true}, []string{"shoptet"})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/hooks", strings.NewReader(`{"eshopId":315185}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Shoptet-Webhook-Signature", "39451fbbeeaf3a70a2ff757838191554d7154d95")
	l.ServeHTTP(httptest.NewRecorder(), r)
	if err := l.verdict(); err != errBroken {
		t.Errorf("the verdict is %v", err)
	}
	_ = c.flush()
	for _, want := range []string{"\n    mismatch: ", "\n      \"eshopId\": 315185\n", "\n1 request received, 0 broke the contract, 1 signature refused\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("there is no %q in:\n%s", want, &out)
		}
	}
}

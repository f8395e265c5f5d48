package verifier_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/verifier"
)

func TestRejudgeGivesTheSameReport(t *testing.T) {
	c := provider(t, "xentral")
	o := options(c, receivers.New(c, receivers.NoSignatureCheck, secretsOf(c)...))
	o.Events = []string{"salesOrder.created", "product.created"}
	evidence, err := verifier.Collect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	first, err := verifier.Rejudge(c, evidence)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(evidence)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte("canary-secret")) {
		t.Error("the evidence holds the secret")
	}
	var again verifier.Evidence
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	second, err := verifier.Rejudge(c, &again)
	if err != nil || !reflect.DeepEqual(first, second) {
		t.Errorf("judged again, the evidence gives another report: %v", err)
	}
	if _, err := verifier.Rejudge(provider(t, "shoptet"), evidence); err == nil {
		t.Error("evidence of one contract was judged by another")
	}
}

func TestScopeAndSelection(t *testing.T) {
	c := provider(t, "sellercenter")
	o := options(c, receivers.New(c, receivers.StumblesOverOneEvent))
	o.Events = []string{"onOrderCreated"}
	o.Only = []string{"acknowledgement"}
	r := run(t, o)
	if r.Verdict != verifier.Conformant || !slices.Equal(r.Scope, []string{"onOrderCreated"}) {
		t.Errorf("%s over %q", r.Verdict, r.Scope)
	}
	var text bytes.Buffer
	if err := r.Text(&text, false); err != nil || !strings.Contains(text.String(), "onOrderCreated") {
		t.Errorf("the verdict does not print its scope:\n%s", text.String())
	}
	for _, bad := range []verifier.Options{
		{Contract: c, URL: "http://x.test", Events: []string{"onOrderCreate"}},
		{Contract: c, URL: "http://x.test", Only: []string{"acknowledgment"}},
		{Contract: c, URL: "http://x.test", Skip: []string{"state/duplicate"}},
		{Contract: provider(t, "shoptet"), URL: "http://x.test"},
	} {
		if _, err := verifier.Run(t.Context(), bad); err == nil {
			t.Errorf("%+v was run", bad)
		}
	}
}

func TestUnreachableIsNoFinding(t *testing.T) {
	c := provider(t, "sellercenter")
	server := httptest.NewServer(http.NotFoundHandler())
	address := server.URL
	server.Close()
	_, err := verifier.Run(t.Context(), verifier.Options{Contract: c, URL: address})
	var unreachable *verifier.UnreachableError
	if !errors.As(err, &unreachable) {
		t.Errorf("got %v", err)
	}
}

// TestOverRealSockets also checks that reports never hold a secret.
func TestOverRealSockets(t *testing.T) {
	c := provider(t, "scayle")
	receiver := receivers.New(c, receivers.EffectBeforeCheck, secretsOf(c)...)
	server := httptest.NewServer(receiver)
	defer server.Close()
	o := options(c, receiver)
	o.Transport, o.Secrets = nil, nil
	o.URL = strings.Replace(server.URL, "http://", "http://shop:canary-secret-of-the-tests@", 1) + "/hooks"
	r := run(t, o)
	if got := findings(r, verifier.Fail); !same(got, []string{"authenticity/no-effect"}) {
		t.Errorf("fails %q", got)
	}
	var text, line, junit bytes.Buffer
	if err := errors.Join(r.Text(&text, true), r.JSON(&line), r.JUnit(&junit)); err != nil {
		t.Fatal(err)
	}
	for name, out := range map[string]string{"text": text.String(), "json": line.String(), "junit": junit.String()} {
		if strings.Contains(out, "canary-secret") || strings.Contains(out, "Y2FuYXJ5") {
			t.Errorf("the %s report holds the secret", name)
		}
		if !strings.Contains(out, "hookrig verify scayle --to http://127.0.0.1") {
			t.Errorf("the %s report does not say how to reproduce:\n%s", name, out)
		}
	}
	if strings.Count(line.String(), "\n") != 1 {
		t.Error("the JSON report is not one line")
	}
	if err := xml.Unmarshal(junit.Bytes(), new(struct{})); err != nil {
		t.Errorf("the JUnit report: %v", err)
	}
}

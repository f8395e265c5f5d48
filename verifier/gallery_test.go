package verifier_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

// secretsOf are what provider and receiver share in these tests.
func secretsOf(c *contracts.Contract) []signature.Secret {
	switch s, _ := c.Signature(); {
	case !s.Signs():
		return nil
	case s.Algorithm == signature.Basic:
		return []signature.Secret{signature.NewSecret("shop:canary-secret-of-the-tests")}
	}
	return []signature.Secret{signature.NewSecret("canary-secret-of-the-tests")}
}

func provider(t *testing.T, name string) *contracts.Contract {
	t.Helper()
	c, err := catalog.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// options for a receiver in the same process, with an oracle that looks into it.
func options(c *contracts.Contract, r *receivers.Receiver) verifier.Options {
	return verifier.Options{
		Contract: c, URL: "http://receiver.test/hooks", Secrets: secretsOf(c), Transport: mockserver.InProcess(r),
		Oracle: verifier.OracleFunc(func(_ context.Context, ev contracts.Event, _ string) (int, error) { return r.Effects(ev), nil }),
	}
}

func run(t *testing.T, o verifier.Options) *verifier.Report {
	t.Helper()
	r, err := verifier.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func findings(r *verifier.Report, v ...verifier.Verdict) (out []string) {
	for _, c := range r.Checks {
		if slices.Contains(v, c.Verdict) {
			out = append(out, c.Name)
		}
	}
	return out
}

func TestCorrectReceiversAreConformant(t *testing.T) {
	for _, name := range catalog.Names {
		for seed := range uint64(3) {
			c := provider(t, name)
			o := options(c, receivers.New(c, receivers.None, secretsOf(c)...))
			o.Seed = seed
			r := run(t, o)
			if r.Verdict != verifier.Conformant || r.Counts.Warn+r.Counts.Fail+r.Counts.Inconclusive > 0 {
				for _, f := range r.Checks {
					if f.Verdict != verifier.Pass && f.Verdict != verifier.Skip {
						t.Errorf("%s, seed %d: %s %s: %s (%s)", name, seed, f.Verdict, f.Name, f.Because, f.Received)
					}
				}
			}
		}
	}
}

// TestEachDefectIsCaughtByItsOwnChecks is the gallery: what a defect must
// fail, what it may warn of, and nothing else.
func TestEachDefectIsCaughtByItsOwnChecks(t *testing.T) {
	type want struct {
		provider    string
		fails, warn []string
	}
	gallery := map[receivers.Defect]want{
		receivers.DoubleEffect: {"shoptet", []string{"state/duplicate-once", "state/lost-answer"}, nil},
		receivers.NoSignatureCheck: {"xentral", []string{
			"authenticity/missing-signature", "authenticity/empty-signature", "authenticity/truncated-signature",
			"authenticity/wrong-key", "authenticity/altered-body", "authenticity/no-effect",
		}, []string{"authenticity/stale-timestamp"}},
		receivers.MissingMeansTrusted:  {"ergonode", []string{"authenticity/missing-signature"}, nil},
		receivers.EmptyMeansTrusted:    {"shoptet", []string{"authenticity/empty-signature"}, nil},
		receivers.PrefixCompare:        {"shoptet", []string{"authenticity/truncated-signature"}, nil},
		receivers.ReserialisesBody:     {"shoptet", []string{"authenticity/raw-body"}, nil},
		receivers.EffectBeforeCheck:    {"scayle", []string{"authenticity/no-effect"}, nil},
		receivers.BreaksOnUnknownEvent: {"sellercenter", []string{"payload/unknown-event"}, nil},
		receivers.RefusesUnknownFields: {"ergonode", []string{"payload/unknown-field"}, nil},
		receivers.AcceptsMalformed:     {"sellercenter", []string{"payload/malformed-json"}, nil},
		receivers.BreaksOnMalformed:    {"shoptet", []string{"payload/malformed-json"}, nil},
		receivers.RefusesDuplicates:    {"sellercenter", []string{"state/duplicate-accepted"}, nil},
		receivers.RedirectsToSlash:     {"scayle", []string{"acknowledgement/valid-event", "http/redirect"}, nil},
		receivers.AnswersNoContent:     {"sellercenter", []string{"acknowledgement/valid-event"}, nil},
		receivers.StumblesOverOneEvent: {"sellercenter", []string{"acknowledgement/each-event"}, nil},
		receivers.SlowToAnswer:         {"ergonode", nil, []string{"acknowledgement/latency"}},
	}
	for _, defect := range receivers.Defects {
		t.Run(string(defect), func(t *testing.T) {
			t.Parallel()
			w, ok := gallery[defect]
			if !ok {
				t.Fatal("no row says what this defect must fail")
			}
			c := provider(t, w.provider)
			o := options(c, receivers.New(c, defect, secretsOf(c)...))
			if defect == receivers.SlowToAnswer {
				o.Only, o.Events = []string{"acknowledgement"}, []string{"category_created"}
			}
			r := run(t, o)
			if got := findings(r, verifier.Fail); !same(got, w.fails) {
				t.Errorf("fails %q, want %q", got, w.fails)
			}
			if got := findings(r, verifier.Warn); !same(got, w.warn) {
				t.Errorf("warns of %q, want %q", got, w.warn)
			}
			if (len(w.fails) > 0) != (r.Verdict == verifier.NotConformant) {
				t.Errorf("the verdict is %q", r.Verdict)
			}
		})
	}
}

func same(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

// A provider without a known success rule is judged by practice: 204 is well.
func TestAnAssumedSuccessRuleIsNotHeldAgainstTheReceiver(t *testing.T) {
	c := provider(t, "xentral")
	o := options(c, receivers.New(c, receivers.AnswersNoContent, secretsOf(c)...))
	o.Only = []string{"acknowledgement/valid-event"}
	r := run(t, o)
	if r.Verdict != verifier.Conformant || r.Checks[0].Basis != verifier.ByPractice || r.Checks[0].Provenance.Level != contracts.Assumed {
		t.Errorf("%+v", r.Checks[0])
	}
}

func TestWithoutAnOracleNothingIsPassedThatWasNotSeen(t *testing.T) {
	c := provider(t, "shoptet")
	o := options(c, receivers.New(c, receivers.DoubleEffect, secretsOf(c)...))
	o.Oracle = nil
	r := run(t, o)
	want := []string{"authenticity/no-effect", "state/duplicate-once", "state/lost-answer"}
	if got := findings(r, verifier.Inconclusive); !same(got, want) {
		t.Errorf("inconclusive are %q, want %q", got, want)
	}
	var text bytes.Buffer
	if err := r.Text(&text, false); err != nil || !strings.Contains(text.String(), "--oracle") {
		t.Errorf("the report does not say how to give an oracle: %v", err)
	}
}

func TestAnOracleThatFailsIsNotTheReceiversFault(t *testing.T) {
	c := provider(t, "shoptet")
	o := options(c, receivers.New(c, receivers.None, secretsOf(c)...))
	o.Oracle = verifier.OracleFunc(func(context.Context, contracts.Event, string) (int, error) { return 0, errors.New("oracle down") })
	r := run(t, o)
	if r.Counts.Fail > 0 || r.Counts.Inconclusive != 3 {
		t.Errorf("%+v", r.Counts)
	}
}

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

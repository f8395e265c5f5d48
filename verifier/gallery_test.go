package verifier_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

func TestCorrectReceiversAreConformant(t *testing.T) {
	seeds := uint64(3)
	if os.Getenv("HOOKRIG_FULL") != "" {
		seeds = 100
	}
	for _, name := range catalog.Names {
		t.Run(name, func(t *testing.T) {
			for seed := range seeds {
				virtual(t, func(t *testing.T) {
					c := provider(t, name)
					o := options(c, receivers.New(c, receivers.None, secretsOf(c)...))
					o.Seed = seed
					for _, f := range run(t, o).Checks {
						if f.Verdict != verifier.Pass && f.Verdict != verifier.Skip {
							t.Errorf("seed %d: %s %s: %s (%s)", seed, f.Verdict, f.Name, f.Because, f.Received)
						}
					}
				})
			}
		})
	}
}

// gallery says what each defect must fail, what it must warn of and where it
// shows. Nothing else may be found anywhere.
var gallery = map[receivers.Defect]struct {
	where       string // of traits; "": at every provider
	fails, warn []string
}{
	receivers.DoubleEffect: {"", []string{"state/duplicate-once", "state/lost-answer"}, nil},
	receivers.NoSignatureCheck: {"signs", []string{
		"authenticity/missing-signature", "authenticity/empty-signature", "authenticity/truncated-signature",
		"authenticity/wrong-key", "authenticity/altered-body", "authenticity/no-effect",
	}, []string{"authenticity/stale-timestamp"}},
	receivers.MissingMeansTrusted:  {"signs", []string{"authenticity/missing-signature"}, nil},
	receivers.EmptyMeansTrusted:    {"signs", []string{"authenticity/empty-signature"}, nil},
	receivers.PrefixCompare:        {"compares", []string{"authenticity/truncated-signature"}, nil},
	receivers.ReserialisesBody:     {"signs the body", []string{"authenticity/raw-body"}, nil},
	receivers.EffectBeforeCheck:    {"signs", []string{"authenticity/no-effect"}, nil},
	receivers.BreaksOnUnknownEvent: {"", []string{"payload/unknown-event"}, nil},
	receivers.RefusesUnknownFields: {"", []string{"payload/unknown-field"}, nil},
	receivers.AcceptsMalformed:     {"", []string{"payload/malformed-json"}, nil},
	receivers.BreaksOnMalformed:    {"", []string{"payload/malformed-json"}, nil},
	receivers.RefusesDuplicates:    {"", []string{"state/duplicate-accepted"}, nil},
	receivers.RedirectsToSlash:     {"", []string{"acknowledgement/valid-event", "http/redirect"}, nil},
	receivers.AnswersNoContent:     {"wants 200", []string{"acknowledgement/valid-event"}, nil},
	receivers.StumblesOverOneEvent: {"", []string{"acknowledgement/each-event"}, nil},
	receivers.SlowToAnswer:         {"", nil, []string{"acknowledgement/latency"}},
}

// traits of a provider that decide whether a defect can show.
func traits(c *contracts.Contract) []string {
	out := []string{""}
	scheme, _ := c.Signature()
	if scheme.Signs() {
		out = append(out, "signs")
	}
	if scheme.Signs() && scheme.Algorithm != signature.JWTHS256 {
		out = append(out, "compares") // a token is read, not compared
	}
	if strings.Contains(scheme.Signed, "{body}") {
		out = append(out, "signs the body")
	}
	policy := c.EventTypes()[0].Policy()
	if policy.Provenance("success").Level != contracts.Assumed && !policy.Accepts(http.StatusNoContent) {
		out = append(out, "wants 200")
	}
	return out
}

func TestEachDefectIsCaughtByItsOwnChecks(t *testing.T) {
	for _, defect := range receivers.Defects {
		row, ok := gallery[defect]
		if !ok {
			t.Errorf("no row says what %q must fail", defect)
		}
		for _, name := range catalog.Names {
			virtualRun(t, string(defect)+"/"+name, func(t *testing.T) {
				c := provider(t, name)
				var fails, warn []string
				if slices.Contains(traits(c), row.where) {
					fails, warn = applicable(c, row.fails), applicable(c, row.warn)
				}
				o := options(c, receivers.New(c, defect, secretsOf(c)...))
				types := c.EventTypes()
				o.Events = []string{types[0].Name(), types[1].Name(), types[len(types)-1].Name()}
				r := run(t, o)
				if got := findings(r, verifier.Fail); !same(got, fails) {
					t.Errorf("fails %q, want %q", got, fails)
				}
				if got := findings(r, verifier.Warn); !same(got, warn) {
					t.Errorf("warns of %q, want %q", got, warn)
				}
				if (len(fails) > 0) != (r.Verdict == verifier.NotConformant) {
					t.Errorf("the verdict is %q", r.Verdict)
				}
			})
		}
	}
}

// applicable leaves out the checks that ask for more than the provider signs.
func applicable(c *contracts.Contract, checks []string) (out []string) {
	scheme, _ := c.Signature()
	asks := map[string]string{"authenticity/altered-body": "{body}", "authenticity/stale-timestamp": "{timestamp}"}
	for _, name := range checks {
		if strings.Contains(scheme.Signed, asks[name]) {
			out = append(out, name)
		}
	}
	return out
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
	if err := r.Text(&text, false); err != nil || !strings.Contains(text.String(), r.OracleHint) || r.OracleHint == "" {
		t.Errorf("the report does not say how to give an oracle: %v", err)
	}
}

// What an oracle can be asked by is what the contract says tells events apart.
func TestTheHintForAnOracleFitsTheContract(t *testing.T) {
	text, err := os.ReadFile("testdata/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	identified := func(by string) *contracts.Contract {
		c, err := contracts.Load(fstest.MapFS{"shop.yaml": {Data: bytes.Replace(text, []byte("  identity: {members: [/id]}\n"), []byte(by), 1)}}, "shop.yaml")
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, row := range []struct {
		c        *contracts.Contract
		arg      string
		contains string
	}{
		{shop(t), "shop.yaml", "--oracle 'http://host/effects?id={/id}#/count'"},
		{identified("  identity: {members: [/type, /id]}\n"), "shop.yaml", "--oracle 'http://host/effects?type={/type}&id={/id}#/count'"},
		{identified("  identity: {header: X-Delivery}\n"), "shop.yaml", "--oracle 'http://host/effects?id={id}#/count'"},
		{identified(""), "shop.yaml", "--oracle 'http://host/effects?event={/…}#/count'"},
		{provider(t, "shoptet"), "shoptet", "eventInstance={/eventInstance}&"},
		{provider(t, "sellercenter"), "sellercenter", "payload={/payload/…}#/count'"},
		{shop(t), "", "verifier.Options{Oracle: …} counts the effects of an event by /id"},
		{identified("  identity: {header: X-Delivery}\n"), "", "by the delivery's id"},
	} {
		o := options(row.c, receivers.New(row.c, receivers.None, secretsOf(row.c)...))
		o.Oracle, o.ContractArg, o.Only = nil, row.arg, []string{"state"}
		if got := run(t, o).OracleHint; !strings.Contains(got, row.contains) {
			t.Errorf("%q does not say %q", got, row.contains)
		}
		o = options(row.c, receivers.New(row.c, receivers.None, secretsOf(row.c)...))
		o.Only = []string{"state"}
		if got := run(t, o).OracleHint; got != "" {
			t.Errorf("a hint where an oracle was given: %q", got)
		}
	}
}

// From Go a finding is repeated in Go: nobody knows how a command line would
// name the contract.
func TestReproduceInGo(t *testing.T) {
	c := shop(t)
	o := options(c, receivers.New(c, receivers.AcceptsMalformed, secretsOf(c)...))
	o.Seed = 9
	for _, row := range []struct{ arg, want string }{
		{"", `verifier.Options{Seed: 9, Only: []string{"payload/malformed-json"}, Events: []string{"sold"}}`},
		{"my shop.yaml", `hookrig verify 'my shop.yaml' --to http://receiver.test/hooks --seed 9 --only payload/malformed-json --event sold --secret-env HOOKRIG_SECRET`},
	} {
		o.ContractArg = row.arg
		found := false
		for _, f := range run(t, o).Checks {
			if f.Verdict == verifier.Fail {
				if found = true; f.Reproduce != row.want {
					t.Errorf("%s: %s, want %s", f.Name, f.Reproduce, row.want)
				}
			}
		}
		if !found {
			t.Error("nothing was found")
		}
	}
}

func TestAnOracleThatFailsIsNotTheReceiversFault(t *testing.T) {
	c := provider(t, "shoptet")
	o := options(c, receivers.New(c, receivers.None, secretsOf(c)...))
	asked := 0
	o.Oracle = verifier.OracleFunc(func(context.Context, contracts.Event, string) (int, error) {
		if asked++; asked == 1 { // the trial before the run
			return 0, nil
		}
		return 0, errors.New("oracle down")
	})
	r := run(t, o)
	if r.Counts.Fail > 0 || r.Counts.Inconclusive != 3 {
		t.Errorf("%+v", r.Counts)
	}
}

// An oracle that cannot be asked at all is no reason for a green verdict.
func TestABrokenOracleEndsTheRunBeforeItStarts(t *testing.T) {
	c := shop(t)
	receiver := receivers.New(c, receivers.None, secretsOf(c)...)
	sent := 0
	o := options(c, receiver)
	o.Transport = mockserver.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent++
		receiver.ServeHTTP(w, r)
	}))
	down := errors.New("oracle down")
	o.Oracle = verifier.OracleFunc(func(context.Context, contracts.Event, string) (int, error) { return 0, down })
	r, err := verifier.Run(t.Context(), o)
	var broken *verifier.OracleError
	if r != nil || !errors.As(err, &broken) || !errors.Is(err, down) || broken.Event != "sold" {
		t.Errorf("report %v, error %v", r, err)
	}
	if sent > 0 {
		t.Errorf("%d deliveries were sent nevertheless", sent)
	}
	ctx, cancel := context.WithCancel(t.Context())
	o.Oracle = verifier.OracleFunc(func(context.Context, contracts.Event, string) (int, error) { cancel(); return 0, down })
	if _, err := verifier.Run(ctx, o); !errors.Is(err, context.Canceled) || errors.As(err, &broken) {
		t.Errorf("an interruption is taken for the oracle's fault: %v", err)
	}
}

// The headline is not greener than what was seen.
func TestHeadline(t *testing.T) {
	c := shop(t)
	for _, row := range []struct {
		oracle bool
		only   []string
		events []string
		want   string
	}{
		{true, nil, nil, "\nconformant: shop, all 2 events\n"},
		{false, nil, nil, "\nconformant, as far as seen: 3 checks not judged; shop, all 2 events\n"},
		{false, []string{"state/lost-answer"}, []string{"sold"}, "\nconformant, as far as seen: 1 check not judged; shop, 1 of its events (sold)\n"},
		{false, []string{"payload"}, []string{"sold"}, "\nconformant: shop, 1 of its events (sold)\n"},
	} {
		virtual(t, func(t *testing.T) {
			o := options(c, receivers.New(c, receivers.None, secretsOf(c)...))
			if o.Only, o.Events = row.only, row.events; !row.oracle {
				o.Oracle = nil
			}
			r := run(t, o)
			var text bytes.Buffer
			if err := r.Text(&text, false); err != nil || !strings.Contains(text.String(), row.want) || r.Verdict != verifier.Conformant {
				t.Errorf("%v %q, want %q in\n%s", err, r.Verdict, row.want, text.String())
			}
		})
	}
}

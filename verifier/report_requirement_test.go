package verifier_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

func TestBoundRuns(t *testing.T) {
	c := shop(t)
	text := []byte("events: [sold]\nchecks: [authenticity, state/duplicate-once]\noracle: true\ncoverage: 50\nwaivers:\n  - {check: authenticity/truncated-signature, reason: a gateway compares, until: 2000-01-01}\n")
	req, err := verifier.ReadRequirement("require.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		until   string // of the waiver; the bubble's clock stands at 2000-01-01
		verdict string
		expired bool
		waived  int
	}{{"2000-01-01", verifier.Conformant, false, 1}, {"1999-12-31", verifier.NotConformant, true, 0}} {
		virtual(t, func(t *testing.T) {
			o := options(c, receivers.New(c, receivers.PrefixCompare, secretsOf(c)...))
			o.Seed, o.Challenge, o.Require = 3, "of today", req
			o.Require.Waivers[0].Until = row.until
			r := run(t, o)
			if r.Verdict != row.verdict || r.Counts.Waived != row.waived || r.Requirement.Waivers[0].Expired != row.expired || !r.Requirement.Met {
				t.Errorf("until %s: %s, %d waived, %+v", row.until, r.Verdict, r.Counts.Waived, r.Requirement)
			}
			if want := verifier.Bind(3, req.Digest, "of today"); r.Seed != want || r.Bound.Seed != 3 || want == verifier.Bind(3, req.Digest, "of yesterday") || want>>53 != 0 {
				t.Errorf("seed %d, want %d; bound to %+v", r.Seed, want, r.Bound)
			}
			if !slices.Equal(r.Scope, []string{"sold"}) || !r.Selected {
				t.Errorf("scope %q", r.Scope)
			}
		})
	}
}

func TestRequirementsThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"checks: [authenticty]":                                                          `no check or group "authenticty"`,
		"waivers: [{check: state, reason: x, until: 2026-01-01}]":                        `no check or group "state"`,
		"waivers: [{check: authenticity/wrong-key, until: 2026-01-01}]":                  "reason",
		"waivers: [{check: authenticity/wrong-key, reason: ' ', until: 2026-01-01}]":     "require.yaml:1:",
		"waivers: [{check: authenticity/wrong-key, reason: x, until: 2026-02-30}]":       "is no day",
		"waivers: [{check: authenticity/wrong-key, reason: x, until: someday, more: 1}]": "require.yaml:1:",
		"coverage: 101": "require.yaml:1:",
		"[":             "require.yaml:",
	} {
		if _, err := verifier.ReadRequirement("require.yaml", []byte(text)); !contains(err, want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	c := shop(t)
	o := verifier.Options{Contract: c, Secrets: secretsOf(c), URL: "http://receiver.test/", Transport: mockserver.InProcess(receivers.New(c, receivers.None, secretsOf(c)...))}
	for _, row := range []struct {
		o    func(*verifier.Options)
		want string
	}{
		{func(o *verifier.Options) { o.Require = &verifier.Requirement{Oracle: true} }, "asks for an oracle"},
		{func(o *verifier.Options) { o.Require = &verifier.Requirement{Events: []string{"solt"}} }, `no event "solt"`},
		{func(o *verifier.Options) {
			o.Require, o.Events = &verifier.Requirement{Events: []string{"sold"}}, []string{"returned"}
		}, `the event "sold", which is not in the scope`},
		{func(o *verifier.Options) {
			o.Require, o.Skip = &verifier.Requirement{Checks: []string{"state"}}, []string{"state/lost-answer"}
		}, `the check "state/lost-answer", which is left out`},
	} {
		o := o
		row.o(&o)
		if _, err := verifier.Run(t.Context(), o); err == nil || !contains(err, row.want) {
			t.Errorf("want %q, got %v", row.want, err)
		}
	}
}

// A requirement that was not seen says what was missing; coverage falls with what
// is left out.
func TestWhatWasNotSeen(t *testing.T) {
	virtual(t, func(t *testing.T) {
		c := shop(t)
		o := options(c, receivers.New(c, receivers.None, secretsOf(c)...))
		o.Oracle = nil
		o.Require = &verifier.Requirement{Checks: []string{"state", "http"}, Coverage: 100}
		r := run(t, o)
		if r.Requirement.Met || r.Requirement.Demands[0].Met || !r.Requirement.Demands[1].Met || r.Requirement.Demands[2].Met {
			t.Errorf("%+v", r.Requirement)
		}
		o = options(c, receivers.New(c, receivers.None, secretsOf(c)...))
		whole := run(t, o).Coverage
		o.Only = []string{"http"}
		part := run(t, o).Coverage
		if whole.Percent < 90 || part.Percent >= r.Coverage.Percent || part.Checks.Judged >= whole.Checks.Judged || part.Checks.Planned < whole.Checks.Planned {
			t.Errorf("whole %d, without an oracle %d, two checks %d (%+v)", whole.Percent, r.Coverage.Percent, part.Percent, part.Checks)
		}
		for _, row := range whole.Matrix {
			if row.Checks["acknowledgement/each-event"] != verifier.Pass {
				t.Errorf("%+v", row)
			}
		}
	})
}

// Of an oracle that was given it is not said that there was none, whatever became
// of it.
func TestAnOracleThatWasGivenIsNotDenied(t *testing.T) {
	state := func(int) string { return `{"status": "paid"}` }
	number := func(n int) string { return fmt.Sprint(n) }
	for _, row := range []struct {
		name    string
		refuses bool
		show    func(int) string
		unasked int
		because string // "": met
	}{
		{"valid events are refused", true, number, 1, "valid events are refused"},
		{"it shows states", false, state, 0, "shows states"},
		{"it counts", false, number, 0, ""},
	} {
		virtualRun(t, row.name, func(t *testing.T) {
			c := shop(t)
			receiver := receivers.New(c, receivers.None, secretsOf(c)...)
			o := options(c, receiver)
			o.Oracle, o.State, o.Oracles = nil, nil, []verifier.StateOracle{asked(receiver, row.show)}
			o.Only, o.Require = []string{"state/duplicate-once"}, &verifier.Requirement{Oracle: true}
			if row.refuses {
				o.Transport = mockserver.InProcess(http.NotFoundHandler())
			}
			r := run(t, o)
			demand := r.Requirement.Demands[0]
			if r.OraclesUnasked != row.unasked || demand.Met != (row.because == "") || !strings.Contains(demand.Because, row.because) {
				t.Errorf("%d unasked, %+v", r.OraclesUnasked, demand)
			}
		})
	}
}

// A receiver that refuses what is valid has shown nothing, whoever gives leave.
func TestAWaivedBaselineShowsNothing(t *testing.T) {
	virtual(t, func(t *testing.T) {
		c := shop(t)
		o := options(c, receivers.New(c, receivers.None, secretsOf(c)...))
		o.Transport = mockserver.InProcess(http.NotFoundHandler())
		o.Require = &verifier.Requirement{Waivers: []verifier.Waiver{{Check: "acknowledgement/valid-event", Reason: "not there yet", Until: "2000-01-01"}}}
		if r := run(t, o); r.Verdict != verifier.Undecided || r.Counts.Waived != 1 || r.Counts.Skip < 50 {
			t.Errorf("%s: %+v", r.Verdict, r.Counts)
		}
		o.Require.Waivers[0].Until = "1999-12-31"
		if r := run(t, o); r.Verdict != verifier.NotConformant {
			t.Errorf("%s, though the leave has ended", r.Verdict)
		}
	})
}

// What a run lacks is no reason to think a check was asked for in vain: only what
// the provider has none of is.
func TestWhatARunLacks(t *testing.T) {
	named := func(name string) *verifier.Requirement { return &verifier.Requirement{Checks: []string{name}} }
	for _, row := range []struct {
		name, provider, asked string
		change                func(*verifier.Options, *receivers.Receiver)
		lacks                 string // "": met
	}{
		{"credentials", "scayle", "authenticity", func(o *verifier.Options, _ *receivers.Receiver) { o.Secrets = nil }, "authenticity/wrong-key skipped"},
		{"no lack of credentials", "scayle", "authenticity", nil, ""},
		{"a restart", "", "state/duplicate-after-restart", nil, "state/duplicate-after-restart skipped"},
		{"a restart, by its group", "", "state", nil, "state/duplicate-after-restart skipped"},
		{"no lack of a restart", "", "state", func(o *verifier.Options, r *receivers.Receiver) {
			o.Restart = func(context.Context) error { r.Restart(); return nil }
		}, ""},
		{"days", "", "state/duplicate-after-day", nil, "state/duplicate-after-day not possible here"},
		{"no lack of days", "", "state/duplicate-after-day", func(o *verifier.Options, _ *receivers.Receiver) { o.Virtual = true }, ""},
		{"connections", "", "transport/reset", nil, "transport/reset not possible here"},
		{"connections, by their group", "", "transport", nil, ""},
		{"another version", "", "payload/next-version-additions", nil, "payload/next-version-additions skipped"},
		{"an oracle for all events", "timed", "state/same-record-done", func(o *verifier.Options, _ *receivers.Receiver) { o.Oracle = selective{o.Oracle, "sold"} }, "state/same-record-done skipped"},
		{"no lack of an oracle for all", "timed", "state/same-record-done", nil, ""},
		{"times", "", "state/same-record-done", nil, ""},        // no event has one
		{"a token", "", "authenticity/unsigned-token", nil, ""}, // the provider has none
	} {
		virtualRun(t, row.name, func(t *testing.T) {
			c := shop(t)
			switch row.provider {
			case "":
			case "timed":
				c = timed(t)
			default:
				c = provider(t, row.provider)
			}
			receiver := receivers.New(c, receivers.None, secretsOf(c)...)
			o := options(c, receiver)
			if row.change != nil {
				row.change(&o, receiver)
			}
			o.Only, o.Require = []string{row.asked}, named(row.asked)
			f := run(t, o).Requirement
			if f.Met != (row.lacks == "") || !strings.Contains(f.Demands[0].Because, row.lacks) {
				t.Errorf("met %t: %s", f.Met, f.Demands[0].Because)
			}
		})
	}
}

// timed is the shop, whose second event says when it happened.
func timed(t *testing.T) *contracts.Contract {
	t.Helper()
	text, err := os.ReadFile("testdata/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte("{type: {const: returned}}"), []byte("{type: {const: returned}, at: {type: string, format: date-time}}, required: [at]"), 1)
	c, err := contracts.Load(fstest.MapFS{"shop.yaml": {Data: text}}, "shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func contains(err error, want string) bool { return err != nil && strings.Contains(err.Error(), want) }

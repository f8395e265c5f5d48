package verifier_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

func TestCountEffects(t *testing.T) {
	for text, want := range map[string]int{"": 0, "0": 0, "7": 7, "[]": 0, "[1, {}]": 2, "true": 1, "false": 0} {
		if n, err := verifier.CountEffects(json.RawMessage(text)); err != nil || n != want {
			t.Errorf("%q: %d, %v", text, n, err)
		}
	}
	for _, text := range []string{"-1", "1.5", "1e3", `"7"`, "{}", "null", "nonsense"} {
		if n, err := verifier.CountEffects(json.RawMessage(text)); err == nil {
			t.Errorf("%q: %d", text, n)
		}
	}
}

// asked is an oracle of which nobody says what it shows.
func asked(r *receivers.Receiver, show func(effects int) string) verifier.StateOracle {
	return verifier.StateFunc(func(_ context.Context, ev contracts.Event, _ string) (json.RawMessage, error) {
		return json.RawMessage(show(r.Effects(ev))), nil
	})
}

func TestOraclesAreToldApartByWhatTheyShow(t *testing.T) {
	number := func(n int) string { return fmt.Sprint(n) }
	known := func(n int) string { return fmt.Sprint(n > 0) }
	list := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat("{},", n), ",") + "]" }
	state := func(n int) string {
		if n == 0 {
			return ""
		}
		return `{"status": "paid"}`
	}
	text := func(int) string { return `"paid"` }
	nothing := func(int) string { return "" }
	for _, row := range []struct {
		name          string
		show          []func(int) string
		counts, shows bool
		verdict       verifier.Verdict // of state/duplicate-once
	}{
		{"a number", []func(int) string{number}, true, false, verifier.Pass},
		{"yes or no", []func(int) string{known}, true, false, verifier.Pass},
		{"a list", []func(int) string{list}, true, false, verifier.Pass},
		{"a state", []func(int) string{state}, false, true, verifier.Inconclusive},
		{"a text", []func(int) string{text}, false, true, verifier.Inconclusive},
		{"nothing", []func(int) string{nothing}, true, false, verifier.Inconclusive},
		{"a number and a state", []func(int) string{number, state}, true, true, verifier.Pass},
		{"a state and a number", []func(int) string{state, number}, true, true, verifier.Pass},
		{"a list and a number", []func(int) string{list, number}, true, true, verifier.Pass},
		{"two numbers", []func(int) string{number, number}, true, true, verifier.Pass},
		{"a state and yes or no", []func(int) string{state, known}, true, true, verifier.Pass},
	} {
		virtualRun(t, row.name, func(t *testing.T) {
			c := shop(t)
			r := receivers.New(c, receivers.None, secretsOf(c)...)
			o := options(c, r)
			o.Oracle, o.State, o.Only = nil, nil, []string{"state/duplicate-once"}
			for _, show := range row.show {
				o.Oracles = append(o.Oracles, asked(r, show))
			}
			report := run(t, o)
			if report.Oracle != row.counts || report.State != row.shows || report.Checks[1].Verdict != row.verdict {
				t.Errorf("counts %v, shows %v, %s: %s", report.Oracle, report.State, report.Checks[1].Verdict, report.Checks[1].Because)
			}
		})
	}
}

// selective can be asked for the events of one type.
type selective struct {
	verifier.Oracle
	name string
}

func (s selective) Sees(ev contracts.Event) bool { return ev.Type.Name() == s.name }

func (s selective) Effects(ctx context.Context, ev contracts.Event, id string) (int, error) {
	if !s.Sees(ev) {
		return 0, errors.New("asked for " + ev.Type.Name())
	}
	return s.Oracle.Effects(ctx, ev, id)
}

// Events that an oracle cannot be asked for are not used where it is needed.
func TestSelectiveOracles(t *testing.T) {
	virtual(t, func(t *testing.T) {
		c := shop(t)
		o := options(c, receivers.New(c, receivers.None, secretsOf(c)...))
		o.Oracle, o.State = selective{o.Oracle, "returned"}, nil
		for _, f := range run(t, slim(o)).Checks {
			if f.Verdict == verifier.Fail || strings.Contains(f.Because, "asked for") {
				t.Errorf("%s %s: %s", f.Verdict, f.Name, f.Because)
			}
		}
		o.Oracle = selective{o.Oracle, "nothing"}
		var broken *verifier.OracleError
		if _, err := verifier.Run(t.Context(), o); !errors.As(err, &broken) || broken.Event != "sold" {
			t.Errorf("an oracle that sees no event at all: %v", err)
		}
	})
}

// telling is a receiver that says in its answers what it did.
func telling(r *receivers.Receiver, say func(w http.ResponseWriter, effects int)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		before := len(r.Book())
		r.ServeHTTP(&late{w, func() { say(w, len(r.Book())-before) }}, req)
	})
}

// late calls a function before the status is sent.
type late struct {
	http.ResponseWriter
	first func()
}

func (l *late) WriteHeader(status int) {
	l.first()
	l.ResponseWriter.WriteHeader(status)
}

func TestHeaderOracle(t *testing.T) {
	number := func(w http.ResponseWriter, n int) { w.Header().Set("X-Effects", fmt.Sprint(n)) }
	for _, row := range []struct {
		name, header, value string
		say                 func(http.ResponseWriter, int)
		defect              receivers.Defect
		want                map[string]verifier.Verdict
	}{
		{"a number", "x-effects", "", number, receivers.None, map[string]verifier.Verdict{"state/duplicate-once": verifier.Pass, "authenticity/no-effect": verifier.Pass, "state/lost-answer": verifier.Pass}},
		{"a double effect", "X-Effects", "", number, receivers.DoubleEffect, map[string]verifier.Verdict{"state/duplicate-once": verifier.Fail, "state/lost-answer": verifier.Fail}},
		{"before the check", "X-Effects", "", number, receivers.EffectBeforeCheck, map[string]verifier.Verdict{"authenticity/no-effect": verifier.Fail, "state/duplicate-once": verifier.Pass}},
		{"a value", "X-Duplicate", "false", func(w http.ResponseWriter, n int) { w.Header().Set("X-Duplicate", fmt.Sprint(n == 0)) }, receivers.DoubleEffect, map[string]verifier.Verdict{"state/duplicate-once": verifier.Fail, "authenticity/no-effect": verifier.Pass}},
		{"another value", "X-Duplicate", "false", func(w http.ResponseWriter, n int) { w.Header().Set("X-Duplicate", fmt.Sprint(n == 0)) }, receivers.None, map[string]verifier.Verdict{"state/duplicate-once": verifier.Pass}},
		{"nothing", "X-Effects", "", func(http.ResponseWriter, int) {}, receivers.None, map[string]verifier.Verdict{"state/duplicate-once": verifier.Inconclusive, "authenticity/no-effect": verifier.Inconclusive}},
		{"nonsense", "X-Effects", "", func(w http.ResponseWriter, _ int) { w.Header().Set("X-Effects", "some") }, receivers.None, map[string]verifier.Verdict{"state/duplicate-once": verifier.Inconclusive}},
		{"always nothing", "X-Effects", "", func(w http.ResponseWriter, _ int) { w.Header().Set("X-Effects", "0") }, receivers.None, map[string]verifier.Verdict{"state/duplicate-once": verifier.Inconclusive, "authenticity/no-effect": verifier.Inconclusive}},
	} {
		virtualRun(t, row.name, func(t *testing.T) {
			c := shop(t)
			r := receivers.New(c, row.defect, secretsOf(c)...)
			o := options(c, r)
			o.Transport = mockserver.InProcess(telling(r, row.say))
			o.Oracle, o.State = verifier.HeaderOracle(row.header, row.value), nil
			o.Only = slices.Collect(maps.Keys(row.want))
			report := run(t, o)
			for _, f := range report.Checks {
				if want, ok := row.want[f.Name]; ok && f.Verdict != want {
					t.Errorf("%s: %s, want %s: %s", f.Name, f.Verdict, want, f.Because)
				}
			}
		})
	}
}

// A run with --settle waits for effects that come late, and no longer than that.
func TestOraclesAreToldApartOnceEffectsHaveSettled(t *testing.T) {
	virtual(t, func(t *testing.T) {
		c := shop(t)
		r := receivers.New(c, receivers.None, secretsOf(c)...)
		o := options(c, r)
		begin := time.Now()
		o.Oracle, o.State, o.Settle, o.Only = nil, nil, 3*time.Second, []string{"state/duplicate-once"}
		o.Oracles = []verifier.StateOracle{verifier.StateFunc(func(_ context.Context, ev contracts.Event, _ string) (json.RawMessage, error) {
			if r.Effects(ev) == 0 || time.Since(begin) < 2*time.Second-50*time.Millisecond {
				return nil, nil
			}
			return json.RawMessage(`{"status": "paid"}`), nil
		})}
		if report := run(t, o); report.Oracle || !report.State {
			t.Errorf("counts %v, shows %v", report.Oracle, report.State)
		}
	})
}

// Without an oracle, how to give one is the first advice in every form.
func TestTheFirstAdviceIsHowToGiveAnOracle(t *testing.T) {
	virtual(t, func(t *testing.T) {
		c := provider(t, "shoptet")
		o := options(c, receivers.New(c, receivers.None, secretsOf(c)...))
		o.Oracle, o.State, o.ContractArg, o.Only = nil, nil, "shoptet", []string{"state"}
		r := run(t, o)
		var text, page, object strings.Builder
		if err := errors.Join(r.Text(&text, false), r.HTML(&page), r.JSON(&object)); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(text.String()), "\n")
		last := 0 // line of a check
		for i, l := range lines {
			if strings.HasPrefix(l, "✔ ") || strings.HasPrefix(l, "- ") || strings.HasPrefix(l, "? ") {
				last = i
			}
		}
		advice := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "--oracle 'http://host/effects?") })
		verdict := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "conformant, as far as seen: ") })
		if advice != last+2 || verdict < advice {
			t.Errorf("the text says\n%s", text.String())
		}
		if !strings.Contains(page.String(), "--oracle &#39;http://host/effects?") || !strings.Contains(object.String(), `"oracleHint":"--oracle 'http://host/effects?`) {
			t.Error("the page or the JSON do not say it")
		}
	})
}

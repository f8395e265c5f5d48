package verifier_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

// spreadGroups are the groups in which one event can be sent without waiting.
var spreadGroups = []string{"acknowledgement", "authenticity", "payload", "http"}

// Pairwise and not the product: every event meets every group, and a run has a
// few deliveries for each pair.
func TestEveryEventMeetsEveryGroup(t *testing.T) {
	for _, name := range few(catalog.Names, "sellercenter", "shoptet") {
		virtualRun(t, name, func(t *testing.T) {
			c := provider(t, name)
			o := options(c, receivers.New(c, receivers.None, secretsOf(c)...))
			o.Only = append([]string{"state/duplicate-accepted"}, spreadGroups...)
			r := run(t, slim(o))
			groups := spreadGroups
			if s, _ := c.Signature(); !s.Signs() {
				groups = slices.DeleteFunc(slices.Clone(groups), func(g string) bool { return g == "authenticity" })
			}
			short := map[string]bool{} // events that say too little to be told apart
			for _, row := range r.Coverage.Matrix {
				for _, group := range groups {
					met := false
					for check := range row.Checks {
						met = met || strings.HasPrefix(check, group+"/")
					}
					if !met {
						short[row.Event] = true
					}
				}
				if len(row.Checks) > len(r.Checks)/2 && len(r.Scope) > 20 {
					t.Errorf("%q meets %d of %d checks: that is the product", row.Event, len(row.Checks), len(r.Checks))
				}
			}
			if len(short)*3 > len(r.Scope) {
				t.Errorf("%d of %d events do not meet every group: %v", len(short), len(r.Scope), short)
			}
			if pairs := len(r.Scope) * len(groups); len(r.Deliveries) > 3*pairs+400 {
				t.Errorf("%d deliveries for %d pairs", len(r.Deliveries), pairs)
			}
		})
	}
}

// A route of its own that looks at no signature is found, whichever event it is
// for, and the finding is repeated with this event.
func TestOneOpenRouteIsFound(t *testing.T) {
	c := provider(t, "shoptet")
	types := c.EventTypes()
	for _, n := range []int{3, 10, 20, 47} {
		virtualRun(t, types[n].Name(), func(t *testing.T) {
			safe := receivers.New(c, receivers.None, secretsOf(c)...)
			open := receivers.New(c, receivers.NoSignatureCheck, secretsOf(c)...)
			o := options(c, safe)
			o.ContractArg, o.Only = "shoptet", []string{"acknowledgement", "authenticity"}
			o.Transport = mockserver.InProcess(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				if req.Header.Get("X-Event") == "" && bodyOf(req, `"`+types[n].Name()+`"`) {
					open.ServeHTTP(w, req)
					return
				}
				safe.ServeHTTP(w, req)
			}))
			r := run(t, o)
			if r.Verdict != verifier.NotConformant {
				t.Fatalf("%s: not found", types[n].Name())
			}
			for _, f := range r.Checks {
				if f.Verdict == verifier.Fail && !strings.Contains(f.Reproduce, types[n].Name()) {
					t.Errorf("%s is repeated by %s", f.Name, f.Reproduce)
				}
			}
		})
	}
}

// An event that the receiver refuses is one finding, not one in every check.
func TestRefusedEventsAreNotSpread(t *testing.T) {
	virtual(t, func(t *testing.T) {
		c := provider(t, "shoptet")
		o := options(c, receivers.New(c, receivers.StumblesOverOneEvent, secretsOf(c)...))
		if got := found(run(t, slim(o))); !same(got, []string{"acknowledgement/each-event"}) {
			t.Errorf("found %q", got)
		}
	})
}

// budgetRun is a run against a receiver that takes its time.
func budgetRun(t *testing.T, budget, answer time.Duration) *verifier.Report {
	t.Helper()
	c := provider(t, "shoptet")
	receiver := receivers.New(c, receivers.None, secretsOf(c)...)
	o := options(c, receiver)
	o.Budget = budget
	o.Transport = mockserver.InProcess(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		time.Sleep(answer)
		receiver.ServeHTTP(w, req)
	}))
	return run(t, slim(o))
}

func TestBudget(t *testing.T) {
	rank := map[string]int{"critical": 0, "high": 1, "medium": 2, "low": 3}
	for _, row := range []struct {
		budget, answer time.Duration
		all, nothing   bool
	}{
		{time.Hour, 10 * time.Millisecond, true, false},
		{20 * time.Second, 100 * time.Millisecond, false, false},
		{5 * time.Second, 100 * time.Millisecond, false, false},
		{time.Millisecond, 100 * time.Millisecond, false, true},
	} {
		virtualRun(t, row.budget.String(), func(t *testing.T) {
			r := budgetRun(t, row.budget, row.answer)
			b := r.Budget
			if b == nil || b.Seconds != row.budget.Seconds() || b.Planned != len(r.Checks) || b.Run+len(b.LeftOut) != b.Planned {
				t.Fatalf("%+v of %d checks", b, len(r.Checks))
			}
			if row.all != (len(b.LeftOut) == 0) {
				t.Errorf("left out: %q", b.LeftOut)
			}
			if took := time.Duration(r.DurationMS * float64(time.Millisecond)); !row.nothing && took > row.budget {
				t.Errorf("it took %s", took)
			}
			if r.Checks[0].Verdict != verifier.Pass {
				t.Error("the baseline was left out")
			}
			worst := map[string]bool{}
			sent := map[string]int{}
			for _, d := range r.Deliveries {
				sent[d.Check]++
			}
			for _, f := range r.Checks {
				if slices.Contains(b.LeftOut, f.Name) {
					if f.Verdict != verifier.Skip || sent[f.Name] > 0 || !strings.Contains(f.Because, row.budget.String()) {
						t.Errorf("%s: %s, %s; %d deliveries", f.Name, f.Verdict, f.Because, sent[f.Name])
					}
					worst[f.Severity] = true
				}
			}
			if !slices.IsSortedFunc(b.LeftOut, func(x, y string) int { return rank[severityOf(x)] - rank[severityOf(y)] }) {
				t.Errorf("the most severe are not left out last: %q", b.LeftOut)
			}
			if row.budget == 20*time.Second && worst["critical"] {
				t.Error("critical checks were left out, while there was time for others")
			}
			if !row.all && r.Coverage.Percent == 100 {
				t.Error("what was left out counts as judged")
			}
		})
	}
}

func severityOf(name string) string {
	for _, c := range verifier.Checks() {
		if c.Name == name {
			return c.Severity
		}
	}
	return ""
}

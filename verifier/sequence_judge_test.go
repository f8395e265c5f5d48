package verifier

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestTrials is what is read from what was seen.
func TestTrials(t *testing.T) {
	told := func(effects, reference int) TrialEvent {
		return TrialEvent{ID: "a1", Event: "e", Entity: "a", Accepted: 1, Effects: effects, Reference: reference}
	}
	overtaken := func(e TrialEvent) TrialEvent { e.Overtaken = true; return e }
	refused := func(e TrialEvent, times int) TrialEvent { e.Refused = times; return e }
	unaccepted := func(e TrialEvent) TrialEvent { e.Accepted = 0; return e }
	forged := func(e TrialEvent) TrialEvent { e.Forged, e.Accepted = true, 0; return e }
	other := func(e TrialEvent) TrialEvent { e.ID = "a2"; return e }
	states := func(state, reference string) []TrialRecord {
		return []TrialRecord{{Entity: "a", Before: json.RawMessage(`{"n":0}`), State: json.RawMessage(state), Reference: json.RawMessage(reference)}}
	}
	for _, row := range []struct {
		name   string
		trial  Trial
		flaw   Flaw
		unseen bool // nothing can be said
	}{
		{"once", Trial{Effects: true, Events: []TrialEvent{told(1, 1)}}, "", false},
		{"twice", Trial{Effects: true, Events: []TrialEvent{told(2, 1)}}, Twice, false},
		{"lost", Trial{Effects: true, Events: []TrialEvent{other(told(1, 1)), told(0, 1)}}, Lost, false},
		{"overtaken and left out", Trial{Effects: true, Events: []TrialEvent{overtaken(told(0, 1))}}, "", false},
		{"never accepted", Trial{Effects: true, Events: []TrialEvent{refused(unaccepted(told(0, 1)), 2)}}, Refused, false},
		{"accepted at last", Trial{Effects: true, Events: []TrialEvent{refused(told(1, 1), 1)}}, "", false},
		{"refused where that is not allowed", Trial{Strict: true, Effects: true, Events: []TrialEvent{refused(told(1, 1), 1)}}, Refused, false},
		{"forged and done", Trial{Effects: true, Events: []TrialEvent{forged(told(1, 0))}}, Believed, false},
		{"forged and seen with its record", Trial{Effects: true, Events: []TrialEvent{other(told(1, 1)), forged(told(1, 0))}}, "", false},
		{"counted by record", Trial{Effects: true, Events: []TrialEvent{told(2, 2), other(told(2, 2))}}, "", false},
		{"counted by record, one too many", Trial{Effects: true, Events: []TrialEvent{told(3, 2), other(told(3, 2))}}, Twice, false},
		{"counted by record, one left out", Trial{Effects: true, Events: []TrialEvent{told(1, 2), overtaken(other(told(1, 2)))}}, "", false},
		{"counted by record, one lost", Trial{Effects: true, Events: []TrialEvent{told(1, 2), other(told(1, 2))}}, Lost, false},
		{"no effect anywhere", Trial{Effects: true, Events: []TrialEvent{told(0, 0)}}, "", true},
		{"same state", Trial{Strict: true, Events: []TrialEvent{told(0, 0)}, Records: states(`{"a":1,"n":2}`, `{"n":2,"a":1}`)}, "", false},
		{"another state", Trial{Strict: true, Events: []TrialEvent{told(0, 0)}, Records: states(`{"n":1}`, `{"n":2}`)}, Stale, false},
		{"numbers beyond floats", Trial{Strict: true, Events: []TrialEvent{told(0, 0)}, Records: states(`9007199254740993`, `9007199254740992`)}, Stale, false},
		{"it is there again", Trial{Strict: true, Events: []TrialEvent{told(0, 0)}, Records: states(`{"n":1}`, `null`)}, Stale, false},
		{"gone, both", Trial{Strict: true, Events: []TrialEvent{told(0, 0)}, Records: states(``, `null`)}, "", false},
		{"not all was told", Trial{Events: []TrialEvent{unaccepted(told(0, 0))}, Records: states(`{"n":1}`, `{"n":2}`)}, "", false},
		{"a state that does not change", Trial{Strict: true, Events: []TrialEvent{told(0, 0)}, Records: states(`{"n":0}`, `{"n":0}`)}, "", true},
		{"an oracle that failed", Trial{Error: "down", Effects: true, Events: []TrialEvent{told(1, 1)}}, "", true},
	} {
		if got, because := row.trial.judge(); got != row.flaw || (got != "") != (because != "") {
			t.Errorf("%s: %q %s, want %q", row.name, got, because, row.flaw)
		}
		if blind := row.trial.blind(true); (blind != "") != row.unseen {
			t.Errorf("%s: unseen because of %q", row.name, blind)
		}
	}
	steady := Trial{Events: []TrialEvent{told(0, 0)}, Records: states(`{"n":1}`, `{"n":2}`)}
	steady.Records[0].Unsteady = true
	if flaw, _ := steady.judge(); flaw != "" || steady.blind(true) == "" {
		t.Error("states that differ by themselves tell something")
	}
}

// TestDifferences: a state may be of megabytes, and a finding is a sentence.
func TestDifferences(t *testing.T) {
	long := strings.Repeat("é", 100_000)
	for _, row := range []struct{ got, want, says string }{
		{`{"n":10.00,"m":{"k":2}}`, `{"n":10,"m":{"k":1}}`, "/m/k is 2, and should be 1"},
		{`{"m":1,"n":10.00}`, `{"m":2,"n":10}`, "/m is 1, and should be 2"},
		{`{"n":1}`, `{}`, "/n is 1, and should be nothing"},
		{`null`, `{}`, "it is gone, and should be there"},
		{`{"` + long + `":"` + long + `"}`, `{"` + long + `":"x"}`, "/" + long[:2*119] + "… is "},
		{`{"` + long + `":1}`, `{}`, "… is 1, and should be nothing"},
	} {
		got := difference(json.RawMessage(row.got), json.RawMessage(row.want))
		if !strings.Contains(got, row.says) || len(got) > 1000 {
			t.Errorf("%d bytes: %.300s, want %.300s", len(got), got, row.says)
		}
	}
}

// TestNamesAreHidden: two records are compared, whatever they are called.
func TestNamesAreHidden(t *testing.T) {
	for _, row := range []struct {
		state, want string
		names       []string
	}{
		{`{"id":"2026001","n":7}`, `{"id":"<name>","n":7}`, []string{`"2026001"`}},
		{`{"id":"2026001","link":"/orders/2026001/"}`, `{"id":"<name>","link":"/orders/<name>/"}`, []string{`"2026001"`}},
		{`{"id":"17","note":"room 17"}`, `{"id":"<name>","note":"room 17"}`, []string{`17`}},
		{`{"id":4711,"list":[4711]}`, `{"id":"<name>","list":["<name>"]}`, []string{`4711`}},
		{`"plain"`, `"plain"`, []string{""}},
		{`no JSON 2026001`, `no JSON 2026001`, []string{`"2026001"`}},
	} {
		if got := string(anonymous(json.RawMessage(row.state), row.names)); got != row.want {
			t.Errorf("%s: %s, want %s", row.state, got, row.want)
		}
	}
}

func TestVersionsAreCompared(t *testing.T) {
	for _, row := range []struct {
		a, b string
		want int
	}{
		{`"2026-01-15T10:59:20+0100"`, `"2026-01-15T10:00:00+0000"`, -1},
		{`"2026-01-15T11:00:00+01:00"`, `"2026-01-15T10:00:00Z"`, 0},
		{`9`, `10`, -1}, {`9007199254740993`, `9007199254740992`, 1},
		{`"v2"`, `"v1"`, 1}, {`"x"`, `7`, 0}, {``, ``, 0},
	} {
		if got := compareVersions(row.a, row.b); got != row.want {
			t.Errorf("%s and %s: %d, want %d", row.a, row.b, got, row.want)
		}
	}
}

package verifier

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/mockserver"
)

// shop is the contract of testdata/shop.yaml: only 200 is a success
// (documented), the time-out is 2 s (published), body and time are signed.
func shop(t testing.TB) *contracts.Contract {
	t.Helper()
	c, err := contracts.Load(os.DirFS("testdata"), "shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// load is a contract from its text.
func load(t testing.TB, text string) *contracts.Contract {
	t.Helper()
	c, err := contracts.Load(fstest.MapFS{"shop.yaml": {Data: []byte(text)}}, "shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sent is one line of a hand-made journal.
type sent struct {
	role    string
	attempt mockserver.Attempt
}

func answered(role string, status int) sent {
	return sent{role, mockserver.Attempt{Number: 1, Status: status, Took: 20 * time.Millisecond}}
}

func lasted(role string, d time.Duration) sent {
	return sent{role, mockserver.Attempt{Number: 1, Status: 200, Took: d}}
}

func failed(role, failure string) sent {
	return sent{role, mockserver.Attempt{Number: 1, Failure: failure, Took: 2 * time.Second, Ours: failure == "local"}}
}

// unheard is a probe whose answer was thrown away.
func unheard(status int) sent {
	return sent{roleProbe, mockserver.Attempt{Number: 1, Status: status, Failure: "lost-answer", Took: 20 * time.Millisecond}}
}

func saw(role string, effects int) Sighting { return Sighting{Role: role, Effects: effects} }

// judgeOf judges one check by hand-made evidence.
func judgeOf(t *testing.T, c *contracts.Contract, check string, list []sent, sightings []Sighting, oracle bool) Result {
	t.Helper()
	e := &Evidence{
		Contract: c.Digest(), Target: "http://receiver.test/hooks", Seed: 7, Scope: []string{c.EventTypes()[0].Name()},
		Planned: []string{check}, Oracle: oracle, Proven: true,
	}
	for i := range list {
		id := string(rune('a' + i))
		e.Journal = append(e.Journal,
			mockserver.Entry{Kind: mockserver.EntryQueued, Delivery: id, Event: e.Scope[0], Label: check + " " + list[i].role},
			mockserver.Entry{Kind: mockserver.EntryAttempt, Delivery: id, Attempt: &list[i].attempt})
	}
	for _, s := range sightings {
		s.Check = check
		e.Sightings = append(e.Sightings, s)
	}
	r, err := Rejudge(c, e)
	if err != nil || len(r.Checks) != 1 {
		t.Fatalf("%v, %d checks", err, len(r.Checks))
	}
	return r.Checks[0]
}

const (
	forgery   = "authenticity/wrong-key"
	stale     = "authenticity/stale-timestamp"
	malformed = "payload/malformed-json"
	unknown   = "payload/unknown-event"
	field     = "payload/unknown-field"
	twice     = "state/duplicate-accepted"
	once      = "state/duplicate-once"
	lost      = "state/lost-answer"
	noEffect  = "authenticity/no-effect"
	redirect  = "http/redirect"
	latency   = "acknowledgement/latency"
	each      = "acknowledgement/each-event"
	steady    = "acknowledgement/sustained"
)

var alive = answered(roleAlive, 200)

// TestJudges has a row for every way in which a judge can decide.
func TestJudges(t *testing.T) {
	for _, row := range []struct {
		check     string
		sent      []sent
		sightings []Sighting
		verdict   Verdict
		basis     Basis
		because   string
	}{
		{baseline, []sent{answered(roleValid, 200), answered(roleValid, 200)}, nil, Pass, ByContract, "accepted"},
		{baseline, []sent{answered(roleValid, 200), answered(roleValid, 204)}, nil, Fail, ByContract, "1 of 2 valid deliveries not accepted"},
		{baseline, []sent{failed(roleValid, "timeout")}, nil, Fail, ByContract, "1 of 1 valid delivery not accepted"},
		{baseline, []sent{failed(roleValid, "local")}, nil, Inconclusive, ByContract, "not for a reason of the receiver's"},
		{baseline, nil, nil, Inconclusive, ByContract, "nothing was sent"},

		{each, []sent{answered(roleValid, 200)}, nil, Pass, ByContract, "events accepted: 1"},
		{each, []sent{answered(roleValid, 200), answered(roleValid, 500)}, nil, Fail, ByContract, `1 of 2 valid deliveries not accepted: "sold"`},
		{each, nil, nil, Inconclusive, ByContract, "nothing was sent"},

		{forgery, []sent{answered(roleProbe, 401), alive}, nil, Pass, ByPractice, "refused"},
		{forgery, []sent{answered(roleProbe, 403), alive}, nil, Pass, ByPractice, "refused"},
		{forgery, []sent{answered(roleProbe, 400), alive}, nil, Warn, ByPractice, "bad request"},
		{forgery, []sent{answered(roleProbe, 200), alive}, nil, Fail, ByPractice, "accepted"},
		{forgery, []sent{answered(roleProbe, 204), alive}, nil, Fail, ByPractice, "accepted"},
		{forgery, []sent{answered(roleProbe, 302), alive}, nil, Fail, ByPractice, "redirected"},
		{forgery, []sent{answered(roleProbe, 404), alive}, nil, Fail, ByPractice, "was refused"},
		{forgery, []sent{answered(roleProbe, 500), alive}, nil, Fail, ByPractice, "broke"},
		{forgery, []sent{failed(roleProbe, "reset"), alive}, nil, Fail, ByPractice, "no answer"},
		{forgery, []sent{failed(roleProbe, "local"), alive}, nil, Inconclusive, ByPractice, "not for a reason of the receiver's"},
		{forgery, []sent{answered(roleProbe, 401), answered(roleAlive, 500)}, nil, Fail, ByContract, "right after"},
		{forgery, []sent{answered(roleProbe, 400), failed(roleAlive, "refused")}, nil, Fail, ByContract, "right after"},
		{forgery, []sent{answered(roleProbe, 401), failed(roleAlive, "local")}, nil, Inconclusive, ByPractice, "not for a reason of the receiver's"},
		{forgery, []sent{alive}, nil, Inconclusive, ByPractice, "nothing was sent"},

		{stale, []sent{answered(roleProbe, 401), alive}, nil, Pass, ByPractice, "refused"},
		{stale, []sent{answered(roleProbe, 400), alive}, nil, Pass, ByPractice, "refused"},
		{stale, []sent{answered(roleProbe, 200), alive}, nil, Warn, ByPractice, "advice"},
		{stale, []sent{answered(roleProbe, 302), alive}, nil, Warn, ByPractice, "neither"},
		{stale, []sent{answered(roleProbe, 500), alive}, nil, Fail, ByPractice, "broke"},
		{stale, []sent{failed(roleProbe, "timeout"), alive}, nil, Fail, ByPractice, "no answer"},
		{stale, []sent{alive}, nil, Inconclusive, ByPractice, "nothing was sent"},

		{malformed, []sent{answered(roleProbe, 400), alive}, nil, Pass, ByPractice, "bad request"},
		{malformed, []sent{answered(roleProbe, 422), alive}, nil, Pass, ByPractice, "bad request"},
		{malformed, []sent{answered(roleProbe, 401), alive}, nil, Warn, ByPractice, "not as a bad request"},
		{malformed, []sent{answered(roleProbe, 200), alive}, nil, Fail, ByPractice, "accepted"},
		{malformed, []sent{answered(roleProbe, 500), alive}, nil, Fail, ByPractice, "broke"},
		{malformed, []sent{failed(roleProbe, "eof"), alive}, nil, Fail, ByPractice, "no answer"},

		{unknown, []sent{answered(roleProbe, 200), alive}, nil, Pass, ByPractice, "acknowledged"},
		{unknown, []sent{answered(roleProbe, 202), alive}, nil, Warn, ByPractice, "not take for success"},
		{unknown, []sent{answered(roleProbe, 404), alive}, nil, Warn, ByPractice, "refused"},
		{unknown, []sent{answered(roleProbe, 307), alive}, nil, Fail, ByPractice, "redirected"},
		{unknown, []sent{answered(roleProbe, 500), alive}, nil, Fail, ByPractice, "broke"},
		{unknown, []sent{failed(roleProbe, "protocol"), alive}, nil, Fail, ByPractice, "no answer"},

		{field, []sent{answered(roleProbe, 200)}, nil, Pass, ByPractice, "accepted"},
		{field, []sent{answered(roleProbe, 400)}, nil, Fail, ByPractice, "was refused as a bad request"},

		{twice, []sent{answered(roleValid, 200), answered(roleRepeated, 200)}, nil, Pass, ByContract, "accepted"},
		{twice, []sent{answered(roleValid, 200), answered(roleRepeated, 409)}, nil, Fail, ByContract, "1 of 2 valid deliveries not accepted"},

		{once, []sent{answered(roleValid, 200), answered(roleRepeated, 200)}, []Sighting{saw(roleValid, 1), saw(roleRepeated, 1)}, Pass, ByPractice, "one effect"},
		{once, []sent{answered(roleValid, 200), answered(roleRepeated, 200)}, []Sighting{saw(roleValid, 1), saw(roleRepeated, 2)}, Fail, ByPractice, "more than once"},
		{once, []sent{answered(roleValid, 200), answered(roleRepeated, 200)}, []Sighting{saw(roleValid, 0), saw(roleRepeated, 1)}, Inconclusive, ByPractice, "no effect"},
		{once, []sent{answered(roleValid, 200), answered(roleRepeated, 200)}, []Sighting{saw(roleValid, 1), saw(roleRepeated, 0)}, Inconclusive, ByPractice, "no effect"},
		{once, []sent{answered(roleValid, 200), answered(roleRepeated, 200)}, []Sighting{saw(roleValid, 1), {Error: "the oracle could not be asked: gone"}}, Inconclusive, ByPractice, "the oracle could not be asked: gone"},
		{once, nil, []Sighting{{Error: "the oracle could not be asked: gone"}}, Inconclusive, ByPractice, "the oracle could not be asked: gone"},
		{once, []sent{answered(roleValid, 200)}, []Sighting{saw(roleValid, 1)}, Inconclusive, ByPractice, "nothing was sent"},
		{once, []sent{answered(roleValid, 200), answered(roleRepeated, 200)}, nil, Inconclusive, ByPractice, "nothing was sent"},
		{once, []sent{answered(roleValid, 200), failed(roleRepeated, "local")}, []Sighting{saw(roleValid, 1), saw(roleRepeated, 1)}, Inconclusive, ByPractice, "not for a reason of the receiver's"},

		{once, []sent{answered(roleValid, 200), answered(roleRepeated, 200)}, []Sighting{saw(roleValid, 0), saw(roleRepeated, 3)}, Fail, ByPractice, "more than once"},
		{once, []sent{answered(roleValid, 200), answered(roleRepeated, 409)}, []Sighting{saw(roleValid, 1), saw(roleRepeated, 1)}, Inconclusive, ByPractice, "1 of 2 deliveries of one event accepted"},
		{once, []sent{answered(roleValid, 200), answered(roleRepeated, 202)}, []Sighting{saw(roleValid, 1), saw(roleRepeated, 1)}, Pass, ByPractice, "one effect"},
		{once, []sent{answered(roleValid, 200), answered(roleRepeated, 500)}, []Sighting{saw(roleValid, 1), saw(roleRepeated, 2)}, Fail, ByPractice, "more than once"},

		{lost, []sent{unheard(200), answered(roleRepeated, 200)}, []Sighting{saw(roleRepeated, 1)}, Pass, ByPractice, "one effect"},
		{lost, []sent{unheard(503), answered(roleRepeated, 200)}, []Sighting{saw(roleRepeated, 1)}, Inconclusive, ByPractice, "1 of 2 deliveries"},
		{lost, []sent{failed(roleProbe, "lost-answer"), answered(roleRepeated, 200)}, []Sighting{saw(roleRepeated, 3)}, Fail, ByPractice, "more than once"},

		{noEffect, []sent{answered(roleProbe, 401), alive}, []Sighting{saw(roleProbe, 0), saw(roleValid, 1)}, Pass, ByPractice, "no effect"},
		{noEffect, []sent{answered(roleProbe, 401), alive}, []Sighting{saw(roleProbe, 0), saw(roleValid, 0)}, Inconclusive, ByPractice, "of a valid event either"},
		{noEffect, []sent{answered(roleProbe, 401), alive}, []Sighting{saw(roleProbe, 0)}, Inconclusive, ByPractice, "of a valid event either"},
		{noEffect, []sent{answered(roleProbe, 401), alive}, []Sighting{saw(roleProbe, 1), saw(roleValid, 1)}, Fail, ByPractice, "had an effect"},
		{noEffect, []sent{answered(roleProbe, 401), alive}, []Sighting{saw(roleProbe, 1)}, Fail, ByPractice, "had an effect"},
		{noEffect, []sent{alive}, nil, Inconclusive, ByPractice, "nothing was sent"},
		{noEffect, []sent{answered(roleProbe, 401), answered(roleAlive, 503)}, []Sighting{saw(roleProbe, 0)}, Fail, ByContract, "right after"},

		{redirect, []sent{answered(roleValid, 200), answered(roleProbe, 302)}, nil, Pass, ByPractice, "no answer was a redirect"},
		{redirect, []sent{answered(roleValid, 200), answered(roleAlive, 308)}, nil, Fail, ByPractice, "redirect"},
		{redirect, []sent{failed(roleValid, "timeout")}, nil, Inconclusive, ByPractice, "no valid event was answered"},

		{latency, []sent{lasted(roleValid, time.Second)}, nil, Pass, ByContract, "in time"},
		{latency, []sent{lasted(roleValid, time.Millisecond), lasted(roleValid, time.Second+1)}, nil, Warn, ByPractice, "good practice"},
		{latency, []sent{lasted(roleValid, 2*time.Second+1)}, nil, Fail, ByContract, "slower than the provider waits"},
		{latency, []sent{lasted(roleValid, time.Millisecond), failed(roleAlive, "timeout")}, nil, Fail, ByContract, "slower than the provider waits"},
		{latency, []sent{failed(roleValid, "reset")}, nil, Inconclusive, ByContract, "no valid event was answered"},
		{latency, []sent{lasted(roleProbe, time.Hour), lasted(roleValid, time.Millisecond)}, nil, Pass, ByContract, "in time"},

		{steady, []sent{lasted(roleProbe, time.Second)}, nil, Pass, ByPractice, "in time"},
		{steady, []sent{lasted(roleProbe, time.Second+1)}, nil, Warn, ByPractice, "good practice"},
		{steady, []sent{lasted(roleProbe, 2*time.Second+1)}, nil, Fail, ByContract, "slower than the provider waits"},
	} {
		got := judgeOf(t, shop(t), row.check, row.sent, row.sightings, true)
		if rule := got.Provenance.Level; got.Basis == ByPractice && rule != "" && rule != contracts.Assumed || strings.Contains(got.Rule(), "not known: "+levels[contracts.Published]) {
			t.Errorf("%s: practice judged, and the rule is said to be %q: %s", row.check, rule, got.Rule())
		}
		if got.Verdict != row.verdict || got.Basis != row.basis || !strings.Contains(got.Because, row.because) {
			t.Errorf("%s of %v, %v:\n got %s by %s: %s\nwant %s by %s: %s",
				row.check, row.sent, row.sightings, got.Verdict, got.Basis, got.Because, row.verdict, row.basis, row.because)
		}
		finding := got.Verdict == Fail || got.Verdict == Warn
		if finding != (got.Fix != "") || finding != (got.Reproduce != "") {
			t.Errorf("%s, %s: fix %q, reproduce %q", row.check, got.Verdict, got.Fix, got.Reproduce)
		}
		if got.Verdict == Fail && (got.Expected == "" || got.Received == "" || len(got.Deliveries) == 0) {
			t.Errorf("%s: a failure that does not say what was expected and received: %+v", row.check, got)
		}
	}
}

// What a contract only assumes is judged by practice, and a limit that nobody
// sources can at most warn.
func TestJudgesOfAssumedRules(t *testing.T) {
	assumed, err := catalog.Load("xentral")
	if err != nil {
		t.Fatal(err)
	}
	limit := assumed.EventTypes()[0].Policy().Timeout
	for _, row := range []struct {
		check   string
		sent    sent
		verdict Verdict
	}{
		{baseline, answered(roleValid, 204), Pass},
		{baseline, answered(roleValid, 302), Fail},
		{each, answered(roleValid, 202), Pass},
		{unknown, answered(roleProbe, 204), Pass},
		{latency, lasted(roleValid, time.Second), Pass},
		{latency, lasted(roleValid, limit+1), Warn},
		{latency, failed(roleValid, "timeout"), Warn},
	} {
		got := judgeOf(t, assumed, row.check, []sent{row.sent}, nil, true)
		if got.Verdict != row.verdict || got.Basis != ByPractice {
			t.Errorf("%s of %v: %s by %s", row.check, row.sent, got.Verdict, got.Basis)
		}
		if row.check != unknown && got.Provenance.Level != contracts.Assumed {
			t.Errorf("%s does not say that the contract's own rule is assumed", row.check)
		}
	}
}

// A window that the contract names is a rule.
func TestStaleWithAWindow(t *testing.T) {
	text, err := os.ReadFile("testdata/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c := load(t, strings.Replace(string(text), "separator:", "tolerance: 5m\n    separator:", 1))
	got := judgeOf(t, c, stale, []sent{answered(roleProbe, 200), alive}, nil, true)
	if got.Verdict != Fail || got.Basis != ByContract || got.Provenance.Level != contracts.Documented || !strings.Contains(got.Because, "5m") {
		t.Errorf("%s by %s (%s): %s", got.Verdict, got.Basis, got.Provenance, got.Because)
	}
}

func TestWithoutAnOracle(t *testing.T) {
	for _, c := range table {
		got := judgeOf(t, shop(t), c.name, []sent{answered(roleValid, 200), answered(roleProbe, 401), answered(roleRepeated, 200), alive}, nil, false)
		if (got.Verdict == Inconclusive && got.Received == noOracle) != c.oracle {
			t.Errorf("%s: %s, %s", c.name, got.Verdict, got.Because)
		}
	}
}

package verifier

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

// answers are those that a receiver may give to what a check is about.
var probeAnswers = []struct {
	name    string
	attempt mockserver.Attempt
}{
	{"200", mockserver.Attempt{Status: 200}},
	{"202", mockserver.Attempt{Status: 202}}, // not what this provider takes for success
	{"308", mockserver.Attempt{Status: 308}},
	{"400", mockserver.Attempt{Status: 400}},
	{"401", mockserver.Attempt{Status: 401}},
	{"404", mockserver.Attempt{Status: 404}},
	{"409", mockserver.Attempt{Status: 409}},
	{"413", mockserver.Attempt{Status: 413}},
	{"415", mockserver.Attempt{Status: 415}},
	{"429", mockserver.Attempt{Status: 429}},
	{"500", mockserver.Attempt{Status: 500}},
	{"none", mockserver.Attempt{Failure: "reset", Sent: true}},
	{"ours", mockserver.Attempt{Failure: "local", Ours: true}},
}

// TestVerdicts compares what each check makes of one answer with
// testdata/verdicts.txt, which is kept by hand: a judge that changes its mind has
// to be looked at.
func TestVerdicts(t *testing.T) {
	text, err := os.ReadFile("testdata/verdicts.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if cells := strings.Fields(line); len(cells) > 1 && cells[0] != "#" {
			want[cells[0]] = strings.Join(cells[1:], " ")
		}
	}
	c := shop(t)
	for _, check := range table {
		if check.act == nil || check.oracle || check.state {
			continue
		}
		var verdicts []string
		for _, a := range probeAnswers {
			list := []sent{answered(roleValid, 200), {roleProbe, a.attempt}, answered(roleRepeated, 200), alive}
			verdicts = append(verdicts, shortVerdict(judgeOf(t, c, check.name, list, nil, true).Verdict))
		}
		if got := strings.Join(verdicts, " "); got != want[check.name] {
			t.Errorf("testdata/verdicts.txt says\n%-37s %s\nand the judge\n%-37s %s", check.name, want[check.name], check.name, got)
		}
		delete(want, check.name)
	}
	for name := range want {
		t.Errorf("testdata/verdicts.txt has a row for %s, which is no check that sends and needs no oracle", name)
	}
}

func shortVerdict(v Verdict) string {
	if v == Inconclusive {
		return "?"
	}
	return string(v)
}

func seen(role string, a mockserver.Attempt) sent {
	if a.Status == 0 && a.Failure == "" {
		a.Status = 200
	}
	a.Number = 1
	return sent{role, a}
}

func over(c mockserver.Connection) mockserver.Attempt { return mockserver.Attempt{Connection: &c} }

// TestConnectionJudges has a row for every way in which a judge of connections
// can decide.
func TestConnectionJudges(t *testing.T) {
	const (
		keepAlive, versions, oldTLS = "http/keep-alive", "http/versions", "transport/tls-version"
		certificate, connect, tls13 = "transport/certificate", "transport/connect-time", "TLS 1.3"
		day                         = 24 * time.Hour
		unknown, refusedTLS, broken = "no connection was seen", "tls", "reset"
	)
	fresh := seen(roleValid, over(mockserver.Connection{Connect: time.Millisecond}))
	kept := seen(roleValid, over(mockserver.Connection{Reused: true}))
	secure := func(version string) sent { return seen(roleValid, over(mockserver.Connection{TLS: version})) }
	lasting := func(d time.Duration, missing int) sent {
		a := over(mockserver.Connection{TLS: tls13, Expires: time.Unix(0, 0).Add(d), Missing: missing})
		a.Started = time.Unix(0, 0)
		return seen(roleValid, a)
	}
	connected := func(d time.Duration) sent { return seen(roleValid, over(mockserver.Connection{Connect: d})) }
	spoke := func(protocol string, status int) sent {
		a := over(mockserver.Connection{Protocol: protocol, TLS: tls13})
		a.Status = status
		return seen(roleProbe, a)
	}
	for _, row := range []struct {
		check   string
		sent    []sent
		verdict Verdict
		because string
	}{
		{keepAlive, []sent{fresh, kept, kept}, Pass, "connections are kept"},
		{keepAlive, []sent{fresh, fresh, fresh}, Warn, "closes the connection"},
		{keepAlive, []sent{fresh, kept, failed(roleValid, broken)}, Fail, "1 of 3 valid deliveries not accepted"},
		{keepAlive, []sent{answered(roleValid, 200), answered(roleValid, 200)}, Inconclusive, unknown},
		{keepAlive, nil, Inconclusive, "nothing was sent"},

		{versions, []sent{spoke("HTTP/2.0", 200), spoke("HTTP/1.1", 200), alive}, Pass, "HTTP/2.0 and HTTP/1.1"},
		{versions, []sent{spoke("HTTP/1.1", 200), spoke("HTTP/1.1", 200), alive}, Pass, "no other version"},
		{versions, []sent{spoke("HTTP/2.0", 200), spoke("HTTP/1.1", 505), alive}, Fail, "broke"},
		{versions, []sent{spoke("HTTP/2.0", 200), failed(roleProbe, refusedTLS), alive}, Fail, "no answer"},
		{versions, []sent{answered(roleProbe, 200), alive}, Inconclusive, unknown},
		{versions, []sent{alive}, Inconclusive, "nothing was sent"},

		{oldTLS, []sent{secure(tls13), failed(roleProbe, refusedTLS), alive}, Pass, "refused"},
		{oldTLS, []sent{secure("TLS 1.2"), secure(tls13), failed(roleProbe, broken), alive}, Pass, "refused"},
		{oldTLS, []sent{secure("TLS 1.2"), failed(roleProbe, refusedTLS), alive}, Warn, "not offered"},
		{oldTLS, []sent{secure(tls13), seen(roleProbe, over(mockserver.Connection{TLS: "TLS 1.1"})), alive}, Fail, "agreed on"},
		{oldTLS, []sent{secure(tls13), failed(roleProbe, "local"), alive}, Inconclusive, "not for a reason of the receiver's"},
		{oldTLS, []sent{secure(tls13), failed(roleProbe, "eof"), alive}, Pass, "refused"},
		{oldTLS, []sent{secure(tls13), failed(roleProbe, "timeout"), alive}, Inconclusive, "no connection came about"},
		{oldTLS, []sent{secure(tls13), failed(roleProbe, "refused"), alive}, Inconclusive, "no connection came about"},
		{oldTLS, []sent{secure(tls13), failed(roleProbe, "dns"), alive}, Inconclusive, "no connection came about"},
		{oldTLS, []sent{failed(roleProbe, refusedTLS), alive}, Inconclusive, unknown},

		{certificate, []sent{lasting(90*day, 0)}, Pass, "complete"},
		{certificate, []sent{lasting(21*day, 0)}, Pass, "complete"},
		{certificate, []sent{lasting(21*day-1, 0)}, Warn, "ends soon"},
		{certificate, []sent{lasting(90*day, 1)}, Fail, "does not send"},
		{certificate, []sent{fresh}, Inconclusive, unknown},
		{certificate, nil, Inconclusive, unknown},

		{connect, []sent{connected(time.Second), kept}, Pass, "in time"},
		{connect, []sent{connected(time.Millisecond), connected(time.Minute), connected(time.Millisecond)}, Pass, "in time"},
		{connect, []sent{connected(time.Second + 1)}, Warn, "takes long"},
		{connect, []sent{kept}, Inconclusive, unknown},
	} {
		got := judgeOf(t, shop(t), row.check, row.sent, nil, false)
		if got.Verdict != row.verdict || !strings.Contains(got.Because, row.because) || got.Basis != ByPractice && row.verdict != Fail {
			t.Errorf("%s: got %s by %s: %s, want %s: %s", row.check, got.Verdict, got.Basis, got.Because, row.verdict, row.because)
		}
	}
}

// TestAnswerJudges has a row for every way in which an answer may look.
func TestAnswerJudges(t *testing.T) {
	told := func(kind, body string) sent {
		return seen(roleValid, mockserver.Attempt{Header: http.Header{"Content-Type": {kind}}, Body: []byte(body)})
	}
	with := func(name, value string) sent {
		return seen(roleValid, mockserver.Attempt{Header: http.Header{name: {value}}})
	}
	busy := func(retry string) sent {
		h := http.Header{}
		if retry != "" {
			h.Set("Retry-After", retry)
		}
		return seen(roleProbe, mockserver.Attempt{Status: 429, Header: h})
	}
	const page, inBody, size, cookies, trace, banners, retry = "acknowledgement/web-page", "acknowledgement/error-in-body", "acknowledgement/body-size",
		"acknowledgement/cookie", "acknowledgement/stack-trace", "acknowledgement/version-banner", "acknowledgement/retry-after"
	for _, row := range []struct {
		check   string
		sent    sent
		verdict Verdict
	}{
		{page, told("", ""), Pass},
		{page, told("text/html", ""), Pass},
		{page, told("text/html", "OK"), Pass},
		{page, told("text/xml", "<?xml version='1.0'?><ok/>"), Pass},
		{page, told("application/json", `{"html":"<form>"}`), Pass},
		{page, told("text/html", "<html><body>thanks</body></html>"), Warn},
		{page, told("text/plain", "<!DOCTYPE html><form><input type=password></form>"), Fail},
		{page, failed(roleValid, "reset"), Inconclusive},

		{inBody, told("application/json", `{"success":true,"error":null,"errors":[],"status":200}`), Pass},
		{inBody, told("application/json", `{"error":"","status":"ok"}`), Pass},
		{inBody, told("application/json", `[{"error":"x"}]`), Pass},
		{inBody, told("application/json", `{"error":"no such order"}`), Fail},
		{inBody, told("text/plain", `{"ok":false}`), Fail},
		{inBody, told("application/json", `{"status":"failed"}`), Fail},
		{inBody, told("application/json", `{"status":500}`), Fail},

		{size, told("text/plain", strings.Repeat("x", 64<<10)), Pass},
		{size, told("text/plain", strings.Repeat("x", 64<<10+1)), Warn},
		{size, with("Content-Length", "100000"), Warn},

		{cookies, with("Cache-Control", "no-store"), Pass},
		{cookies, with("Set-Cookie", "a=b"), Warn},

		{trace, told("text/plain", "error at position 12:30:45 in the file"), Pass},
		{trace, told("text/plain", "goroutine 7 [running]:"), Fail},
		{trace, told("text/plain", "    at take (/srv/app/hooks.js:12:5)"), Fail},
		{trace, told("text/html", "<b>Warning</b>: SQLSTATE[42S02]"), Fail},

		{banners, with("Server", "nginx"), Pass},
		{banners, with("Via", "1.1 edge"), Pass},
		{banners, with("Server", "nginx/1.25.3"), Warn},
		{banners, with("X-Powered-By", "PHP/8.1.2"), Warn},

		{retry, told("", ""), Pass},
		{retry, busy("5"), Pass},
		{retry, busy(""), Warn},
	} {
		if got := judgeOf(t, shop(t), row.check, []sent{row.sent}, nil, false); got.Verdict != row.verdict {
			t.Errorf("%s of %q %v: got %s: %s, want %s", row.check, row.sent.attempt.Body, row.sent.attempt.Header, got.Verdict, got.Because, row.verdict)
		}
	}
}

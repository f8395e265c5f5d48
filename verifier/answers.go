package verifier

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/hookrig/hookrig/mockserver"
)

// This file judges answers for what they look like, whatever was asked.

// niceAnswer is how long a body may be of which nobody reads more than the first
// line.
const niceAnswer = 64 << 10

// lookAt is a judge that looks at every answer that the filter lets through and
// stops at the first that is not well.
func lookAt(all bool, well string, look func(*mockserver.Attempt) (Verdict, string)) func(*hearing) finding {
	return func(h *hearing) finding {
		list := h.legitimate()
		if all {
			list = h.all
		}
		answers := 0
		for _, x := range list {
			if x.attempt == nil || x.attempt.Failure != "" {
				continue
			}
			answers++
			if v, because := look(x.attempt); v != Pass {
				return finding{verdict: v, because: because, expected: well, received: answer(x.attempt), proof: []*exchange{x}}
			}
		}
		if answers == 0 {
			return unanswered
		}
		return finding{verdict: Pass, because: well, expected: well, received: fmt.Sprintf("so in %d answers", answers)}
	}
}

var loginPage = regexp.MustCompile(`(?i)<form|type=["']?password|<title>[^<]*(log ?in|sign ?in|anmeld)`)

// webPage tells a web page from an acknowledgement.
func webPage(a *mockserver.Attempt) (Verdict, string) {
	text := strings.ToLower(strings.TrimSpace(string(a.Body)))
	kind := strings.ToLower(a.Header.Get("Content-Type"))
	switch {
	case !success(a) || text == "":
	case !strings.HasPrefix(text, "<!doctype html") && !strings.HasPrefix(text, "<html") && !strings.Contains(kind, "text/html"):
	case loginPage.MatchString(text):
		return Fail, "the acknowledgement is a page with a form: something before the receiver has taken the event"
	case strings.Contains(text, "<"):
		return Warn, "the acknowledgement is a web page"
	}
	return Pass, ""
}

// trouble finds an answer that says success in its status and something else in
// its body.
func trouble(a *mockserver.Attempt) (Verdict, string) {
	var body map[string]json.RawMessage
	if !success(a) || json.Unmarshal(a.Body, &body) != nil {
		return Pass, ""
	}
	for name, value := range body {
		name, text := strings.ToLower(name), strings.ToLower(string(value))
		switch {
		case (name == "success" || name == "ok") && text == "false",
			name == "status" && (text == `"error"` || text == `"failed"` || text == `"fail"` || len(text) == 3 && text >= "400"),
			(name == "error" || name == "exception") && text != "null" && text != "false" && text != `""` && text != "{}" && text != "[]" && text != "0":
			return Fail, "the status says success and the body an error: the provider reads the status alone"
		}
	}
	return Pass, ""
}

// traces are how programs tell of their insides: a pattern, and a text that stands
// in all that it fits, which is looked for in no time. Without one it begins with
// such a text.
var traces = []struct {
	has     string
	pattern *regexp.Regexp
}{
	{"", regexp.MustCompile(`Traceback \(most recent call last\)`)},
	{"", regexp.MustCompile(`goroutine \d+ \[`)},
	{"at ", regexp.MustCompile(`\bat [\w.$<>]+\([\w]+\.(java|kt|scala):\d+\)`)},
	{"at ", regexp.MustCompile(`\bat .{1,200}\(?(/|file:|[A-Z]:\\|node:)[^\s)]{1,200}:\d+:\d+\)?`)},
	{":line ", regexp.MustCompile(`\bat [\w.]+\(.{0,200}\) in .{1,200}:line \d+`)},
	{"", regexp.MustCompile(`(?s)Stack trace:.{0,20}#0 `)},
	{" on line ", regexp.MustCompile(`\b(Fatal error|Warning|Notice): .{1,300} in (/|[A-Z]:\\).{1,200} on line \d+`)},
	{"", regexp.MustCompile(`\.rb:\d+:in [` + "`" + `']`)},
	{"", regexp.MustCompile(`SQLSTATE\[`)},
	{"", regexp.MustCompile(`ORA-\d{5}`)},
	{"", regexp.MustCompile(`You have an error in your SQL syntax`)},
	{"", regexp.MustCompile(`syntax error at or near`)},
	{"", regexp.MustCompile(`psycopg2?\.errors`)},
	{"", regexp.MustCompile(`SqlException`)},
}

// tracedTo is how far an answer is read for traces: they stand at its beginning.
const tracedTo = 8 << 10

func stackTrace(a *mockserver.Attempt) (Verdict, string) {
	body := a.Body[:min(len(a.Body), tracedTo)]
	for _, t := range traces {
		if bytes.Contains(body, []byte(t.has)) && t.pattern.Match(body) {
			return Fail, "an answer shows the program from within"
		}
	}
	return Pass, ""
}

var versioned = regexp.MustCompile(`[/ ]v?\d+\.\d`)

func banner(a *mockserver.Attempt) (Verdict, string) {
	for _, name := range []string{"Server", "X-Powered-By", "X-Aspnet-Version", "X-Aspnetmvc-Version", "Via"} {
		if v := a.Header.Get(name); versioned.MatchString(" "+v) && name != "Via" {
			return Warn, fmt.Sprintf("the header %s tells the version of the software: %s", name, shorten(v, 60))
		}
	}
	return Pass, ""
}

func cookie(a *mockserver.Attempt) (Verdict, string) {
	if a.Header.Get("Set-Cookie") != "" {
		return Warn, "an answer sets a cookie, which no provider sends back"
	}
	return Pass, ""
}

func tooLong(a *mockserver.Attempt) (Verdict, string) {
	n, _ := strconv.Atoi(a.Header.Get("Content-Length"))
	if n = max(n, len(a.Body)); n > niceAnswer {
		return Warn, fmt.Sprintf("an acknowledgement has a body of more than %d KiB", niceAnswer>>10)
	}
	return Pass, ""
}

// judgeWaiting looks at those who ask to be left alone for a while.
func judgeWaiting(h *hearing) finding {
	const well = "whoever asks to slow down says for how long"
	asked := false
	for _, x := range h.all {
		if a := x.attempt; a != nil && (a.Status == 429 || a.Status == 503) {
			asked = true
			if a.Header.Get("Retry-After") == "" {
				return finding{
					verdict: Warn, because: "an answer asks to slow down and does not say for how long",
					expected: well, received: answer(a) + " without Retry-After", proof: []*exchange{x},
				}
			}
		}
	}
	f := finding{verdict: Pass, because: well, expected: well}
	if !asked {
		f.because = "no answer asked to slow down"
	}
	return f
}

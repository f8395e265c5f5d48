package junit

import (
	"strings"
	"testing"
)

func TestWrite(t *testing.T) {
	var s Suite
	s.Add(Case{Class: "a.b", Name: "passes", Time: 1e6})
	s.Add(Case{Class: "a.b", Name: "fails <&>\x1b", Time: 0.0004, Failure: &Message{Message: "why", Type: "high", Text: "more"}})
	s.Add(Case{Class: "a.b", Name: "unseen", Skipped: &Message{Message: "dark"}})
	s.Name = "s"
	var b strings.Builder
	if err := (&Report{Name: "all", Suites: []Suite{s, s}}).Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<?xml version="1.0" encoding="UTF-8"?>`, `<testsuites name="all" tests="6" failures="2" errors="0" time="2000000.001">`,
		`<testsuite name="s" tests="3" failures="1" errors="0" skipped="1" time="1000000.000">`,
		`<testcase classname="a.b" name="passes" time="1000000.000"></testcase>`, "fails &lt;&amp;&gt;\ufffd", `<failure message="why" type="high">more</failure>`, `<skipped message="dark"></skipped>`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it lacks %s:\n%s", want, &b)
		}
	}
	if !strings.HasSuffix(b.String(), "</testsuites>\n") {
		t.Error(b.String())
	}
}

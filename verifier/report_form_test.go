package verifier_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/verifier"
)

// someReports are reports of many kinds: each provider, with and without
// findings, asked for or not, of hostile answers. They are made once: tests
// only read them.
func someReports(t *testing.T) map[string]*verifier.Report {
	t.Helper()
	if madeReports == nil {
		madeReports = makeReports(t)
	}
	return madeReports
}

var madeReports map[string]*verifier.Report

func makeReports(t *testing.T) map[string]*verifier.Report {
	t.Helper()
	out := map[string]*verifier.Report{}
	r, err := verifier.Rejudge(shop(t), saved(t))
	if err != nil {
		t.Fatal(err)
	}
	out["saved"] = r
	e := saved(t)
	for i := range e.Journal {
		if a := e.Journal[i].Attempt; a != nil {
			a.Body, a.Detail, a.Tamper, a.Failure = []byte(canary), canary, canary, []string{"", canary, "timeout"}[i%3]
		}
	}
	if out["hostile"], err = verifier.Rejudge(shop(t), e); err != nil {
		t.Fatal(err)
	}
	if out["nothing"], err = verifier.Rejudge(shop(t), &verifier.Evidence{Contract: shop(t).Digest()}); err != nil {
		t.Fatal(err)
	}
	for _, name := range catalog.Names {
		virtual(t, func(t *testing.T) {
			c := provider(t, name)
			o := options(c, receivers.New(c, receivers.NoSignatureCheck, secretsOf(c)...))
			o.Events = []string{c.EventTypes()[0].Name()}
			o.Challenge = "a challenge"
			o.Require = &verifier.Requirement{Checks: []string{"state"}, Waivers: []verifier.Waiver{
				{Check: "authenticity/wrong-key", Reason: "a gateway checks it", Until: "2999-01-01"},
				{Check: "authenticity/missing-signature", Reason: "soon", Until: "1999-01-01"},
			}}
			out[name] = run(t, slim(o))
		})
	}
	return out
}

// TestReportSchema holds reports to the published schema. It allows no member
// that it does not name.
func TestReportSchema(t *testing.T) {
	doc, err := schema.Read("report.schema.json", verifier.ReportSchema(), schema.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	rule, err := schema.Compile(doc, "", schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range someReports(t) {
		var line bytes.Buffer
		if err := r.JSON(&line); err != nil {
			t.Fatal(err)
		}
		for _, v := range rule.Validate(line.Bytes()) {
			t.Errorf("%s: %s", name, v)
		}
		var form map[string]any
		if err := json.Unmarshal(line.Bytes(), &form); err != nil {
			t.Fatal(err)
		}
		delete(form, "selfRun")
		form["checks"] = []any{map[string]any{"name": "x"}}
		short, err := json.Marshal(form)
		if err != nil {
			t.Fatal(err)
		}
		if len(rule.Validate(short)) < 2 {
			t.Error("the schema finds nothing wrong with a report that lacks members")
		}
	}
}

// junitForm is what jenkins-junit.xsd allows: attributes (the required ones
// first) and children of each element. GitLab reads a part of these.
var junitForm = map[string]struct{ required, allowed, children []string }{
	"testsuites": {nil, []string{"name", "time", "tests", "failures", "disabled", "errors"}, []string{"testsuite"}},
	"testsuite":  {[]string{"name"}, []string{"tests", "failures", "errors", "time", "disabled", "skipped", "timestamp", "hostname", "id", "package"}, []string{"properties", "testcase", "system-out", "system-err"}},
	"properties": {nil, nil, []string{"property"}},
	"property":   {[]string{"name", "value"}, nil, nil},
	"testcase":   {[]string{"name", "classname"}, []string{"assertions", "time", "status"}, []string{"skipped", "error", "failure", "system-out", "system-err"}},
	"skipped":    {nil, []string{"message"}, nil},
	"failure":    {nil, []string{"type", "message"}, nil},
	"system-out": {nil, nil, nil},
}

func TestJUnitForm(t *testing.T) {
	for name, r := range someReports(t) {
		var b bytes.Buffer
		if err := r.JUnit(&b); err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(&b)
		var open []string
		count := map[string]int{}
		seen := map[string]bool{}
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			switch token := token.(type) {
			case xml.StartElement:
				tag := token.Name.Local
				count[tag]++
				if n := len(open); n == 0 && tag != "testsuites" || n > 0 && !slices.Contains(junitForm[open[n-1]].children, tag) {
					t.Fatalf("%s: <%s> within %q", name, tag, open)
				}
				attr := checkAttributes(t, token)
				if id := attr["classname"] + attr["name"]; tag == "testcase" {
					if seen[id] {
						t.Errorf("%s: two cases are called %q", name, id)
					}
					seen[id] = true
				}
				open = append(open, tag)
			case xml.EndElement:
				open = open[:len(open)-1]
			}
		}
		if count["testcase"] != len(r.Checks) || count["failure"] != r.Counts.Fail-r.Counts.Waived {
			t.Errorf("%s: %v of %+v", name, count, r.Counts)
		}
	}
}

func checkAttributes(t *testing.T, e xml.StartElement) map[string]string {
	t.Helper()
	form, attr := junitForm[e.Name.Local], map[string]string{}
	for _, a := range e.Attr {
		attr[a.Name.Local] = a.Value
		if !slices.Contains(form.required, a.Name.Local) && !slices.Contains(form.allowed, a.Name.Local) {
			t.Errorf("<%s> has an attribute %q", e.Name.Local, a.Name.Local)
		}
		if _, err := strconv.ParseFloat(a.Value, 64); a.Name.Local == "time" && (err != nil || strings.ContainsAny(a.Value, "eE")) {
			t.Errorf("the time %q", a.Value)
		}
	}
	for _, name := range form.required {
		if attr[name] == "" {
			t.Errorf("<%s> has no %s", e.Name.Local, name)
		}
	}
	return attr
}

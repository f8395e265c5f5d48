package verifier

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The form is that of the schema by which Jenkins' xUnit plug-in judges
// (jenkins-junit.xsd); GitLab reads names, class names, times, failures and
// skips of it.

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Time     seconds      `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       seconds         `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr,omitempty"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    seconds       `xml:"time,attr"`
	Skipped *junitMessage `xml:"skipped,omitempty"`
	Failure *junitMessage `xml:"failure,omitempty"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// seconds are written without an exponent: readers take no other numbers.
type seconds float64

// MarshalXMLAttr writes three digits behind the point.
func (s seconds) MarshalXMLAttr(name xml.Name) (xml.Attr, error) {
	return xml.Attr{Name: name, Value: strconv.FormatFloat(float64(s), 'f', 3, 64)}, nil
}

// JUnit writes the report as JUnit XML: a test suite a group, a test case a
// check. Warnings are passed cases with the explanation in system-out;
// inconclusive checks are skipped ones, as JUnit has no word for them, and so
// are failures that the requester waived.
func (r *Report) JUnit(w io.Writer) error {
	all := junitSuites{Name: "hookrig verify " + r.Provider}
	index := map[string]int{}
	took := r.timeByCheck()
	for _, c := range r.Checks {
		i, ok := index[c.Group]
		if !ok {
			i = len(all.Suites)
			index[c.Group] = i
			all.Suites = append(all.Suites, junitSuite{Name: c.Group, Timestamp: strings.TrimSuffix(r.Started, "Z"), Properties: r.properties()})
		}
		kase := c.junit(r.Provider)
		kase.Time = took[c.Name]
		all.Suites[i].add(kase)
	}
	for _, s := range all.Suites {
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Time += s.Time
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *junitSuite) add(c junitCase) {
	s.Cases = append(s.Cases, c)
	s.Tests++
	s.Time += c.Time
	if c.Failure != nil {
		s.Failures++
	}
	if c.Skipped != nil {
		s.Skipped++
	}
}

// timeByCheck is how long the receiver took for each check's deliveries.
func (r *Report) timeByCheck() map[string]seconds {
	out := map[string]seconds{}
	for _, d := range r.Deliveries {
		out[d.Check] += seconds(d.TookMS / 1000)
	}
	return out
}

// properties are what tells one run from another.
func (r *Report) properties() []junitProperty {
	out := []junitProperty{
		{"target", show(r.Target)}, {"contract", r.Contract}, {"verdict", r.Verdict}, {"seed", strconv.FormatUint(r.Seed, 10)},
		{"coverage", strconv.Itoa(r.Coverage.Percent)},
	}
	if r.Bound != nil && r.Bound.Challenge != "" {
		out = append(out, junitProperty{"challenge", show(r.Bound.Challenge)})
	}
	if r.OracleHint != "" {
		out = append(out, junitProperty{"oracleHint", r.OracleHint})
	}
	return append(out, junitProperty{"selfRun", r.SelfRun})
}

func (c Result) junit(provider string) junitCase {
	out := junitCase{Class: show(provider) + "." + c.Group, Name: c.Name}
	var text strings.Builder
	for _, l := range c.explanation() {
		fmt.Fprintf(&text, "%s: %s\n", l[0], show(l[1]))
	}
	switch {
	case c.waived():
		out.Skipped = &junitMessage{Message: show("waived until " + c.Waiver.Until + ": " + c.Waiver.Reason)}
		out.Out = text.String()
	case c.Verdict == Fail:
		out.Failure = &junitMessage{Message: show(c.Because), Type: c.Severity, Text: text.String()}
	case c.Verdict == Warn:
		out.Out = text.String()
	case c.Verdict != Pass:
		out.Skipped = &junitMessage{Message: string(c.Verdict) + ": " + show(c.Because)}
	}
	return out
}

// Package junit writes reports as JUnit XML. The form is that of the schema by
// which Jenkins' xUnit plug-in judges (jenkins-junit.xsd); GitLab reads names,
// class names, times, failures and skips of it.
package junit

import (
	"encoding/xml"
	"io"
	"strconv"
)

// Report is a document.
type Report struct {
	Name   string
	Suites []Suite
}

// Suite is a group of cases. Its sums are Add's.
type Suite struct {
	Name       string     `xml:"name,attr"`
	Tests      int        `xml:"tests,attr"`
	Failures   int        `xml:"failures,attr"`
	Errors     int        `xml:"errors,attr"`
	Skipped    int        `xml:"skipped,attr"`
	Time       Seconds    `xml:"time,attr"`
	Timestamp  string     `xml:"timestamp,attr,omitempty"`
	Properties []Property `xml:"properties>property"`
	Cases      []Case     `xml:"testcase"`
}

// Property is something to know of a suite.
type Property struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

// Case is one test: passed unless it has a Failure or was Skipped.
type Case struct {
	Class   string   `xml:"classname,attr"`
	Name    string   `xml:"name,attr"`
	Time    Seconds  `xml:"time,attr"`
	Skipped *Message `xml:"skipped,omitempty"`
	Failure *Message `xml:"failure,omitempty"`
	Out     string   `xml:"system-out,omitempty"`
}

// Message says why.
type Message struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// Seconds are written without an exponent: readers take no other numbers.
type Seconds float64

// MarshalXMLAttr writes three digits behind the point.
func (s Seconds) MarshalXMLAttr(name xml.Name) (xml.Attr, error) {
	return xml.Attr{Name: name, Value: strconv.FormatFloat(float64(s), 'f', 3, 64)}, nil
}

// Add puts a case into the suite.
func (s *Suite) Add(c Case) {
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

// Write writes the document with the sums of its suites. The error is w's.
func (r *Report) Write(w io.Writer) error {
	all := struct {
		XMLName  xml.Name `xml:"testsuites"`
		Name     string   `xml:"name,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Time     Seconds  `xml:"time,attr"`
		Suites   []Suite  `xml:"testsuite"`
	}{Name: r.Name, Suites: r.Suites}
	for _, s := range r.Suites {
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

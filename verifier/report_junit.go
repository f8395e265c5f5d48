package verifier

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/hookrig/hookrig/internal/junit"
)

// JUnit writes the report as JUnit XML: a test suite a group, a test case a
// check. Warnings are passed cases with the explanation in system-out;
// inconclusive checks are skipped ones, as JUnit has no word for them, and so
// are failures that the requester waived.
func (r *Report) JUnit(w io.Writer) error {
	all := junit.Report{Name: "hookrig verify " + r.Provider}
	index := map[string]int{}
	took := r.timeByCheck()
	for _, c := range r.Checks {
		i, ok := index[c.Group]
		if !ok {
			i = len(all.Suites)
			index[c.Group] = i
			all.Suites = append(all.Suites, junit.Suite{Name: c.Group, Timestamp: strings.TrimSuffix(r.Started, "Z"), Properties: r.properties()})
		}
		kase := c.junit(r.Provider)
		kase.Time = took[c.Name]
		all.Suites[i].Add(kase)
	}
	return all.Write(w)
}

// timeByCheck is how long the receiver took for each check's deliveries.
func (r *Report) timeByCheck() map[string]junit.Seconds {
	out := map[string]junit.Seconds{}
	for _, d := range r.Deliveries {
		out[d.Check] += junit.Seconds(d.TookMS / 1000)
	}
	return out
}

// properties are what tells one run from another.
func (r *Report) properties() (out []junit.Property) {
	add := func(name, value string) { out = append(out, junit.Property{Name: name, Value: value}) }
	add("target", show(r.Target))
	add("contract", r.Contract)
	add("verdict", r.Verdict)
	add("seed", strconv.FormatUint(r.Seed, 10))
	add("coverage", strconv.Itoa(r.Coverage.Percent))
	if r.Bound != nil && r.Bound.Challenge != "" {
		add("challenge", show(r.Bound.Challenge))
	}
	if r.OracleHint != "" {
		add("oracleHint", r.OracleHint)
	}
	add("selfRun", r.SelfRun)
	return out
}

func (c Result) junit(provider string) junit.Case {
	out := junit.Case{Class: show(provider) + "." + c.Group, Name: c.Name}
	var text strings.Builder
	for _, l := range c.explanation() {
		fmt.Fprintf(&text, "%s: %s\n", l[0], show(l[1]))
	}
	switch {
	case c.waived():
		out.Skipped = &junit.Message{Message: show("waived until " + c.Waiver.Until + ": " + c.Waiver.Reason)}
		out.Out = text.String()
	case c.Verdict == Fail:
		out.Failure = &junit.Message{Message: show(c.Because), Type: c.Severity, Text: text.String()}
	case c.Verdict == Warn:
		out.Out = text.String()
	case c.Verdict != Pass:
		out.Skipped = &junit.Message{Message: string(c.Verdict) + ": " + show(c.Because)}
	}
	return out
}

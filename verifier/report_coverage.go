package verifier

import (
	"cmp"
	"slices"
)

// Coverage says how much of what could be asked was asked and judged. Narrowing
// a run to some checks lowers it, and so does what it lacks for a check; what does
// not apply to the provider, or is not possible where the receiver is, is not
// counted.
type Coverage struct {
	// Percent is the lower of the two shares below, rounded down.
	Percent int `json:"percent"`
	// Events of the scope: planned, and those in a delivery that a check judged.
	Events Share `json:"events"`
	// Checks of the suite: those that apply to the provider, and the judged ones.
	Checks Share `json:"checks"`
	// Matrix has a row for each event of the scope. Checks that are not in a row
	// did not meet the event: each check meets some, each event some check.
	Matrix []CoverageRow `json:"matrix"`
	// Open are the checks without a judgement, in the order of the suite.
	Open []OpenCheck `json:"open,omitempty"`
}

// Share is a part of a number.
type Share struct {
	Planned int `json:"planned"`
	Judged  int `json:"judged"`
}

// CoverageRow says what became of an event in the checks that met it.
type CoverageRow struct {
	Event  string             `json:"event"`
	Checks map[string]Verdict `json:"checks"`
}

// judged reports whether a check that met the event was judged.
func (r CoverageRow) judged() bool {
	for _, v := range r.Checks {
		if v.judged() {
			return true
		}
	}
	return false
}

// OpenCheck is a check that was not judged, and why.
type OpenCheck struct {
	Check string `json:"check"`
	// State is "not planned", "not applicable", "not possible here", "skipped" or
	// "inconclusive".
	State   string `json:"state"`
	Because string `json:"because,omitempty"`
}

// States of checks that were not judged; one more is the verdict of that name.
const (
	stateUnplanned    = "not planned"
	stateInapplicable = "not applicable"    // the provider has none of it
	stateElsewhere    = "not possible here" // where the receiver is
	stateSkipped      = "skipped"
)

func (s Share) percent() int {
	if s.Planned == 0 {
		return 100
	}
	return s.Judged * 100 / s.Planned
}

// What a run may lack for a check that concerns the provider: with it, the check
// would have been sent.
const (
	lacksCredentials = "the target URL carries no credentials, so there is nothing to check"
	lacksRestart     = "nothing says how to restart the receiver"
	lacksNext        = "no other version of the contract was given (--against)"

	// Of the place of the receiver; no run has all of these.
	lacksDays        = "hours cannot be waited for here: in Go tests, VerifyFresh lets them pass at once"
	lacksConnections = "the receiver runs in the same process: there is no connection to write to"
	lacksHTTPS       = "the address is not https"
)

// inapplicable are the reasons why checks do not apply: none to the provider, and
// elsewhere to where the receiver is; also of those that were not planned. What
// the run merely lacks is in neither. Where valid events were refused, a check that
// was skipped might have applied.
func inapplicable(s *session) (none, elsewhere map[string]string) {
	none, elsewhere = map[string]string{}, map[string]string{}
	s.begin(s.planned[0])
	for _, c := range table {
		reason := ""
		if s.baselined && !slices.Contains(s.cut.Checks, c.name) && !s.narrowed(c) {
			reason = s.skipped[c.name]
		}
		if c.applies != nil {
			reason = cmp.Or(c.applies(s), reason)
		}
		switch reason {
		case "", lacksCredentials, lacksRestart, lacksNext:
		case lacksDays, lacksConnections, lacksHTTPS:
			elsewhere[c.name] = reason
		default:
			none[c.name] = reason
		}
	}
	return none, elsewhere
}

// narrowed reports whether a check needs an oracle that cannot be asked for all
// events of the scope: it may have found nothing to send for that.
func (s *session) narrowed(c *check) bool {
	for i := range s.scope {
		ev := s.eventAt(i, 0)
		if c.oracle && !Sees(s.options.Oracle, ev) || c.state && !Sees(s.options.State, ev) {
			return true
		}
	}
	return false
}

// covering collects the coverage while a report is made.
type covering struct {
	evidence *Evidence
	rows     map[string]map[string]Verdict
}

// note enters what a check found into the rows of the events that it met.
func (c *covering) note(h *hearing, f finding) {
	met := h.own
	if h.check.act == nil { // it judges what the others sent
		met = h.legitimate()
	}
	for _, x := range met {
		row := c.rows[x.event]
		if row == nil || x.attempt == nil {
			continue
		}
		v := f.verdict
		if f.proof != nil && (v == Fail || v == Warn) && !slices.ContainsFunc(f.proof, func(p *exchange) bool { return p.event == x.event }) {
			v = Pass // the finding is about another event
		}
		row[h.check.name] = v
	}
}

func newCovering(e *Evidence) *covering {
	c := &covering{evidence: e, rows: map[string]map[string]Verdict{}}
	for _, name := range e.Scope {
		c.rows[name] = map[string]Verdict{}
	}
	return c
}

// of sums up.
func (c *covering) of(results []Result) Coverage {
	out := Coverage{Matrix: []CoverageRow{}}
	for _, name := range c.evidence.Scope {
		row := c.rows[name]
		out.Matrix = append(out.Matrix, CoverageRow{Event: name, Checks: row})
		out.Events.Planned++
		if out.Matrix[len(out.Matrix)-1].judged() {
			out.Events.Judged++
		}
	}
	for _, check := range table {
		open := OpenCheck{Check: check.name, State: stateUnplanned}
		i := slices.IndexFunc(results, func(r Result) bool { return r.Name == check.name })
		reason, never := c.evidence.Inapplicable[check.name]
		place, elsewhere := c.evidence.Elsewhere[check.name]
		switch {
		case i < 0 && check.tier != "": // of a tier that nobody asked for
			continue
		case never:
			open.State, open.Because = stateInapplicable, reason
		case elsewhere:
			open.State, open.Because = stateElsewhere, place
		case i >= 0 && results[i].Verdict.judged():
			out.Checks.Planned++
			out.Checks.Judged++
			continue
		case i >= 0:
			open.State, open.Because = string(results[i].Verdict), results[i].Because
			if results[i].Verdict == Skip {
				open.State = stateSkipped
			}
			out.Checks.Planned++
		default:
			out.Checks.Planned++
		}
		out.Open = append(out.Open, open)
	}
	out.Percent = min(out.Events.percent(), out.Checks.percent())
	return out
}

// judged reports whether a verdict says something about the receiver.
func (v Verdict) judged() bool { return v == Pass || v == Warn || v == Fail }

// groupCount is a group's verdicts.
type groupCount struct {
	Name string
	Counts
}

// byGroup counts verdicts by group, in the order of the run.
func (r *Report) byGroup() (out []groupCount) {
	for _, c := range r.Checks {
		i := slices.IndexFunc(out, func(g groupCount) bool { return g.Name == c.Group })
		if i < 0 {
			i, out = len(out), append(out, groupCount{Name: c.Group})
		}
		out[i].add(c.Verdict)
	}
	return out
}

// severities from the worst, for sorting.
var severities = []string{critical, high, medium, low}

// worstFirst are the findings with a verdict, the most severe first.
func (r *Report) worstFirst(v Verdict) []Result {
	var out []Result
	for _, c := range r.Checks {
		if c.Verdict == v {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b Result) int {
		return cmp.Compare(slices.Index(severities, a.Severity), slices.Index(severities, b.Severity))
	})
	return out
}

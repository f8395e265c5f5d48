package verifier

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
)

func sortedHeader(h http.Header) []string { return slices.Sorted(maps.Keys(h)) }

// marks are one character wide, so that the names line up.
var marks = map[Verdict]string{Pass: "✔", Warn: "!", Fail: "✘", Skip: "-", Inconclusive: "?"}

var colors = map[Verdict]string{Pass: "\x1b[32m", Warn: "\x1b[33m", Fail: "\x1b[31m", Skip: "\x1b[2m", Inconclusive: "\x1b[36m"}

// Text writes the report for people: one line a check, each finding explained
// below, the verdict last.
func (r *Report) Text(w io.Writer, color bool) error {
	p := &printer{w: w, color: color}
	for i, c := range r.Checks {
		switch n := r.alike(c); {
		case n < 2:
			p.line("%s %-36s %s", p.paint(c.Verdict, marks[c.Verdict]), c.Name, Printable(c.Because))
		case i == slices.IndexFunc(r.Checks, func(o Result) bool { return o.Verdict == Skip && o.Because == c.Because }):
			p.line("%s %-36s %s", p.paint(c.Verdict, marks[c.Verdict]), plural(n, "check"), Printable(c.Because))
		}
	}
	if n := r.blind(); n > 0 {
		p.line("")
		give := "an oracle"
		switch {
		case r.Oracle:
			give = "a second oracle, which shows the state of the record that an event is about"
		case r.State:
			give = "one that counts effects (the one that was given shows a state: behind # stands the pointer of a number in its answer)"
		}
		p.line("to judge the %s that must see effects, give %s: %s", plural(n, "check"), give, Printable(r.OracleHint))
		if !r.Oracle && strings.HasPrefix(r.OracleHint, "--") {
			p.line("    a route of yours that answers with the number of effects of one event; or a log, --oracle 'file:app.log?line=done {/…}'; or a header of your answers, --oracle header:X-Effects")
		}
	}
	for _, c := range append(r.worstFirst(Fail), r.worstFirst(Warn)...) {
		p.explain(c)
	}
	p.line("")
	p.line("%s %s, %s", p.paint(r.overall(), r.headline()), r.Provider, r.scope())
	k := r.Counts
	p.line("%d pass, %d warn, %d fail, %d skip, %d inconclusive; findings by the contract %d, by practice %d; seed %d",
		k.Pass, k.Warn, k.Fail, k.Skip, k.Inconclusive, k.ContractFindings, k.PracticeFindings, r.Seed)
	for _, note := range append(r.limits(), r.asked()...) {
		p.line("%s", Printable(note))
	}
	return p.err
}

// asked says what became of what somebody asked for, and how far the report can
// be believed.
func (r *Report) asked() (out []string) {
	if f := r.Requirement; f != nil {
		text := "what was asked for was seen"
		if !f.Met {
			text = "what was asked for was not all seen"
		}
		for _, d := range f.Demands {
			if !d.Met {
				text += fmt.Sprintf("; %s: %s", d.What, d.Because)
			}
		}
		out = append(out, text)
	}
	if b := r.Bound; b != nil {
		text := fmt.Sprintf("the seed is made from %d", b.Seed)
		if b.Requirement != "" {
			text += ", the requirement " + shorten(b.Requirement, 12)
		}
		if b.Challenge != "" {
			text += fmt.Sprintf(", the challenge %q", shorten(b.Challenge, 100))
		}
		out = append(out, text, r.SelfRun)
	}
	return out
}

// limits say what the run was allowed to do, where that is more or less than
// usual.
func (r *Report) limits() (out []string) {
	if n := len(r.Tiers); n > 1 {
		var names []string
		for _, t := range r.Tiers {
			names = append(names, string(t))
		}
		out = append(out, strings.Join(names[:n-1], ", ")+" and "+names[n-1]+" checks")
	}
	if r.SettledMS > 0 {
		out = append(out, fmt.Sprintf("effects come after the answers here, so each was waited for %s; --settle sets another time", time.Duration(r.SettledMS*float64(time.Millisecond))))
	}
	if r.FoundWith != "" {
		out = append(out, fmt.Sprintf("the sequences were found with another version of this contract (%s; this is %s), and sent all the same", shorten(r.FoundWith, 12), shorten(r.Contract, 12)))
	}
	if r.FailOn != low {
		out = append(out, fmt.Sprintf("failures below %s do not count in the verdict", r.FailOn))
	}
	if b := r.Budget; b != nil {
		budget := time.Duration(b.Seconds * float64(time.Second)).String()
		if len(b.LeftOut) > 0 {
			out = append(out, fmt.Sprintf("the budget of %s had no room for %d of %s: %s",
				budget, len(b.LeftOut), plural(b.Planned, "check"), shorten(strings.Join(b.LeftOut, ", "), 200)))
		} else {
			out = append(out, fmt.Sprintf("all %s fitted into the budget of %s", plural(b.Planned, "check"), budget))
		}
		if b.Rounds > 0 {
			out = append(out, fmt.Sprintf("%s of an event and a group of checks were left out for want of time", plural(b.Rounds, "pair")))
		}
	}
	return out
}

// alike is how many checks were skipped for the reason of c, where the baseline
// failed: then one line is enough for all of them.
func (r *Report) alike(c Result) (n int) {
	if c.Verdict != Skip || r.Checks[0].Verdict != Fail || r.Checks[0].Name != baseline {
		return 0
	}
	for _, o := range r.Checks {
		if o.Verdict == Skip && o.Because == c.Because {
			n++
		}
	}
	return n
}

func (r *Report) overall() Verdict {
	switch r.Verdict {
	case Conformant:
		if r.guarded() {
			return Inconclusive
		}
		return Pass
	case NotConformant:
		return Fail
	}
	return Inconclusive
}

// headline is the verdict, guarded where something critical stayed open.
func (r *Report) headline() string {
	if r.Verdict != Conformant || !r.guarded() {
		return r.Verdict + ":"
	}
	return fmt.Sprintf("%s, as far as seen: %s not judged;", r.Verdict, plural(r.Counts.Inconclusive+len(r.leftOut()), "check"))
}

// guarded reports whether a critical check was not judged, for want of time or of
// anything else.
func (r *Report) guarded() bool {
	return slices.ContainsFunc(r.Checks, func(c Result) bool {
		return c.Severity == critical && (c.Verdict == Inconclusive || slices.Contains(r.leftOut(), c.Name))
	})
}

// leftOut are the checks for which there was no time.
func (r *Report) leftOut() []string {
	if r.Budget == nil {
		return nil
	}
	return r.Budget.LeftOut
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if stem, ok := strings.CutSuffix(noun, "ry"); ok {
		return fmt.Sprintf("%d %sries", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// scope says which events the verdict is about.
func (r *Report) scope() string {
	switch {
	case !r.Selected && len(r.Scope) == 1:
		return "its only event"
	case !r.Selected:
		return fmt.Sprintf("all %d events", len(r.Scope))
	}
	return fmt.Sprintf("%d of its events (%s)", len(r.Scope), shorten(strings.Join(r.Scope, ", "), 200))
}

// blind is how many checks stayed open for want of an oracle.
func (r *Report) blind() (n int) {
	for _, c := range r.Checks {
		if c.Verdict == Inconclusive && c.Received == noOracle {
			n++
		}
	}
	return n
}

type printer struct {
	w     io.Writer
	color bool
	err   error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (p *printer) paint(v Verdict, s string) string {
	if !p.color {
		return s
	}
	return colors[v] + s + "\x1b[0m"
}

func (p *printer) explain(c Result) {
	p.line("")
	p.line("%s %s (%s)", p.paint(c.Verdict, marks[c.Verdict]), c.Name, c.Severity)
	for _, l := range c.explanation() {
		p.line("    %-10s %s", l[0], Printable(l[1]))
	}
}

// explanation is a finding in lines of a word and a text.
func (c Result) explanation() (out [][2]string) {
	rule := "practice: " + c.Source
	if c.Basis == ByContract {
		rule = "the contract, " + c.Provenance.String()
	} else if c.Provenance.Level != "" {
		rule += "; the contract's own rule is " + string(c.Provenance.Level)
	}
	for _, l := range [][2]string{
		{"seen", c.Because}, {"waiver", c.leave()}, {"expected", c.Expected}, {"received", c.Received}, {"answer", c.Answer}, {"rule", rule},
		{"why", c.Why}, {"fix", c.Fix}, {"reproduce", c.Reproduce}, {"request", c.Curl},
	} {
		if l[1] != "" {
			out = append(out, l)
		}
	}
	return out
}

// leave is the requester's leave to fail, in words.
func (c Result) leave() string {
	switch {
	case c.Waiver == nil:
		return ""
	case c.Waiver.Expired:
		return fmt.Sprintf("it ended on %s, so the finding counts (%s)", c.Waiver.Until, c.Waiver.Reason)
	}
	return fmt.Sprintf("until %s this does not count in the verdict: %s", c.Waiver.Until, c.Waiver.Reason)
}

// Printable replaces what would move the cursor of a terminal, break a line or
// turn the direction of reading: receivers may put anything into their answers.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return '·'
		}
		return r
	}, s)
}

// JSON writes the report as one object on one line.
func (r *Report) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}

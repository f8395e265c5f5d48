package verifier

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
)

//go:embed report.html
var pageText string

//go:embed report.css
var pageStyle string

// pageParts is the HTML report, never executed: see [Page]. The template escapes
// what it is given by where it stands; show takes away what would still mislead a
// reader.
var pageParts = template.Must(template.New("report").Funcs(template.FuncMap{
	"show": show, "lines": showLines, "mark": func(v Verdict) string { return marks[v] }, "ms": showMS,
	"sentence": sentence, "level": func(l contracts.Level) string { return levels[l] }, "plural": plural, "join": strings.Join,
	"message": message, "anchor": func(name string) string { return strings.ReplaceAll(name, "/", "-") }, "clock": func(s string) string { return strings.NewReplacer("T", " ", "Z", " UTC").Replace(s) },
	"style": func() template.CSS { return template.CSS(pageStyle) },
}).Parse(pageText))

var pageTemplate = template.Must(pageParts.Clone())

// Page is a template for another report of what was sent, with the style, the
// functions and the parts of the HTML report: {{style}}, {{show .}} for a text,
// {{template "verdict" .}} for a [Verdict], {{template "message" (message
// "Request" .Request)}} for a [Message]. It panics where the text is no template.
func Page(text string) *template.Template {
	return template.Must(template.Must(pageParts.Clone()).New("page").Parse(text))
}

// ExchangeOf is an attempt with the body that it sent, as reports show it.
func ExchangeOf(delivery, event string, body []byte, a *mockserver.Attempt) Exchange {
	return Exchange{Delivery: delivery, Event: event, Request: requestOf(&exchange{body: body, attempt: a}), Answer: answerOf(a)}
}

// HTML writes the report as one page that needs no network and runs no script.
// The same report makes the same bytes.
func (r *Report) HTML(w io.Writer) error {
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, r.view()); err != nil {
		return err
	}
	_, err := b.WriteTo(w)
	return err
}

// titled is a message under a heading.
type titled struct {
	Message
	Title, Note, Text string
}

func message(title string, m Message) titled {
	t := titled{Message: m, Title: title, Text: m.indented()}
	if t.Text != m.Body {
		t.Note = "(body indented for reading)"
	}
	return t
}

// view is what the page shows of a report.
type view struct {
	*Report
	Overall  Verdict
	Headline string
	Summary  []string
	Groups   []groupBar
	Failures []Result
	Advice   []Result
	Open     []Result
	Blind    int
	Chart    *histogram // nil: nothing was answered
	Timeline *timeline  // nil: nothing was sent
	Matrix   matrix
}

func (r *Report) view() *view {
	v := &view{
		Report: r, Overall: r.overall(), Summary: r.summary(), Blind: r.blind(),
		Failures: r.worstFirst(Fail), Advice: r.worstFirst(Warn), Open: r.worstFirst(Inconclusive),
		Chart: histogramOf(r), Timeline: timelineOf(r), Matrix: r.matrix(),
	}
	v.Headline = sentence(r.Verdict)
	if r.Verdict == Conformant && r.guarded() {
		v.Headline = "Conformant, as far as seen"
	}
	for _, g := range r.byGroup() {
		v.Groups = append(v.Groups, g.bar())
	}
	return v
}

// summary is the verdict in the words of somebody who runs a shop.
func (r *Report) summary() (out []string) {
	k := r.Counts
	judged := k.Pass + k.Warn + k.Fail
	counting := k.Fail - k.Waived
	switch {
	case r.Verdict == Undecided:
		text := "It could not be seen whether the receiver accepts valid events, so nothing is said about it."
		if k.Waived > 0 {
			text = "The receiver does not accept valid events, so nothing more is said about it."
		}
		out = append(out, text)
	case counting > 0:
		worst := 0
		for _, c := range r.worstFirst(Fail) {
			if c.Severity == critical && !c.waived() {
				worst++
			}
		}
		text := fmt.Sprintf("The receiver fails %d of %s that could be judged", counting, plural(judged, "check"))
		if worst > 0 {
			text += fmt.Sprintf(", %d of them critical", worst)
		}
		out = append(out, text+". Each is explained below, with what to change.")
	case r.Counts.Warn > 0:
		out = append(out, fmt.Sprintf("No rule was seen broken in %s; there is advice on %d.", plural(judged, "judged check"), k.Warn))
	default:
		out = append(out, fmt.Sprintf("No rule was seen broken in %s.", plural(judged, "judged check")))
	}
	if k.Waived > 0 {
		out = append(out, fmt.Sprintf("Failures that the requester waived, and that do not count: %d.", k.Waived))
	}
	if k.Inconclusive > 0 && r.Verdict != Undecided {
		out = append(out, fmt.Sprintf("Not judged, because what they ask could not be seen: %s.", plural(k.Inconclusive, "check")))
	}
	if r.Requirement != nil && !r.Requirement.Met {
		out = append(out, "What the requester asked to see was not all seen.")
	}
	for _, limit := range r.limits() {
		out = append(out, sentence(limit)+".")
	}
	return out
}

// waived reports whether a failure does not count.
func (c Result) waived() bool { return c.Verdict == Fail && c.Waiver != nil && !c.Waiver.Expired }

// shownExchange is an exchange that may repeat the request before it.
type shownExchange struct {
	Exchange
	Repeated bool
}

// Shown are the exchanges; a request that was sent again is not printed again.
func (c Result) Shown() (out []shownExchange) {
	for i, x := range c.Exchanges {
		out = append(out, shownExchange{x, i > 0 && reflect.DeepEqual(x.Request, c.Exchanges[i-1].Request)})
	}
	return out
}

// Rule says on whose authority a check judged.
func (c Result) Rule() string {
	switch {
	case c.Basis == ByContract && c.Provenance.Level != "":
		text := "This provider's contract: " + levels[c.Provenance.Level]
		if c.Provenance.Source != "" {
			text += " (" + c.Provenance.Source + ")"
		}
		if c.Provenance.Note != "" {
			text += "; " + c.Provenance.Note
		}
		return text + "."
	case c.Basis == ByContract:
		return "This provider's contract: " + c.Source + "."
	case c.Provenance.Level != "":
		return "Good practice: " + c.Source + ". The provider's own rule is not known: " + levels[c.Provenance.Level] + "."
	}
	return "Good practice: " + c.Source + "."
}

// levels of provenance, for people.
var levels = map[contracts.Level]string{
	contracts.Documented: "documented by the provider",
	contracts.Published:  "published by the provider",
	contracts.Reported:   "reported by others, not by the provider",
	contracts.Assumed:    "assumed, stated by nobody",
}

// show is a text of one line.
func show(s string) string { return Printable(valid(s)) }

// showLines is a text that keeps its lines.
func showLines(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case !unicode.IsGraphic(r):
			return '·'
		}
		return r
	}, strings.ReplaceAll(valid(s), "\r\n", "\n"))
}

func showMS(ms float64) string {
	switch {
	case ms < 10:
		return fmt.Sprintf("%.3g ms", ms)
	case ms < 1000:
		return fmt.Sprintf("%.0f ms", ms)
	case ms < 120_000:
		return fmt.Sprintf("%.3g s", ms/1000)
	case ms < 7_200_000:
		return fmt.Sprintf("%.3g min", ms/60_000)
	}
	return fmt.Sprintf("%.3g h", ms/3_600_000)
}

// sentence starts with a capital.
func sentence(s string) string {
	for i, r := range s {
		return string(unicode.ToUpper(r)) + s[i+len(string(r)):]
	}
	return s
}

// matrix is the coverage as a table: a row for each event, a column for each
// group. The JSON report has it check by check.
type matrix struct {
	Groups []string
	Rows   []matrixRow
	More   int // events that are not shown
}

type matrixRow struct {
	Event string
	Cells []matrixCell
}

// matrixCell counts the checks of a group that met an event.
type matrixCell struct {
	Judged, Open int
	Worst        Verdict
}

const shownEvents = 300

func (r *Report) matrix() (m matrix) {
	m.Groups = groups()
	for i, row := range r.Coverage.Matrix {
		if i == shownEvents {
			m.More = len(r.Coverage.Matrix) - i
			break
		}
		cells := make([]matrixCell, len(m.Groups))
		for name, v := range row.Checks {
			group, _, _ := strings.Cut(name, "/")
			if g := slices.Index(m.Groups, group); g >= 0 {
				cells[g].add(v)
			}
		}
		m.Rows = append(m.Rows, matrixRow{row.Event, cells})
	}
	return m
}

func (c *matrixCell) add(v Verdict) {
	switch {
	case v.judged():
		c.Judged++
	case v == Inconclusive:
		c.Open++
	default:
		return
	}
	if c.Worst == "" || graver(v, c.Worst) {
		c.Worst = v
	}
}

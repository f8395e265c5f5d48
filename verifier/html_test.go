package verifier_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/hookrig/hookrig/verifier"
)

func htmlOf(t testing.TB, r *verifier.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.HTML(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// element is a start tag of a page that keeps to XML's form.
type element struct {
	name string
	attr map[string]string
}

// parsePage reads a page strictly: one stray character of a receiver's in the
// wrong place and it is no XML, or has elements that nobody wrote.
func parsePage(t testing.TB, page string) (elements []element, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	var b strings.Builder
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return elements, b.String()
		}
		if err != nil {
			t.Fatalf("the page is not well formed: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := element{token.Name.Local, map[string]string{}}
			for _, a := range token.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			elements = append(elements, e)
		case xml.CharData:
			b.Write(token)
		case xml.Comment:
			t.Errorf("a comment: %q", token)
		}
	}
}

// The page needs nothing from elsewhere, and runs nothing.
func checkSelfContained(t *testing.T, elements []element) {
	t.Helper()
	ids := map[string]bool{}
	for _, e := range elements {
		if id, ok := e.attr["id"]; ok {
			if ids[id] {
				t.Errorf("the id %q is given twice", id)
			}
			ids[id] = true
		}
	}
	for _, e := range elements {
		if slices.Contains([]string{"script", "img", "link", "iframe", "object", "embed", "form", "base", "foreignObject", "use", "a-canary"}, e.name) {
			t.Errorf("the page has a <%s>", e.name)
		}
		for name, value := range e.attr {
			switch {
			case strings.HasPrefix(name, "on"), name == "src", name == "style", strings.Contains(strings.ToLower(value), "javascript:"):
				t.Errorf("<%s %s=%q>", e.name, name, value)
			case name == "href" && !ids[strings.TrimPrefix(value, "#")]:
				t.Errorf("a link to %q, which is not on the page", value)
			case name == "aria-labelledby" && !ids[value]:
				t.Errorf("<%s> is labelled by %q, which is not on the page", e.name, value)
			}
		}
	}
}

// checkAccessible looks at what a screen reader and a small screen need.
func checkAccessible(t *testing.T, elements []element) {
	t.Helper()
	level, captions, tables := 0, 0, 0
	for _, e := range elements {
		switch {
		case len(e.name) == 2 && e.name[0] == 'h' && e.name[1] >= '1' && e.name[1] <= '6':
			if n := int(e.name[1] - '0'); n > level+1 {
				t.Errorf("a heading of level %d after one of level %d", n, level)
			} else {
				level = n
			}
		case e.name == "table":
			tables++
		case e.name == "caption":
			captions++
		case e.name == "th" && e.attr["scope"] == "":
			t.Error("a header cell without scope")
		case e.name == "svg" && e.attr["aria-hidden"] == "" && (e.attr["role"] != "img" || e.attr["aria-label"] == ""):
			t.Errorf("a picture without words: %v", e.attr)
		case e.name == "html" && e.attr["lang"] == "":
			t.Error("the page names no language")
		}
	}
	if tables == 0 || tables != captions {
		t.Errorf("%d tables have %d captions", tables, captions)
	}
}

func TestHTML(t *testing.T) {
	r, err := verifier.Rejudge(shop(t), saved(t))
	if err != nil {
		t.Fatal(err)
	}
	page := htmlOf(t, r)
	golden(t, "report.html", []byte(page))
	elements, text := parsePage(t, page)
	checkSelfContained(t, elements)
	checkAccessible(t, elements)
	for _, c := range r.Checks {
		if !strings.Contains(text, c.Name) || c.Fix != "" && !strings.Contains(text, c.Fix) || !strings.Contains(text, c.Reproduce) || !strings.Contains(text, c.Curl) {
			t.Errorf("%s is not shown in full", c.Name)
		}
	}
}

// The page is made from what the JSON report has, and from nothing else: no
// clock, no order of maps.
func TestHTMLOfAReportThatWasSaved(t *testing.T) {
	r, err := verifier.Rejudge(shop(t), saved(t))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	again := new(verifier.Report)
	if err := json.Unmarshal(text, again); err != nil {
		t.Fatal(err)
	}
	if htmlOf(t, r) != htmlOf(t, again) {
		t.Error("the saved report makes another page")
	}
}

// canary is what a hostile receiver would answer.
const canary = "</pre></style><script>alert(1)</script><a-canary onload=x>\"'`&amp;<!-- -->]]> javascript:alert(1) \u202eright-to-left\u2066 \x00\x1b[2J\xff\xfe{{.Seed}}${x}\u2028\ufeff"

func TestHTMLOfHostileAnswers(t *testing.T) {
	e := saved(t)
	n := 0
	for i := range e.Journal {
		a := e.Journal[i].Attempt
		if a == nil {
			continue
		}
		n++
		a.Header = map[string][]string{"Location": {canary}, "X-" + canary: {canary}, "Set-Cookie": {"sid=canary-session"}}
		a.Body, a.Tamper, a.Detail = []byte(strings.Repeat(canary, 200)), canary, canary
		switch n % 7 {
		case 4:
			a.Status = 302
		case 5:
			a.Status = -7
		case 6:
			a.Failure = canary
		case 0:
			a.Body = []byte(`{"x":"` + canary + `"`)
		}
	}
	e.Target += canary
	e.ContractArg += canary
	e.Skipped = map[string]string{"payload/unknown-field": canary}
	e.Inapplicable = map[string]string{"payload/unknown-event": canary}
	e.Bound = &verifier.Bound{Challenge: canary, Requirement: canary}
	e.Require = &verifier.Requirement{Digest: canary, Events: []string{canary}, Checks: []string{"state"}, Waivers: []verifier.Waiver{{Check: "authenticity/wrong-key", Reason: canary, Until: canary}}}
	r, err := verifier.Rejudge(shop(t), e)
	if err != nil {
		t.Fatal(err)
	}
	page := htmlOf(t, r)
	if !utf8.ValidString(page) {
		t.Error("the page is not UTF-8")
	}
	for _, c := range page {
		if c != '\n' && c != '\t' && !unicode.IsGraphic(c) {
			t.Fatalf("the page holds %q", c)
		}
	}
	elements, text := parsePage(t, page)
	checkSelfContained(t, elements)
	checkAccessible(t, elements)
	if strings.Contains(page, "canary-session") {
		t.Error("the page shows the value of a cookie")
	}
	if n := strings.Count(text, "<script>alert(1)</script>"); n < 20 {
		t.Errorf("what was answered is shown only %d times", n)
	}
	if len(page) > 1<<20 {
		t.Errorf("the page has %d bytes", len(page))
	}
}

// TestContrast holds both themes to 4.5:1 (WCAG 2.2, criterion 1.4.3).
func TestContrast(t *testing.T) {
	css, err := os.ReadFile("report.css")
	if err != nil {
		t.Fatal(err)
	}
	themes := regexp.MustCompile(`(?s):root \{.*?\}`).FindAllString(string(css), -1)
	if len(themes) != 3 {
		t.Fatalf("%d themes", len(themes))
	}
	for _, theme := range themes {
		color := map[string]float64{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): #([0-9a-f]+)`).FindAllStringSubmatch(theme, -1) {
			color[m[1]] = luminance(t, m[2])
		}
		for _, pair := range [][2]string{
			{"ink", "paper"}, {"ink", "panel"}, {"soft", "paper"}, {"link", "paper"}, {"soft", "panel"},
			{"pass", "paper"}, {"warn", "paper"}, {"fail", "paper"}, {"inconclusive", "paper"}, {"skip", "paper"},
			{"pass", "pass-bg"}, {"fail", "fail-bg"}, {"inconclusive", "inconclusive-bg"}, {"ink", "fail-bg"}, {"ink", "pass-bg"}, {"link", "fail-bg"},
		} {
			a, b := color[pair[0]], color[pair[1]]
			if ratio := (max(a, b) + .05) / (min(a, b) + .05); ratio < 4.5 {
				t.Errorf("%s on %s has a contrast of %.2f in\n%.60s…", pair[0], pair[1], ratio, theme)
			}
		}
	}
}

// luminance is WCAG's relative luminance of a colour in hexadecimal.
func luminance(t *testing.T, hex string) float64 {
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	linear := func(v uint64) float64 {
		c := float64(v&255) / 255
		if c <= .04045 {
			return c / 12.92
		}
		return math.Pow((c+.055)/1.055, 2.4)
	}
	return .2126*linear(n>>16) + .7152*linear(n>>8) + .0722*linear(n)
}

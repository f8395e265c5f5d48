package verifier_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/verifier"
)

// question is a row of testdata/questions.txt.
type question struct {
	id, text string
	checks   []string
	open     string // what of it is not asked, and why
}

func questions(t *testing.T) (out []question) {
	t.Helper()
	text, err := os.ReadFile("testdata/questions.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		cells := strings.Split(line, "|")
		if len(cells) != 4 {
			t.Fatalf("a row needs four cells: %s", line)
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		out = append(out, question{cells[0], cells[1], strings.Fields(cells[2]), cells[3]})
	}
	return out
}

// TestQuestions: every usual question is asked by a check that exists, or it is
// said why not; every number is there; and no check asks what nobody wants to know.
func TestQuestions(t *testing.T) {
	asked := map[string]bool{}
	exists := map[string]bool{}
	for _, c := range verifier.Checks() {
		exists[c.Name] = true
	}
	next := map[string]int{}
	for _, q := range questions(t) {
		if next[q.id[:1]]++; q.id != fmt.Sprint(q.id[:1], next[q.id[:1]]) {
			t.Errorf("%s follows %s%d", q.id, q.id[:1], next[q.id[:1]]-1)
		}
		if len(q.checks) == 0 && q.open == "" {
			t.Errorf("%s: nobody asks %q, and nobody says why", q.id, q.text)
		}
		for _, name := range q.checks {
			if asked[name] = true; !exists[name] {
				t.Errorf("%s: there is no check %s", q.id, name)
			}
		}
	}
	for group, n := range map[string]int{"A": 19, "B": 7, "C": 10, "D": 13, "E": 15, "F": 10} {
		if next[group] != n {
			t.Errorf("%s has %d questions, want %d", group, next[group], n)
		}
	}
	for name := range exists {
		if !asked[name] {
			t.Errorf("%s asks no question of testdata/questions.txt: add it there to the one that it belongs to", name)
		}
	}

	var table strings.Builder
	table.WriteString("| question | asked by | not asked, and why |\n|---|---|---|\n")
	for _, q := range questions(t) {
		names := ""
		for i, name := range q.checks {
			if i > 0 {
				names += ", "
			}
			names += "`" + name + "`"
		}
		fmt.Fprintf(&table, "| %s | %s | %s |\n", q.text, names, q.open)
	}
	between(t, "questions", table.String())
}

// between compares a part of docs/verifier.md with what it has to be.
func between(t *testing.T, part, want string) {
	t.Helper()
	const page = "../docs/verifier.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	place := regexp.MustCompile(`(?s)(<!-- ` + part + `:[^\n]*\n).*(<!-- /` + part + ` -->)`)
	if !place.Match(text) {
		t.Fatalf("%s has no place for the table of %s", page, part)
	}
	whole := place.ReplaceAllString(string(text), "${1}"+strings.ReplaceAll(want, "$", "$$")+"${2}")
	switch {
	case *update:
		if err := os.WriteFile(page, []byte(whole), 0o644); err != nil {
			t.Fatal(err)
		}
	case string(text) != whole:
		t.Errorf("the table of %s in %s is out of date: go test ./verifier -run 'Page|Questions' -update", part, page)
	}
}

package verifier_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/verifier"
)

// TestPage compares the table of docs/verifier.md with the suite.
func TestPage(t *testing.T) {
	const page = "../docs/verifier.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("| check | severity | judged by | why |\n|---|---|---|---|\n")
	for _, c := range verifier.Checks() {
		fmt.Fprintf(&table, "| `%s` | %s | %s: %s | %s |\n", c.Name, c.Severity, c.Basis, c.Source, c.Why)
	}
	between := regexp.MustCompile(`(?s)(<!-- checks:[^\n]*\n).*(<!-- /checks -->)`)
	if !between.Match(text) {
		t.Fatalf("%s has no place for the table of checks", page)
	}
	want := between.ReplaceAllString(string(text), "${1}"+strings.ReplaceAll(table.String(), "$", "$$")+"${2}")
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Errorf("the table of checks in %s is out of date: go test ./verifier -run Page -update", page)
	}
}

package verifier_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/verifier"
)

// TestPage compares the table of docs/verifier.md with the suite.
func TestPage(t *testing.T) {
	var table strings.Builder
	table.WriteString("| check | severity | judged by | why |\n|---|---|---|---|\n")
	for _, c := range verifier.Checks() {
		fmt.Fprintf(&table, "| `%s` | %s | %s: %s | %s |\n", c.Name, c.Severity, c.Basis, c.Source, c.Why)
	}
	between(t, "checks", table.String())
}

package verifier_test

import (
	"cmp"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// With -matrix the gallery's tests print a line for each receiver: make gallery
// sorts and counts them.
var matrix = flag.Bool("matrix", false, "print what became of each receiver of the gallery")

// compare wants a receiver of the gallery to be found by what its row says; the
// first is the check that is meant for it. Right receivers have an empty row.
func compare(t *testing.T, receiver, at string, got, want []string) {
	t.Helper()
	if !same(got, want) {
		t.Errorf("%s: found %q, want %q", at, got, want)
	}
	if len(want) == 0 {
		tell("right", receiver, at, "", got)
		return
	}
	mark, also := "MISSED", slices.Clone(got)
	if i := slices.Index(also, want[0]); i >= 0 {
		mark, also = "caught", slices.Delete(also, i, i+1)
	}
	tell(mark, receiver, at, want[0], also)
}

// tell prints a line of the matrix. A right receiver may be given advice, and fails nothing.
func tell(mark, receiver, at, meant string, also []string) {
	if mark == "right" && slices.ContainsFunc(also, func(name string) bool { return !strings.HasPrefix(name, "~") }) {
		mark = "WRONGED"
	}
	if *matrix {
		fmt.Printf("%-7s %-28s %-12s %-36s %s\n", mark, cmp.Or(receiver, "as it should be"), at, meant, strings.Join(also, " "))
	}
}

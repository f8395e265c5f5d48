package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/verifier"
)

// reports is the flag --report: kinds of reports and their files.
type reports []report

type report struct {
	kind, name string
	file       *os.File
	fresh      bool // it was not there before, and nothing is written yet
}

// writers write one kind of report each.
var writers = map[string]func(*verifier.Report, io.Writer) error{
	"html":  (*verifier.Report).HTML,
	"junit": (*verifier.Report).JUnit,
	"json":  (*verifier.Report).JSON,
	// The deliveries that show failures, for --reproduce.
	"sequence": (*verifier.Report).Sequences,
}

func (r *reports) Type() string { return "KIND=FILE,…" }

func (r *reports) String() string {
	var parts []string
	for _, one := range *r {
		parts = append(parts, one.kind+"="+one.name)
	}
	return strings.Join(parts, ",")
}

func (r *reports) Set(s string) error {
	for part := range strings.SplitSeq(s, ",") {
		kind, name, ok := strings.Cut(part, "=")
		switch {
		case !ok || name == "":
			return fmt.Errorf("write it like html=verify.html,junit=verify.xml,json=verify.json")
		case writers[kind] == nil:
			return fmt.Errorf("there is no report %q, only html, junit, json and sequence", kind)
		case slices.ContainsFunc(*r, func(other report) bool { return filepath.Clean(other.name) == filepath.Clean(name) }):
			return fmt.Errorf("two reports cannot share the file %q", name)
		}
		*r = append(*r, report{kind: kind, name: name})
	}
	return nil
}

// open opens the files for writing. What stands in them stays until there is
// something to write.
func (r reports) open() (err error) {
	for i := range r {
		_, missing := os.Stat(r[i].name)
		if r[i].file, err = os.OpenFile(r[i].name, os.O_WRONLY|os.O_CREATE, 0o666); err != nil {
			return unwritable(r[i].name, err)
		}
		r[i].fresh = missing != nil
	}
	return nil
}

func (r reports) write(found *verifier.Report) error {
	for i := range r {
		one := &r[i]
		one.fresh = false
		_ = one.file.Truncate(0) // a pipe or a terminal has nothing to cut off
		if err := writers[one.kind](found, one.file); err != nil {
			return unjudged("df -h "+shellWord(nearestFolder(one.name)), fmt.Errorf("cannot write %q: %w", one.name, cause(err)))
		}
	}
	return nil
}

// close closes the files, and takes away those that were made for nothing.
func (r reports) close() {
	for _, one := range r {
		if one.file == nil {
			continue
		}
		_ = one.file.Close() // a write that failed was told
		if one.fresh {
			_ = os.Remove(one.name)
		}
	}
}

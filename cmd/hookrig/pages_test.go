package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// shown is a command line in the code of a page: after a prompt, indented, or
// in backquotes.
var shown = regexp.MustCompile("(?m)(?:^\\$ |^    |`)(?:go run \\./cmd/)?hookrig ([a-z][^`|>#\n]*)")

// TestPages: the commands and flags that the pages show exist.
func TestPages(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, page := range append(pages, "../../README.md", "../../CONTRIBUTING.md", "../../CHANGELOG.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range shown.FindAllStringSubmatchIndex(string(text), -1) {
			seen++
			line := string(text[m[2]:m[3]])
			if wrong := wrongCommand(line); wrong != "" {
				t.Errorf("%s:%d: hookrig %s: %s", page, 1+bytes.Count(text[:m[2]], []byte("\n")), line, wrong)
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d commands were found in the pages", seen)
	}
	for _, line := range []string{"fakes shoptet", "fake shoptet --sead 1", "fake -z"} {
		if wrongCommand(line) == "" {
			t.Errorf("hookrig %s was let through", line)
		}
	}
}

// wrongCommand says what is wrong with a command line, without running it.
func wrongCommand(line string) string {
	c := newConsole(nil, strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}, func(string) (string, bool) { return "", false })
	words := strings.Fields(line)
	cmd, _, err := c.root().Find(words)
	if err != nil {
		return err.Error()
	}
	if !cmd.HasParent() {
		return "no such command"
	}
	cmd.InitDefaultHelpFlag()
	for _, word := range words {
		name, _, _ := strings.Cut(strings.TrimLeft(word, "-"), "=")
		known := true
		switch {
		case strings.HasPrefix(word, "--"):
			known = cmd.Flags().Lookup(name) != nil || cmd.InheritedFlags().Lookup(name) != nil
		case strings.HasPrefix(word, "-") && len(word) == 2:
			known = cmd.Flags().ShorthandLookup(name) != nil
		}
		if !known {
			return "no flag " + word
		}
	}
	return ""
}

package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestPageStreams: what the README shows of a world is what the command prints.
// Its fakes have a seed, so nothing in them may differ.
func TestPageStreams(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for i, block := range strings.Split(string(readme), "\n```") {
		line, want, _ := strings.Cut(strings.TrimPrefix(block, "console\n"), "\n")
		args, world := strings.CutPrefix(line, "$ hookrig fake --world ")
		if i%2 == 0 || !world { // text between the blocks
			continue
		}
		seen++
		var out, errs bytes.Buffer
		run(append([]string{"fake", "--world"}, strings.Fields(args)...), strings.NewReader(""), &out, &errs, os.LookupEnv)
		if got := strings.TrimSpace(out.String()); got != want {
			t.Errorf("%s prints\n%s\n%sand the README shows\n%s", line, got, errs.String(), want)
		}
	}
	if seen == 0 {
		t.Error("the README shows no stream")
	}
}

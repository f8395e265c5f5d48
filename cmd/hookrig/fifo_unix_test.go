//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Opening a pipe that nobody writes to would wait for ever.
func TestPipesAreNoContracts(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Skip(err)
	}
	schema := filepath.Join(dir, "schema.json")
	if err := os.WriteFile(schema, []byte(`{"$ref": "pipe"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"lint", filepath.Join(dir, "pipe")},
		{"fake", "--schema", schema},
	} {
		var out, notes bytes.Buffer
		code := runUntil(t.Context(), args, nil, &out, &notes, noEnv)
		if code != exitUsage || !strings.Contains(notes.String(), "no regular file") {
			t.Errorf("%v: exit code %d\n%s", args, code, &notes)
		}
	}
}

package faker_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/faker"
)

// TestSuiteForOthers writes the instances of the official suite's schemas, for a
// validator that is not ours: into the file that HOOKRIG_SUITE_OUT names, one
// schema a line. e2e/suite.mjs reads it.
func TestSuiteForOthers(t *testing.T) {
	dir, out := os.Getenv("HOOKRIG_SUITE"), os.Getenv("HOOKRIG_SUITE_OUT")
	if dir == "" || out == "" {
		t.Skip("HOOKRIG_SUITE and HOOKRIG_SUITE_OUT are not both set")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "suite-*-*.jsonl"))
	if len(files) == 0 {
		t.Fatal("no suite files in", dir)
	}
	f, err := os.Create(out)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	remotes := suiteRemotes(t, dir)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if err := writeInstances(w, strings.TrimSuffix(filepath.Base(file), ".jsonl"), line, remotes); err != nil {
				t.Errorf("%s: %v: %s", file, err, line)
			}
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// writeInstances adds the name of the file and the instances by shape to a line
// of the suite.
func writeInstances(w *bufio.Writer, file, line string, remotes map[string]*schema.Document) error {
	var row map[string]json.RawMessage
	var dialect schema.Dialect
	err := json.Unmarshal([]byte(line), &row)
	if err == nil {
		err = json.Unmarshal(row["dialect"], &dialect)
	}
	if err != nil {
		return err
	}
	d, err := schema.Read("schema.json", row["schema"], schema.Limits{})
	if err != nil {
		return err
	}
	s, err := schema.Compile(d, "", schema.Options{Dialect: dialect, Remotes: remotes})
	if err != nil {
		return err
	}
	instances := map[faker.Shape][]json.RawMessage{}
	for _, shape := range []faker.Shape{faker.Minimal, faker.Typical, faker.Full} {
		v, err := faker.FromSchema(s, faker.Options{Seed: 1, Shape: shape})
		if err != nil {
			return err
		}
		for n := range uint64(20) {
			instances[shape] = append(instances[shape], v.Append(nil, n))
		}
	}
	return json.NewEncoder(w).Encode(map[string]any{
		"file": file, "id": row["id"], "dialect": dialect, "schema": row["schema"], "tests": row["tests"],
		"assertFormat": row["assertFormat"], "instances": instances,
	})
}

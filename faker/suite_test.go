package faker_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/faker"
)

// The schemas of the official JSON Schema suite, in the folder that
// HOOKRIG_SUITE names: how many of them we can make instances of, all valid.
func TestOfficialSuite(t *testing.T) {
	dir := os.Getenv("HOOKRIG_SUITE")
	if dir == "" {
		t.Skip("HOOKRIG_SUITE is not set")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "suite-*-*.jsonl"))
	if len(files) == 0 {
		t.Fatal("no suite files in", dir)
	}
	remotes := suiteRemotes(t, dir)
	for _, file := range files {
		for _, shape := range []faker.Shape{faker.Minimal, faker.Typical, faker.Full} {
			s := tally{remotes: remotes}
			s.run(t, file, shape)
			t.Logf("%-30s %-8s %s", strings.TrimSuffix(filepath.Base(file), ".jsonl"), shape, s)
		}
	}
}

// suiteRemotes are the documents that the suite's schemas refer to.
func suiteRemotes(t testing.TB, dir string) map[string]*schema.Document {
	text, err := os.ReadFile(filepath.Join(dir, "suite-remotes.json"))
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]json.RawMessage
	if err := json.Unmarshal(text, &texts); err != nil {
		t.Fatal(err)
	}
	remotes := map[string]*schema.Document{}
	for u, text := range texts {
		if remotes[u], err = schema.Read(u, text, schema.Limits{}); err != nil {
			t.Fatal(err)
		}
	}
	return remotes
}

type tally struct {
	remotes                                                       map[string]*schema.Document
	total, good, gaveUp, unsatisfiable, invalid, uncompiled, slow int
}

func (s tally) String() string {
	return fmt.Sprintf("%4d of %4d good, %d gave up, %d unsatisfiable, %d invalid, %d not compiled, %d slow",
		s.good, s.total, s.gaveUp, s.unsatisfiable, s.invalid, s.uncompiled, s.slow)
}

func (s *tally) run(t *testing.T, file string, shape faker.Shape) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var row struct {
			ID, Dialect, Description string
			Schema                   json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		s.total++
		d, err := schema.Read("schema", row.Schema, schema.Limits{})
		if err != nil {
			s.uncompiled++
			continue
		}
		compiled, err := schema.Compile(d, "", schema.Options{Dialect: schema.Dialect(row.Dialect), Remotes: s.remotes})
		if err != nil {
			s.uncompiled++
			t.Logf("    %s %s: %v", row.Dialect, row.ID, err)
			continue
		}
		begin := time.Now()
		s.judge(t, compiled, row.Dialect+" "+row.ID+" "+row.Description, shape)
		if time.Since(begin) > time.Second {
			s.slow++
			t.Logf("    slow: %s %s", row.Dialect, row.ID)
		}
	}
}

func (s *tally) judge(t *testing.T, compiled *schema.Schema, id string, shape faker.Shape) {
	v, err := faker.FromSchema(compiled, faker.Options{Seed: 1, Shape: shape})
	if err != nil {
		if e, ok := err.(*faker.ImpossibleError); ok && !e.GaveUp {
			s.unsatisfiable++
		} else {
			s.gaveUp++
		}
		t.Logf("    %s: %v", id, err)
		return
	}
	for n := range uint64(20) {
		body := v.Append(nil, n)
		if found := compiled.Validate(body); len(found) > 0 {
			s.invalid++
			t.Errorf("%s %s: %s: %v", id, shape, body, found)
			return
		}
	}
	s.good++
}

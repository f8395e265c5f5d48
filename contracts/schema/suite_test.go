package schema

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// suiteCase is one schema of a test suite with values to judge.
type suiteCase struct {
	ID          string
	Dialect     Dialect
	Description string
	Schema      json.RawMessage
	Tests       []struct {
		Data  json.RawMessage
		Valid bool
	}
}

// TestOfficialSuite runs the official JSON-Schema-Test-Suite from the folder
// named by HOOKRIG_SUITE.
func TestOfficialSuite(t *testing.T) {
	dir := os.Getenv("HOOKRIG_SUITE")
	if dir == "" {
		t.Skip("HOOKRIG_SUITE names no folder with suite-required-*.jsonl: the official suite is not run")
	}
	files, err := filepath.Glob(filepath.Join(dir, "suite-required-*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no suite-required-*.jsonl in %s (%v)", dir, err)
	}
	var remotes map[string]json.RawMessage
	text, err := os.ReadFile(filepath.Join(dir, "suite-remotes.json"))
	if err == nil {
		err = json.Unmarshal(text, &remotes)
	}
	if err != nil {
		t.Fatal(err)
	}
	remote := func(u string) *Document {
		text, ok := remotes[u]
		if !ok {
			return nil
		}
		d, err := Read("remote.json", text, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			f, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			judged := 0
			for lines := bufio.NewScanner(f); lines.Scan(); {
				var c suiteCase
				if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
					t.Fatal(err)
				}
				if strings.HasPrefix(c.ID, "format/") {
					continue // they ask for formats as mere annotations; here formats are asserted
				}
				if strings.HasPrefix(c.ID, "vocabulary/") {
					continue // they bring their own dialects; here those are refused
				}
				judged += c.run(t, remote)
			}
			t.Logf("%d values judged", judged)
		})
	}
}

func (c *suiteCase) run(t *testing.T, remote func(string) *Document) (judged int) {
	d, err := Read("suite.json", c.Schema, Limits{})
	if err != nil {
		t.Errorf("%s: %v", c.ID, err)
		return 0
	}
	s, err := Compile(d, "", Options{Dialect: c.Dialect, remote: remote})
	if err != nil {
		t.Errorf("%s (%s): %v", c.ID, c.Description, err)
		return 0
	}
	s.Node()
	b, err := Read("bundle.json", s.Bundle(), Limits{})
	if err != nil {
		t.Errorf("%s: the bundle: %v\n%s", c.ID, err, s.Bundle())
		return 0
	}
	bs, err := Compile(b, "", Options{})
	if err != nil {
		t.Errorf("%s (%s): the bundle: %v\n%s", c.ID, c.Description, err, s.Bundle())
		return 0
	}
	for _, test := range c.Tests {
		judged++
		if violations := s.Validate(test.Data); (violations == nil) != test.Valid {
			t.Errorf("%s (%s): %s: valid %v, got %v", c.ID, c.Description, test.Data, test.Valid, violations)
		}
	}
	for _, test := range c.Tests {
		if violations := bs.Validate(test.Data); (violations == nil) != test.Valid {
			t.Errorf("%s (%s): %s: valid %v, the bundle says %v\n%s", c.ID, c.Description, test.Data, test.Valid, violations, s.Bundle())
		}
	}
	return judged
}

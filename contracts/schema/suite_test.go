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
	ID          string // of the official suite
	Dialect     Dialect
	Description string
	Schema      json.RawMessage
	Tests       []struct {
		Description string
		Data        json.RawMessage
		Valid       bool
	}
}

// TestSuite runs our own suite, which has the format of the official one.
func TestSuite(t *testing.T) {
	files, err := filepath.Glob("testdata/suite/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no suite (%v)", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var cases []suiteCase
			if err := json.Unmarshal(text, &cases); err != nil {
				t.Fatal(err)
			}
			dialect, mixed := strings.CutSuffix(strings.TrimSuffix(filepath.Base(file), ".json"), "-mixed")
			for _, c := range cases {
				c.Dialect = Dialect(dialect)
				t.Run(c.Description, func(t *testing.T) {
					c.run(t, nil, !mixed) // a bundle has one dialect
				})
			}
		})
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
	remotes := remotes(t, filepath.Join(dir, "suite-remotes.json"))
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			f, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			judged := 0
			lines := bufio.NewScanner(f)
			for lines.Scan() {
				var c suiteCase
				if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
					t.Fatal(err)
				}
				switch topic, _, _ := strings.Cut(c.ID, "/"); topic {
				case "format": // asks for formats as mere annotations; here they are asserted
				default:
					judged += c.run(t, remotes, true)
				}
			}
			if err := lines.Err(); err != nil {
				t.Fatal(err)
			}
			t.Logf("%d values judged", judged)
		})
	}
}

// remotes reads the documents that the suite's references expect on the
// network.
func remotes(t *testing.T, file string) map[string]*Document {
	var texts map[string]json.RawMessage
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &texts)
	}
	if err != nil {
		t.Fatal(err)
	}
	docs := map[string]*Document{}
	for u, text := range texts {
		docs[u] = read(t, u, string(text))
	}
	return docs
}

// run judges the values of a case by its schema and by the bundle of it.
func (c *suiteCase) run(t *testing.T, remotes map[string]*Document, bundled bool) (judged int) {
	t.Helper()
	d, err := Read("suite.json", c.Schema, Limits{})
	if err != nil {
		t.Errorf("%s %s: %v", c.ID, c.Description, err)
		return 0
	}
	s, err := Compile(d, "", Options{Dialect: c.Dialect, Remotes: remotes})
	if err != nil {
		t.Errorf("%s %s: %v", c.ID, c.Description, err)
		return 0
	}
	if s.Node() == nil {
		t.Errorf("%s %s: no node", c.ID, c.Description)
	}
	c.judge(t, "the schema", s)
	if !bundled {
		return len(c.Tests)
	}
	b, err := Read("bundle.json", s.Bundle(), Limits{})
	if err == nil {
		s, err = Compile(b, "", Options{})
	}
	if err != nil {
		t.Errorf("%s %s: the bundle: %v\n%s", c.ID, c.Description, err, s.Bundle())
		return len(c.Tests)
	}
	c.judge(t, "the bundle", s)
	return len(c.Tests)
}

func (c *suiteCase) judge(t *testing.T, by string, s *Schema) {
	t.Helper()
	for _, test := range c.Tests {
		violations := s.Validate(test.Data)
		if (violations == nil) != test.Valid {
			t.Errorf("%s %s: %s %s: valid should be %v, %s says %v", c.ID, c.Description, test.Description, test.Data, test.Valid, by, violations)
		}
		s.Undocumented(test.Data)
	}
}

// read is Read for texts that are good.
func read(t testing.TB, name, text string) *Document {
	t.Helper()
	d, err := Read(name, []byte(text), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// compile is Compile for schemas that are good.
func compile(t testing.TB, text string, o Options) *Schema {
	t.Helper()
	s, err := Compile(read(t, "schema.yaml", text), "", o)
	if err != nil {
		t.Fatalf("%v; hint: %s", err, err.(*Error).Hint)
	}
	return s
}

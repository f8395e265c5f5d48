package contracts

import (
	"bytes"
	"os"
	"testing"
	"testing/fstest"
)

func TestLintOfACleanContract(t *testing.T) {
	for _, f := range load(t, "parcels.yaml").Lint() {
		t.Error(f)
	}
}

func TestLintFinds(t *testing.T) {
	valid, err := os.ReadFile("testdata/parcels.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ rule, severity, old, new string }{
		{"schema", SeverityError, "id: {type: integer}", "id: {type: inteher}"},
		{"example", SeverityError, "id: 7", "id: seven"},
		{"event-name", SeverityError, "type: {const: office.sent.v1}", "type: {type: string}"},
		{"event-name", SeverityError, "value: office.gone.v1", "value: office.lost.v1"},
		{"provenance", SeverityError, "{/depot: assumed", "{/depto: assumed"},
		{"provenance", SeverityError, "{/city: {level", "{/citi: {level"},
		{"source", SeverityWarning, ", published: the web site", ""},
		{"identity", SeverityError, "members: [/id]", "members: [/uid]"},
		{"title", SeverityWarning, "title: A parcel was lost", "description: lost"},
		{"permissive", SeverityWarning, "zip: {type: string}", "zip: {}"},
		{"delivery", SeverityWarning, "\nx-hookrig:", "\nx-other:"},
		{"source", SeverityWarning, "  source: {documented: the handbook, published: the web site, assumed: nobody says}", "  provenance: documented"},
		{"format", SeverityWarning, "zip: {type: string}", "zip: {type: string, format: datetime}"},
		{"format", SeverityWarning, "zip: {type: string}", "zip: {type: string, format: zip-code}"},
		{"extension", SeverityWarning, "zip: {type: string}", "zip: {type: string, x-fakr: address.zipCode}"},
		{"extension", SeverityWarning, "zip: {type: string}", "zip: {type: string, x-hookrigs: {}}"},
		{"required", SeverityWarning, "        delivery: {timeout: 1s, provenance: {/timeout: published}}\n      payload:\n        type: object\n        required: [type, id, depot]", "        delivery: {timeout: 1s, provenance: {/timeout: published}}\n      payload:\n        type: object\n        required: [type, id, depot, depto]"},
		{"unused", SeverityWarning, "  schemas:\n", "  schemas:\n    spare: {type: string}\n"},
		{"unused", SeverityWarning, "  messages:\n    sent:\n", "  messages:\n    spare: {name: spare, title: Spare, payload: {type: object}}\n    sent:\n"},
	} {
		t.Run(tt.rule+" "+tt.new, func(t *testing.T) {
			if !bytes.Contains(valid, []byte(tt.old)) {
				t.Fatalf("the document has no %q", tt.old)
			}
			c, err := Load(fstest.MapFS{"c.yaml": {Data: bytes.Replace(valid, []byte(tt.old), []byte(tt.new), 1)}}, "c.yaml")
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range c.Lint() {
				if f.Rule == tt.rule && f.Severity == tt.severity && f.Line > 0 {
					return
				}
			}
			t.Errorf("not found: %v", c.Lint())
		})
	}
}

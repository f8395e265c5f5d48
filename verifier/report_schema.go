package verifier

import (
	_ "embed"
	"slices"
)

//go:embed report.schema.json
var reportSchema []byte

// ReportSchema is the JSON Schema (draft-07) of the JSON report. It names every
// member that a report can have.
func ReportSchema() []byte { return slices.Clone(reportSchema) }

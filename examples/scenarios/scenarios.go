// Package scenarios holds scenarios for "hookrig run" and for Go tests: each is
// about something that goes wrong with receivers.
package scenarios

import "embed"

// FS holds the files, NAME.yaml each.
//
//go:embed *.yaml
var FS embed.FS

// Package layers holds the rules of the house and the test that enforces them.
//
// It has no code of its own. Its test parses every Go file of the tree and
// fails, with file, line and reason, where one of these is broken:
//
//   - A package imports only what stands to its left in the plan
//     (docs/architecture.md, "The one rule"), and only the third-party modules
//     that the plan grants it.
//   - What users import in their tests stays light: no SQLite, no OpenAPI, no
//     router, no command-line library reaches them, by whatever way.
//   - Only internal/egress dials; only the command listens.
//   - Pure packages read no clock, no global randomness and no files, and
//     start no goroutines.
//   - A provider is data: its name appears in no core code.
//   - Nothing but tests imports a test library.
//   - Every package and every exported name is documented, and no package is a
//     drawer (util, common, types …).
//   - The Go code of the README is the code of the examples, byte for byte.
//
// The plan is the table in plan_test.go. A new package gets a line there
// first, with its place; the test refuses packages that nobody placed.
package layers

//go:build !race

package verifier_test

// raced says that the race detector watches.
const raced = false

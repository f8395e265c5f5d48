//go:build !race

package faker_test

// raced says that the race detector watches.
const raced = false

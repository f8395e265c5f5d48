//go:build race

package verifier_test

const raced = true

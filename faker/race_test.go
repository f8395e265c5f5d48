//go:build race

package faker_test

const raced = true

package main

import (
	"errors"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/mockserver"
)

// allTampers are the names of mishandlings.
func allTampers() []string {
	var names []string
	for _, t := range mockserver.Tampers() {
		names = append(names, t.Name)
	}
	return names
}

// tamperNames lists them in lines of at most so many characters.
func tamperNames(width int) string {
	var b strings.Builder
	column := 0
	for i, name := range allTampers() {
		switch {
		case i == 0:
		case column+len(name)+3 > width:
			b.WriteString(",\n")
			column = 0
		default:
			b.WriteString(", ")
			column += 2
		}
		b.WriteString(name)
		column += len(name)
	}
	return b.String()
}

// tamperNamed is a mishandling, none for "".
func tamperNamed(name string) (mockserver.Tamper, error) {
	if name == "" {
		return mockserver.Tamper{}, nil
	}
	t, err := mockserver.TamperNamed(name)
	var unknown *mockserver.UnknownTamperError
	if errors.As(err, &unknown) {
		good := append(schema.Nearest(name, allTampers()), allTampers()[0])[0]
		err = usagef("--tamper "+good, "--tamper %q is no mishandling%s", name, nearestOf(name, allTampers()))
	}
	return t, err
}

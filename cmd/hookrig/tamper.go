package main

import (
	"errors"
	"fmt"
	"strconv"
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

// rates is a flag that takes shares by the names of mishandlings. It implements
// pflag.Value.
type rates map[string]float64

func (r *rates) Type() string { return "NAME=SHARE,…" }

func (r *rates) String() string {
	var parts []string
	for _, name := range sortedNames(*r) {
		parts = append(parts, name+"="+strconv.FormatFloat((*r)[name], 'g', -1, 64))
	}
	return strings.Join(parts, ",")
}

func (r *rates) Set(s string) error {
	if *r == nil {
		*r = rates{}
	}
	for part := range strings.SplitSeq(s, ",") {
		name, value, _ := strings.Cut(part, "=")
		share, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return fmt.Errorf("write it like %s=0.05", allTampers()[0])
		}
		(*r)[name] = share
	}
	return r.check()
}

func (r *rates) check() error {
	var unknown *mockserver.UnknownTamperError
	err := mockserver.Chaos{Rates: *r}.Check()
	if errors.As(err, &unknown) {
		return fmt.Errorf("%q is no mishandling%s", unknown.Name, nearestOf(unknown.Name, allTampers()))
	}
	return err
}

package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/verifier"
)

// advised puts to the errors of a run what to do about them, where that depends
// on how the run was called.
func (f *verifyFlags) advised(o verifier.Options, err error) error {
	var demand *verifier.DemandError
	var oracle *verifier.OracleError
	var unreachable *verifier.UnreachableError
	switch {
	case errors.As(err, &demand):
		return f.demanded(demand)
	case errors.As(err, &oracle):
		return unjudged(f.lookAtOracle(), err)
	case errors.As(err, &unreachable) && strings.HasPrefix(o.URL, "https:") && strings.Contains(unreachable.Reason, "first record does not look like a TLS handshake"):
		return unjudged("--to "+shellWord("http"+strings.TrimPrefix(unreachable.Target, "https")), err)
	}
	return err
}

// demanded says how to call what a requirement asks for.
func (f *verifyFlags) demanded(missing *verifier.DemandError) error {
	require := "--require " + shellWord(f.require)
	switch {
	case missing.Event != "":
		return usagef("--event "+shellWord(strings.Join(append(slices.Clone(f.events), missing.Event), ",")), "%w", missing)
	case missing.Check != "":
		return tooManyf(require, []string{"--only", "--skip", "--basis", "--reproduce"}, "%w", missing)
	}
	return usagef(missing.Hint, "%w", missing)
}

// lookAtOracle is a command by which people see for themselves what the oracle
// says, "" where there is none.
func (f *verifyFlags) lookAtOracle() string {
	for _, text := range f.oracles {
		if secretive([]string{text}) { // credentials are not repeated
			continue
		}
		if path, ok := strings.CutPrefix(text, "file:"); ok {
			path, _, _ = strings.Cut(path, "?")
			return "ls -l " + shellWord(strings.TrimPrefix(path, "//"))
		}
		if strings.HasPrefix(text, "http") {
			address, _, _ := strings.Cut(text, "#")
			return "curl -sSg " + shellWord(address)
		}
	}
	return ""
}

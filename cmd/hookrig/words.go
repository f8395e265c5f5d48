package main

import (
	"fmt"
	"strings"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
)

// This file says in words what contracts say in data.

// algorithm names how a provider authenticates its deliveries.
func algorithm(s signature.Scheme) string {
	if s.Algorithm == "" {
		return signature.None
	}
	return s.Algorithm
}

// signatureWords is a scheme in a few lines.
func signatureWords(s signature.Scheme) []string {
	switch s.Algorithm {
	case "", signature.None:
		return []string{"none: nothing in a delivery proves where it comes from"}
	case signature.Basic:
		if s.Optional {
			return []string{"basic credentials of the registered URL, if it has any"}
		}
		return []string{"basic credentials of the registered URL"}
	case signature.JWTHS256:
		return []string{fmt.Sprintf("%s token in %s; the body is not signed", s.Algorithm, s.Header)}
	}
	lines := []string{
		fmt.Sprintf("%s of %s in %s", s.Algorithm, s.Signed, s.Encoding),
		"in the header " + s.Header,
	}
	if s.Value != "" && s.Value != "{signature}" {
		lines[1] += fmt.Sprintf(" as %q", s.Value)
	}
	if s.TimestampHeader != "" {
		lines = append(lines, "with the timestamp in "+s.TimestampHeader)
	}
	if s.IDHeader != "" {
		lines = append(lines, "with the id in "+s.IDHeader)
	}
	if s.Tolerance > 0 {
		lines = append(lines, fmt.Sprintf("no older than %s", contracts.Days(s.Tolerance)))
	}
	return lines
}

// retryWords is a policy's waits in one line.
func retryWords(p contracts.Policy) string {
	var parts []string
	for i := 0; i < len(p.Waits); {
		same := i
		for same < len(p.Waits) && p.Waits[same] == p.Waits[i] {
			same++
		}
		text := contracts.Days(p.Waits[i])
		if n := same - i; n > 1 {
			text = fmt.Sprintf("%s (%d times)", text, n)
		}
		parts = append(parts, text)
		i = same
	}
	if p.Repeat > 0 {
		parts = append(parts, "then every "+contracts.Days(p.Repeat))
	}
	if len(parts) == 0 {
		return "none: there is one attempt"
	}
	text := "after " + strings.Join(parts, ", ")
	if p.Repeat == 0 {
		text += fmt.Sprintf("; %d attempts in all", len(p.Waits)+1)
	}
	if p.GiveUp > 0 {
		text += fmt.Sprintf(", none later than %s after the first", contracts.Days(p.GiveUp))
	}
	if p.Jitter > 0 {
		text += fmt.Sprintf(", each wait ± %g %%", p.Jitter*100)
	}
	return text
}

// thenWords is what becomes of the registration when deliveries are given up.
func thenWords(then string) string {
	switch then {
	case contracts.Disable:
		return "the registration is disabled"
	case contracts.Delete:
		return "the registration is deleted"
	}
	return "the registration stays"
}

// plural is "1 event" or "2 events".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "y") {
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(noun, "y"))
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

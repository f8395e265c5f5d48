package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"syscall"

	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/verifier"
)

// Exit codes. Scripts rely on them.
const (
	exitHonoured = 0
	exitBroken   = 1 // a finding
	exitUsage    = 2 // wrong usage or a wrong contract
	exitUnjudged = 3 // nothing could be judged
)

// errBroken ends a command that found something and has printed it.
var errBroken = errors.New("broken")

// failure is an error that knows its exit code and what to do about it.
type failure struct {
	code  int
	hint  string   // can be pasted, or the flags of a line that can be
	wrong string   // the one value that the hint stands in place of, where a flag may be given several times
	drop  []string // flags with values that the line does without
	err   error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }
func (f *failure) Hint() string  { return f.hint }

// usagef is a mistake of the user, with a hint that mends it.
func usagef(hint, format string, args ...any) error {
	return &failure{code: exitUsage, hint: hint, err: fmt.Errorf(format, args...)}
}

// unjudged says that nothing could be judged.
func unjudged(hint string, err error) error {
	return &failure{code: exitUnjudged, hint: hint, err: err}
}

// inPlaceOf says which value of a flag the hint of an error replaces.
func inPlaceOf(wrong string, err error) error {
	var f *failure
	if errors.As(err, &f) {
		f.wrong = wrong
	}
	return err
}

// tooManyf is the mistake of flags that have no part in a line with the one
// that is kept.
func tooManyf(keep string, drop []string, format string, args ...any) error {
	return &failure{code: exitUsage, hint: keep, drop: drop, err: fmt.Errorf(format, args...)}
}

// end tells how a command ended and returns the exit code. The cause is why it
// was stopped, nil if it was not: an interrupt, or output that went nowhere.
func (c *console) end(err, cause error) int {
	flushed := c.flush()
	switch {
	case errors.Is(err, errBroken):
		if flushed != nil && !isBrokenPipe(flushed) {
			c.tell(cannotPrint(flushed))
		}
		return exitBroken
	case isBrokenPipe(err), isBrokenPipe(cause), err == nil && isBrokenPipe(flushed):
		return exitHonoured // whoever reads has read enough
	case err == nil && flushed == nil:
		return exitHonoured
	case flushed != nil && (err == nil || cause != nil || errors.Is(err, flushed)):
		err = cannotPrint(flushed)
	case cause != nil:
		err = unjudged("", context.Canceled) // whatever followed from it
	}
	c.tell(err)
	return codeOf(err)
}

func cannotPrint(err error) error {
	return unjudged("df -h .", fmt.Errorf("cannot write the output: %w", cause(err)))
}

// tell prints an error and what to do about it.
func (c *console) tell(err error) {
	c.note("hookrig: %s", c.message(err))
	if hint := c.hint(err); hint != "" {
		c.note("hint: %s", hint)
	}
}

// codeOf is the exit code of an error. What nobody has classified is taken for
// wrong usage: files that cannot be read, contracts that do not load.
func codeOf(err error) int {
	var f *failure
	var unreachable *verifier.UnreachableError
	var oracle *verifier.OracleError
	var refused *egress.RefusedError
	switch {
	case errors.As(err, &f):
		return f.code
	case errors.As(err, &unreachable), errors.As(err, &oracle), errors.As(err, &refused),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return exitUnjudged
	}
	return exitUsage
}

// message is the error on one line, with the nearest names where there are any.
func (c *console) message(err error) string {
	text := err.Error()
	var refused *egress.RefusedError
	switch {
	case errors.Is(err, context.Canceled):
		text = "interrupted"
	case errors.As(err, &refused):
		text = refused.Error() // what was about to be sent does not matter
	}
	if _, near := misspelled(err); len(near) > 0 {
		text += ", the nearest is " + near[0]
		if len(near) > 1 {
			text = strings.TrimSuffix(text, "the nearest is "+near[0]) + "the nearest are " + strings.Join(near, ", ")
		}
	}
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", "; ")
}

// isBrokenPipe reports whether a write failed because its reader has gone.
func isBrokenPipe(err error) bool {
	var errno syscall.Errno
	if runtime.GOOS == "windows" && errors.As(err, &errno) {
		return errno == 109 || errno == 232 // ERROR_BROKEN_PIPE, ERROR_NO_DATA
	}
	return errors.Is(err, syscall.EPIPE)
}

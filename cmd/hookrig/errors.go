package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"syscall"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/faker"
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
	code int
	hint string // can be pasted
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }
func (f *failure) Hint() string  { return f.hint }

// usagef is a mistake of the user, with a hint that mends it.
func usagef(hint, format string, args ...any) error {
	return &failure{exitUsage, hint, fmt.Errorf(format, args...)}
}

// unjudged says that nothing could be judged.
func unjudged(hint string, err error) error { return &failure{exitUnjudged, hint, err} }

// end tells how a command ended and returns the exit code.
func (c *console) end(err error) int {
	if flushed := c.flush(); err == nil {
		err = flushed
	}
	switch {
	case err == nil:
		return exitHonoured
	case errors.Is(err, errBroken):
		return exitBroken
	case isBrokenPipe(err): // whoever reads has read enough
		return exitHonoured
	}
	c.note("hookrig: %s", c.message(err))
	if hint := c.hint(err); hint != "" {
		c.note("hint: %s", hint)
	}
	return codeOf(err)
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
	if errors.Is(err, context.Canceled) {
		text = "interrupted"
	}
	if _, near := misspelled(err); len(near) > 0 {
		text += ", the nearest is " + near[0]
		if len(near) > 1 {
			text = strings.TrimSuffix(text, "the nearest is "+near[0]) + "the nearest are " + strings.Join(near, ", ")
		}
	}
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", "; ")
}

// hint is what to do about an error: the error's own, or the command line with
// the misspelled word put right.
func (c *console) hint(err error) string {
	var f *failure
	if errors.As(err, &f) && f.hint != "" {
		return f.hint
	}
	if wrong, near := misspelled(err); len(near) > 0 {
		if line := c.corrected(wrong, near[0]); line != "" {
			return line
		}
	}
	var (
		broken   *schema.Error
		pointer  *faker.PointerError
		event    *contracts.UnknownEventError
		provider *catalog.UnknownProviderError
		hinted   interface{ Hint() string }
	)
	switch {
	case errors.As(err, &broken):
		return broken.Hint
	case errors.As(err, &pointer) && len(pointer.Nearest) > 0:
		return c.corrected(pointer.Pointer, pointer.Nearest[0])
	case errors.As(err, &event):
		return "hookrig events " + shellWord(event.Provider)
	case errors.As(err, &provider):
		return "hookrig providers"
	case errors.As(err, &hinted):
		return hinted.Hint()
	}
	return ""
}

// misspelled is the word that an error is about, and the names that were
// probably meant.
func misspelled(err error) (string, []string) {
	var event *contracts.UnknownEventError
	var provider *catalog.UnknownProviderError
	var check *verifier.UnknownCheckError
	switch {
	case errors.As(err, &event):
		return event.Name, event.Nearest
	case errors.As(err, &provider):
		return provider.Name, provider.Nearest
	case errors.As(err, &check):
		return check.Name, check.Nearest
	}
	return "", nil
}

// corrected is the command line with one word (or the name of a flag) replaced,
// "" where the word does not stand there, or where the line would repeat
// credentials.
func (c *console) corrected(wrong, right string) string {
	words := []string{"hookrig"}
	found := false
	for _, arg := range c.args {
		if strings.Contains(arg, "://") && strings.Contains(arg, "@") {
			return ""
		}
		if rest, ok := strings.CutPrefix(arg, wrong); ok && !found && (rest == "" || rest[0] == '=') {
			arg, found = right+rest, true
		}
		words = append(words, shellWord(arg))
	}
	if !found {
		return ""
	}
	return strings.Join(words, " ")
}

// shellWord quotes a word for a POSIX shell where that is needed.
func shellWord(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_./:=,@%+", r))
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// isBrokenPipe reports whether a write failed because its reader has gone.
func isBrokenPipe(err error) bool {
	var errno syscall.Errno
	if runtime.GOOS == "windows" && errors.As(err, &errno) {
		return errno == 109 || errno == 232 // ERROR_BROKEN_PIPE, ERROR_NO_DATA
	}
	return errors.Is(err, syscall.EPIPE)
}

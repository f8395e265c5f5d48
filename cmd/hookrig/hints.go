package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

// hint is what to do about an error, on one line that can be pasted: a command
// line, this one with a flag put right, or what to write into a file.
func (c *console) hint(err error) string {
	if errors.Is(err, context.Canceled) {
		return ""
	}
	hint := c.ownHint(err)
	var f failure
	if own := new(failure); errors.As(err, &own) {
		f = *own
	}
	switch {
	case strings.HasPrefix(hint, "-"):
		return c.mended(hint, f.wrong, f.drop)
	case hint == "" && codeOf(err) == exitUsage:
		return c.helpHint()
	}
	return hint
}

// ownHint is what an error itself knows to do: all, or only the flags, or
// nothing.
func (c *console) ownHint(err error) string {
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
		broken      *schema.Error
		pointer     *faker.PointerError
		told        *faker.EditError
		event       *contracts.UnknownEventError
		provider    *catalog.UnknownProviderError
		unreachable *verifier.UnreachableError
		refused     *egress.RefusedError
		check       *verifier.UnknownCheckError
		control     *verifier.ControlError
		tier        *verifier.TierError
		hinted      interface{ Hint() string }
	)
	switch {
	case errors.As(err, &broken) && broken.Hint == "" && broken.Line > 0:
		return fmt.Sprintf("sed -n %dp %s", broken.Line, shellWord(broken.File))
	case errors.As(err, &broken):
		return broken.Hint
	case errors.As(err, &pointer) && len(pointer.Nearest) > 0:
		return c.corrected(pointer.Pointer, pointer.Nearest[0])
	case errors.As(err, &told) && len(told.Nearest) > 0:
		return c.corrected(told.Path, told.Nearest[0])
	case errors.As(err, &event):
		return "hookrig events " + shellWord(event.Provider)
	case errors.As(err, &provider):
		return "hookrig providers"
	case errors.As(err, &check):
		return c.mended("--plan", "", []string{"--only", "--skip"})
	case errors.As(err, &control):
		return c.mended("--prove", "", []string{"--hostile", "--stress"})
	case errors.As(err, &tier):
		return c.mended("--"+string(tier.Tier), "", nil)
	case errors.As(err, &refused):
		return "--to " + exampleTarget
	case errors.As(err, &unreachable):
		return "curl -sS -o /dev/null " + shellWord(unreachable.Target)
	case errors.As(err, &hinted):
		return hinted.Hint()
	}
	return ""
}

// helpHint is the help of the command that was called.
func (c *console) helpHint() string {
	for _, arg := range c.args {
		if !strings.HasPrefix(arg, "-") {
			return "hookrig " + shellWord(arg) + " --help"
		}
	}
	return "hookrig --help"
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

// corrected is the command line with one word (or the name of a flag, or a
// word of a list) replaced, "" where the word does not stand there, or where
// the line would repeat credentials.
func (c *console) corrected(wrong, right string) string {
	words := []string{"hookrig"}
	found := false
	if secretive(c.args) {
		return ""
	}
	for _, arg := range c.args {
		if !found {
			arg, found = replaceWord(arg, wrong, right)
		}
		words = append(words, shellWord(arg))
	}
	if !found {
		return ""
	}
	return strings.Join(words, " ")
}

// replaceWord replaces a word that is all of an argument, what stands before
// its =, or one of the words of a list.
func replaceWord(arg, wrong, right string) (string, bool) {
	if rest, ok := strings.CutPrefix(arg, wrong); ok && (rest == "" || rest[0] == '=') {
		return right + rest, true
	}
	if wrong == "" { // it may be part of everything
		return arg, false
	}
	flag, list, isFlag := "", arg, strings.HasPrefix(arg, "--")
	if isFlag {
		if flag, list, _ = strings.Cut(arg, "="); list != "" {
			flag += "="
		}
	}
	if isFlag && list == wrong {
		return flag + right, true
	}
	words := strings.Split(list, ",")
	i := slices.Index(words, wrong)
	if i < 0 {
		return arg, false
	}
	words[i] = right
	return flag + strings.Join(words, ","), true
}

// mended is the command line with the flags of a hint in place of those that
// were given, or the hint alone where the line would repeat credentials. Of a
// flag that may stand there several times only the wrong value is replaced. What
// is to be dropped takes a value, except for the tiers.
func (c *console) mended(hint, wrong string, drop []string) string {
	takesValue := map[string]bool{}
	fields := strings.Fields(hint)
	for i, field := range fields {
		if name, _, _ := strings.Cut(field, "="); strings.HasPrefix(name, "-") {
			takesValue[name] = i+1 < len(fields) && !strings.HasPrefix(fields[i+1], "-")
		}
	}
	for _, name := range drop {
		takesValue[name] = name != "--hostile" && name != "--stress"
	}
	var rest []string
	for i := 0; i < len(c.args); i++ {
		name, value, joined := strings.Cut(c.args[i], "=")
		valued, replaced := takesValue[name]
		if !joined && valued && i+1 < len(c.args) {
			value = c.args[i+1]
		}
		switch {
		case !replaced, wrong != "" && value != wrong:
			rest = append(rest, c.args[i])
		case valued && !joined:
			i++
		}
	}
	if len(rest) == 0 || secretive(rest) || slices.Contains(rest, "--") {
		return hint
	}
	words := []string{"hookrig"}
	for _, arg := range rest {
		words = append(words, shellWord(arg))
	}
	return strings.Join(words, " ") + " " + hint
}

// secretive reports whether arguments may hold credentials, by mistake or as
// part of an address: they are never repeated.
func secretive(args []string) bool {
	for i, arg := range args {
		user, _, at := strings.Cut(arg, "@")
		switch {
		case at && strings.Contains(user, ":"):
			return true
		case credentialsIn(arg):
			return true
		case i > 0 && strings.HasSuffix(args[i-1], "-env") && !envName.MatchString(arg):
			return true
		case strings.Contains(arg, "-env=") && !envName.MatchString(arg[strings.Index(arg, "=")+1:]):
			return true
		}
	}
	return false
}

// credentialsIn reports whether the query of an address names credentials. What a
// placeholder stands for is no secret.
func credentialsIn(address string) bool {
	address, query, asks := strings.Cut(placeholder.ReplaceAllString(address, ""), "?")
	given := slices.DeleteFunc(strings.Split(query, "&"), func(part string) bool { return strings.HasSuffix(part, "=") })
	return asks && strings.Contains(mockserver.RedactURL(address+"?"+strings.Join(given, "&")), "[redacted]")
}

// envName is what a name of an environment variable usually looks like.
// Anything else after --secret-env may be the secret itself.
var envName = regexp.MustCompile(`^[A-Z_][A-Z0-9_]*$`)

// shellWord quotes a word for a POSIX shell where that is needed.
func shellWord(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_./:=,@%+", r))
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

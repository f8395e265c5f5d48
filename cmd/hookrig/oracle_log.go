package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/hookrig/hookrig/contracts"
)

// logOracle counts the lines of a log that tell of an event. It implements
// verifier.Oracle. The log may grow, be cut and be rotated: what it has seen
// once is counted on, for it keeps the files open.
type logOracle struct {
	path    string
	pattern string // with placeholders
	literal bool   // the pattern is text, no regular expression
	files   []*os.File
	counted map[string]*logCount // by expression
}

// logCount is how many lines matched so far.
type logCount struct {
	lines int
	upTo  map[*os.File]int64 // complete lines were read up to here
}

// How much of a log is looked at.
const (
	logGenerations = 16      // rotated files that are kept open
	logLine        = 1 << 20 // bytes of a line; the rest is not looked at
)

const logExample = "--oracle 'file:/var/log/app.log?line=done {/eventInstance}'"

// newLogOracle reads PATH?line=TEXT or PATH?match=REGEXP. What stands behind the
// equals sign is taken as it is.
func newLogOracle(text string) (*logOracle, error) {
	path, query, _ := strings.Cut(text, "?")
	kind, pattern, _ := strings.Cut(query, "=")
	o := &logOracle{path: strings.TrimPrefix(path, "//"), pattern: pattern, literal: kind == "line", counted: map[string]*logCount{}}
	switch {
	case o.path == "" || pattern == "" || kind != "line" && kind != "match":
		return nil, usagef(logExample, "--oracle: a log is written file:PATH?line=TEXT or file:PATH?match=REGEXP")
	case !placeholder.MatchString(pattern):
		return nil, usagef(logExample, "--oracle: %q has no placeholder: it would count the lines of all events", pattern)
	}
	if _, err := o.expression(func(string) string { return "x" }); err != nil {
		return nil, usagef(logExample, "--oracle: %w", err)
	}
	return o, nil
}

// expression is what a line has to match, with the values put in.
func (o *logOracle) expression(value func(placeholder string) string) (*regexp.Regexp, error) {
	var out strings.Builder
	last := 0
	part := func(s string) string {
		if o.literal {
			return regexp.QuoteMeta(s)
		}
		return s
	}
	all := placeholder.FindAllStringIndex(o.pattern, -1)
	for _, at := range all {
		out.WriteString(part(o.pattern[last:at[0]]))
		if at[0] == 0 {
			out.WriteString(`(?:^|[^\pL\pN])`) // the event 12 is not in the line of 312
		}
		out.WriteString(regexp.QuoteMeta(value(o.pattern[at[0]:at[1]])))
		if last = at[1]; last == len(o.pattern) {
			out.WriteString(`(?:[^\pL\pN]|$)`)
		}
	}
	out.WriteString(part(o.pattern[last:]))
	return regexp.Compile(out.String())
}

// Sees reports whether the event has all values that the pattern is made of.
func (o *logOracle) Sees(ev contracts.Event) bool {
	_, err := o.of(ev, "")
	return err == nil
}

// of is the expression for an event.
func (o *logOracle) of(ev contracts.Event, deliveryID string) (*regexp.Regexp, error) {
	var failed error
	re, err := o.expression(func(name string) string {
		value, err := fill(name, ev.Body, deliveryID, func(value string, _ int) string { return value })
		if err != nil {
			failed = err
		}
		return value
	})
	return re, errors.Join(failed, err)
}

// Effects counts the lines. A file that is not there cannot be asked, unless it
// has been seen: then it is being rotated.
func (o *logOracle) Effects(ctx context.Context, ev contracts.Event, deliveryID string) (int, error) {
	re, err := o.of(ev, deliveryID)
	if err != nil {
		return 0, err
	}
	if err := o.follow(); err != nil {
		return 0, err
	}
	count := o.counted[re.String()]
	if count == nil {
		count = &logCount{upTo: map[*os.File]int64{}}
		o.counted[re.String()] = count
	}
	unfinished := 0
	for _, file := range o.files {
		n, err := count.read(ctx, file, re)
		if err != nil {
			return 0, fmt.Errorf("cannot read %q: %w", o.path, cause(err))
		}
		unfinished += n
	}
	return count.lines + unfinished, nil
}

// follow opens the log where it is a new file.
func (o *logOracle) follow() error {
	info, err := os.Stat(o.path)
	if err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("cannot read %q: it is no file", o.path)
	}
	if err == nil && len(o.files) > 0 {
		if known, failed := o.files[len(o.files)-1].Stat(); failed == nil && os.SameFile(known, info) {
			return nil
		}
	}
	var file *os.File
	if err == nil {
		file, err = os.Open(o.path)
	}
	switch {
	case errors.Is(err, os.ErrNotExist) && len(o.files) > 0:
		return nil
	case err != nil:
		return fmt.Errorf("cannot read %q: %w", o.path, cause(err))
	}
	o.files = append(o.files, file)
	if len(o.files) > logGenerations {
		_ = o.files[0].Close()
		o.files = o.files[1:]
	}
	return nil
}

// read counts on in a file. A line that is not finished is counted besides: it
// is read again. A file that has become shorter was cut, and is read anew.
func (c *logCount) read(ctx context.Context, file *os.File, re *regexp.Regexp) (unfinished int, err error) {
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	at := c.upTo[file]
	if info.Size() < at {
		at = 0
	}
	in := bufio.NewReaderSize(io.NewSectionReader(file, at, max(0, info.Size()-at)), logLine)
	for ctx.Err() == nil {
		line, err := in.ReadSlice('\n')
		matches := len(line) > 0 && re.Match(bytes.TrimRight(line, "\r\n"))
		size := len(line)
		for errors.Is(err, bufio.ErrBufferFull) { // the rest of a long line
			line, err = in.ReadSlice('\n')
			size += len(line)
		}
		switch {
		case err == nil:
			at += int64(size)
			if matches {
				c.lines++
			}
		case errors.Is(err, io.EOF):
			c.upTo[file] = at
			if matches {
				return 1, nil
			}
			return 0, nil
		default:
			return 0, err
		}
	}
	return 0, ctx.Err()
}

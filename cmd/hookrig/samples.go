package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"

	"github.com/hookrig/hookrig/contracts/infer"
	"github.com/hookrig/hookrig/mockserver"
)

// samples are the bodies of files, line by line where a file has one a line, so
// that its size does not matter. They can be read twice: what is no regular file
// is kept.
func (c *console) samples(files []string) iter.Seq2[infer.Sample, error] {
	kept := map[string][]byte{}
	return func(yield func(infer.Sample, error) bool) {
		for _, file := range files {
			if !c.samplesOf(file, kept, yield) {
				return
			}
		}
	}
}

// samplesOf yields the bodies of one file and reports whether to go on.
func (c *console) samplesOf(file string, kept map[string][]byte, yield func(infer.Sample, error) bool) bool {
	data, ok := kept[file]
	if !ok && !isRegular(file) {
		var err error
		if data, err = c.readInput(file); err != nil {
			return yield(infer.Sample{}, err)
		}
		kept[file], ok = data, true
	}
	if ok {
		return samplesIn(inputName(file), bytes.NewReader(data), yield)
	}
	f, err := os.Open(file)
	if err != nil {
		return yield(infer.Sample{}, unreadable(file, err))
	}
	defer f.Close()
	return samplesIn(file, f, yield)
}

func isRegular(file string) bool {
	if file == "-" {
		return false
	}
	info, err := os.Stat(file)
	return err != nil || info.Mode().IsRegular() // what is not there is told by opening it
}

// headLines is how many lines are looked at to tell a file with one body a line.
const headLines = 3

func samplesIn(file string, r io.Reader, yield func(infer.Sample, error) bool) bool {
	lines := &lineReader{from: bufio.NewReaderSize(r, 64<<10), file: file}
	var head [][]byte
	byLine := false
	for len(head) < headLines && !byLine {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return yield(infer.Sample{}, err)
		}
		head = append(head, line)
		text := bytes.TrimSpace(line)
		byLine = len(text) > 0 && (text[0] == '{' || text[0] == '[') && json.Valid(text)
	}
	if byLine {
		for i, line := range head {
			if !yieldLine(file, i+1, line, yield) {
				return false
			}
		}
		return lines.each(len(head), func(n int, line []byte) bool { return yieldLine(file, n, line, yield) }, yield)
	}
	rest, err := readLimited(lines.from, file)
	if err != nil {
		return yield(infer.Sample{}, err)
	}
	return samplesOfText(file, append(bytes.Join(head, nil), rest...), yield)
}

// samplesOfText yields the bodies of a file that does not begin with one on a line.
func samplesOfText(file string, data []byte, yield func(infer.Sample, error) bool) bool {
	requests, err := parseHAR(file, data)
	if err != nil {
		return yield(infer.Sample{}, err)
	}
	if requests == nil {
		for _, r := range bodiesOf(file, data) {
			if !yield(sampleOf(r), nil) {
				return false
			}
		}
		return true
	}
	for _, r := range requests {
		if len(r.body) > 0 && !yield(infer.Sample{Body: r.body, Header: r.header, Event: r.event, Where: r.where}, nil) {
			return false
		}
	}
	return true
}

// yieldLine yields the body of a line. A line may be a HAR file as a whole, and
// of a journal only some entries have a body.
func yieldLine(file string, n int, line []byte, yield func(infer.Sample, error) bool) bool {
	text := bytes.TrimSpace(line)
	if len(text) == 0 {
		return true
	}
	if n == 1 && bytes.HasPrefix(text, []byte(`{"log"`)) && bytes.Contains(text, []byte(`"entries"`)) {
		return samplesOfText(file, text, yield)
	}
	if bytes.Contains(text, []byte(`"seq":`)) && bytes.Contains(text, []byte(`"delivery":`)) {
		var e mockserver.Entry
		if json.Unmarshal(text, &e) == nil && e.Seq > 0 && e.Delivery != "" && e.Kind != "" {
			return e.Kind != mockserver.EntryQueued || len(e.Body) == 0 ||
				yield(infer.Sample{Body: e.Body, Event: e.Event, Where: lineOf(file, n)}, nil)
		}
	}
	return yield(sampleOf(recorded{file: file, line: n, body: bytes.Clone(text)}.unwrapped()), nil)
}

// lineReader reads lines of at most maxInput bytes.
type lineReader struct {
	from *bufio.Reader
	file string
}

// next is the next line with its end. The error is io.EOF after the last one.
func (l *lineReader) next() ([]byte, error) {
	var line []byte
	for {
		part, err := l.from.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxInput:
			return nil, usagef("ls -lh "+shellWord(l.file), "%q has a line of more than %d MB", l.file, maxInput>>20)
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(line) > 0, err == nil:
			return line, nil
		case errors.Is(err, io.EOF):
			return nil, io.EOF
		default:
			return nil, unreadable(l.file, err)
		}
	}
}

// each gives the lines that are left, numbered after those that were read.
func (l *lineReader) each(read int, do func(n int, line []byte) bool, yield func(infer.Sample, error) bool) bool {
	for n := read + 1; ; n++ {
		line, err := l.next()
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil {
			return yield(infer.Sample{}, err)
		}
		if !do(n, line) {
			return false
		}
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// recorded is one body of a file.
type recorded struct {
	file string
	line int // 0: the file is the body
	body []byte
}

// where is the place for messages, as compilers write theirs.
func (r recorded) where() string {
	if r.line == 0 {
		return r.file
	}
	return fmt.Sprintf("%s:%d", r.file, r.line)
}

// bodiesOf takes a file apart: it is one JSON text, or one body a line. A
// file that is neither counts as one broken body, unless its first lines show
// that it is meant to have one a line.
func bodiesOf(file string, data []byte) []recorded {
	whole := []recorded{{file: file, body: data}}
	if json.Valid(data) {
		return whole
	}
	var lines []recorded
	n := 0
	for line := range bytes.Lines(data) {
		n++
		if text := bytes.TrimSpace(line); len(text) > 0 {
			lines = append(lines, recorded{file, n, text})
		}
	}
	for _, l := range lines[:min(2, len(lines))] {
		if (l.body[0] == '{' || l.body[0] == '[') && json.Valid(l.body) {
			return lines
		}
	}
	return whole
}

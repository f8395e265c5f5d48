package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// recorded is one body of a file.
type recorded struct {
	file string
	line int // 0: the file is the body
	body []byte

	request *recordedRequest // what else was recorded of it; nil: nothing
	made    *madeEvent       // what it says of itself; nil: nothing
}

// recordedRequest is what a row of "listen --save" tells beside the body.
type recordedRequest struct {
	At      time.Time   `json:"at"`
	Method  string      `json:"method"`
	Path    string      `json:"path"`
	Headers http.Header `json:"headers"`
}

// madeEvent is what a row of "fake --meta" tells beside the body.
type madeEvent struct {
	Provider string `json:"provider"`
	Event    string `json:"event"`
}

// where is the place for messages, as compilers write theirs.
func (r recorded) where() string {
	if r.line == 0 {
		return r.file
	}
	return fmt.Sprintf("%s:%d", r.file, r.line)
}

// unwrapped takes the body out of a row of "listen --save" or "fake --meta", of a world or not. A
// row is known by its members, all of them, so that no body is taken for one.
func (r recorded) unwrapped() recorded {
	var row map[string]json.RawMessage
	if json.Unmarshal(r.body, &row) != nil {
		return r
	}
	out := r
	switch {
	case isRow(row, []string{"method", "path", "headers"}, "at"):
		out.request = &recordedRequest{}
		if json.Unmarshal(r.body, out.request) != nil {
			return r
		}
	case isRow(row, []string{"provider", "event"}, "index", "rule", "pointer", "time", "action"):
		out.made = &madeEvent{}
		if json.Unmarshal(r.body, out.made) != nil {
			return r
		}
	default:
		return r
	}
	if body, ok := row["body"]; ok {
		out.body = body
	} else if json.Unmarshal(row["raw"], &out.body) != nil {
		return r
	}
	return out
}

// ofProvider leaves out the rows that say they are another provider's, if there
// are others: a world's stream has those of all.
func ofProvider(bodies []recorded, provider string) (own []recorded, others int) {
	for _, b := range bodies {
		if b.made == nil || b.made.Provider == provider {
			own = append(own, b)
		}
	}
	if len(own) == 0 {
		return bodies, 0
	}
	return own, len(bodies) - len(own)
}

// isRow reports whether an object has these members, a body, and at most those
// others.
func isRow(row map[string]json.RawMessage, needs []string, others ...string) bool {
	_, body := row["body"]
	_, raw := row["raw"]
	if body == raw {
		return false
	}
	for _, name := range needs {
		if _, ok := row[name]; !ok {
			return false
		}
	}
	for name := range row {
		if name != "body" && name != "raw" && !slices.Contains(needs, name) && !slices.Contains(others, name) {
			return false
		}
	}
	return true
}

// bodiesOf takes a file apart: it is one JSON text, or one body a line. A
// file that is neither counts as one broken body, unless its first lines show
// that it is meant to have one a line.
func bodiesOf(file string, data []byte) []recorded {
	whole := []recorded{{file: file, body: data}}
	if json.Valid(data) {
		whole[0] = whole[0].unwrapped()
		return whole
	}
	var lines []recorded
	n := 0
	for line := range bytes.Lines(data) {
		n++
		if text := bytes.TrimSpace(line); len(text) > 0 {
			lines = append(lines, recorded{file: file, line: n, body: text})
		}
	}
	for _, l := range lines[:min(2, len(lines))] {
		if (l.body[0] == '{' || l.body[0] == '[') && json.Valid(l.body) {
			for i := range lines {
				lines[i] = lines[i].unwrapped()
			}
			return lines
		}
	}
	return whole
}

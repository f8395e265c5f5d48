package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// startLine is the first line of a request or an answer, as curl -i prints it.
var startLine = regexp.MustCompile(`^(HTTP/[0-9.]+ |[A-Z]+ \S+ HTTP/)`)

// parseHeaders reads recorded headers: lines "Name: value" up to an empty one,
// with or without a start line and the marks of curl -v, or a JSON object of
// names and values, on its own or as the member "headers".
func parseHeaders(file string, data []byte) (http.Header, error) {
	if text := bytes.TrimSpace(data); len(text) > 0 && text[0] == '{' {
		return parseHeaderObject(file, text)
	}
	h := http.Header{}
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if mark, rest, ok := strings.Cut(line, " "); ok && (mark == ">" || mark == "<") {
			line = rest
		}
		name, value, ok := strings.Cut(line, ":")
		switch {
		case strings.TrimSpace(line) == "" || line == ">" || line == "<":
			if len(h) > 0 {
				return h, nil // what follows is the body
			}
		case startLine.MatchString(line), strings.HasPrefix(line, "* "):
		case !ok || name == "" || strings.ContainsAny(name, " \t"):
			return nil, usagef("", "%s:%d: %q is no header line", file, n, cut(line, 60))
		default:
			h.Add(name, strings.TrimSpace(value))
		}
	}
	if len(h) == 0 {
		return nil, usagef("curl -sv URL 2> headers.txt", "%q holds no headers", file)
	}
	return h, nil
}

func parseHeaderObject(file string, text []byte) (http.Header, error) {
	var wrapped struct {
		Headers map[string]json.RawMessage `json:"headers"`
	}
	plain := map[string]json.RawMessage{}
	err := json.Unmarshal(text, &plain)
	if err != nil {
		return nil, usagef("", "%s: the headers are no JSON object: %w", file, err)
	}
	if json.Unmarshal(text, &wrapped) == nil && wrapped.Headers != nil {
		plain = wrapped.Headers
	}
	h := http.Header{}
	for name, raw := range plain {
		var one string
		var many []string
		if json.Unmarshal(raw, &one) == nil {
			many = []string{one}
		} else if json.Unmarshal(raw, &many) != nil {
			return nil, usagef("", "%s: the value of header %q is no text: %s", file, name, cut(string(raw), 60))
		}
		for _, value := range many {
			h.Add(name, value)
		}
	}
	return h, nil
}

// cut shortens a text for a message.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + fmt.Sprintf("… (%d bytes)", len(s))
	}
	return s
}

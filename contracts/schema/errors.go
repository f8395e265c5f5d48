package schema

import (
	"fmt"
	"strings"
	"unicode"
)

// Error says where a document is broken. It is the error that Read and Compile
// return for everything that the author of the document can mend.
type Error struct {
	File         string
	Line, Column int    // 1-based, the column in characters; 0 where unknown
	Pointer      string // JSON Pointer, "" for the root
	Message      string // lower-case, one line
	Hint         string // what to do about it, may be empty
}

// Error formats as "file:line:column: message (at /pointer)"; what is unknown
// or empty is left out. The hint is not part of it. Control characters of the
// pointer are replaced and a very long one is cut.
func (e *Error) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(e.File)
		b.WriteByte(':')
	}
	if e.Line > 0 {
		fmt.Fprintf(&b, "%d:%d:", e.Line, e.Column)
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	b.WriteString(e.Message)
	if e.Pointer != "" {
		fmt.Fprintf(&b, " (at %s)", visible(e.Pointer))
	}
	return b.String()
}

// visible is a pointer for a terminal: member names may hold anything, and be
// of any length.
func visible(pointer string) string {
	const most = 300 // bytes
	if len(pointer) > most {
		pointer = strings.ToValidUTF8(pointer[:most], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '·'
		}
		return r
	}, pointer)
}

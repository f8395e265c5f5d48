package schema

import (
	"fmt"
	"strings"
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
// or empty is left out. The hint is not part of it.
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
		fmt.Fprintf(&b, " (at %s)", e.Pointer)
	}
	return b.String()
}

package main

import (
	"bytes"
	"encoding/base64"
	"iter"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/faker"
)

// fakeBroken writes an event's breakages.
func (c *console) fakeBroken(f *fakeFlags, made *faker.Faker, t *contracts.EventType, edits []faker.Edit) error {
	all, err := made.Broken(t.Name(), append([]faker.Edit{faker.Nth(f.nth)}, edits...)...)
	if err != nil {
		return err
	}
	return c.writeBroken(f, all, func(dst []byte) []byte {
		dst = appendText(append(dst, `"provider":`...), t.Contract().Provider())
		dst = appendText(append(dst, `,"event":`...), t.Name())
		return append(dst, ',')
	})
}

// fakeSchemaBroken writes the breakages of a bare schema.
func (c *console) fakeSchemaBroken(f *fakeFlags, values *faker.Values, edits []faker.Edit) error {
	all, err := values.Broken(append([]faker.Edit{faker.Nth(f.nth)}, edits...)...)
	if err != nil {
		return err
	}
	return c.writeBroken(f, all, func(dst []byte) []byte { return dst })
}

// writeBroken writes a line for each breakage, up to --count where that was
// given. about names what is broken.
func (c *console) writeBroken(f *fakeFlags, all iter.Seq[faker.Breakage], about func([]byte) []byte) error {
	most := math.MaxInt
	if f.counted {
		most = f.n
	}
	var line []byte
	written, skipped := 0, 0
	for x := range all {
		if written == most {
			break
		}
		if !f.meta && !isLine(x.Event.Body) {
			skipped++
			continue
		}
		line = append(line[:0], x.Event.Body...)
		if f.meta {
			line = appendBroken(line[:0], x, written, about)
		}
		if err := c.writeLine(append(line, '\n')); err != nil {
			return err
		}
		written++
	}
	f.skipped += skipped
	return nil
}

// tellSkipped says what a run without --meta has left out.
func (c *console) tellSkipped(f *fakeFlags) {
	if f.skipped > 0 {
		c.note("note: %s left out, which no line of text can hold; --meta has them in base64", plural(f.skipped, "body"))
	}
}

// isLine: the body can be written as one line of text and read back.
func isLine(body []byte) bool {
	return utf8.Valid(body) && onOneLine(body) && bytes.IndexByte(body, 0) < 0
}

// appendBroken wraps a broken body without touching its bytes.
func appendBroken(dst []byte, x faker.Breakage, index int, about func([]byte) []byte) []byte {
	dst = about(append(dst, '{'))
	dst = strconv.AppendInt(append(dst, `"index":`...), int64(index), 10)
	dst = appendText(append(dst, `,"label":`...), x.Label)
	dst = appendText(append(dst, `,"rule":`...), x.Rule)
	dst = appendText(append(dst, `,"pointer":`...), x.Pointer)
	if x.SchemaPointer != "" {
		dst = appendText(append(dst, `,"schemaPointer":`...), x.SchemaPointer)
	}
	if x.ContentType != "" {
		dst = appendText(append(dst, `,"contentType":`...), x.ContentType)
	}
	if x.Raw {
		dst = append(base64.StdEncoding.AppendEncode(append(dst, `,"raw":"`...), x.Event.Body), '"')
	} else {
		dst = append(append(dst, `,"body":`...), x.Event.Body...)
	}
	return append(dst, '}')
}

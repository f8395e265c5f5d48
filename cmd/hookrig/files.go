package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
)

// maxInput bounds what is read from a file or from stdin: more is no body of a
// webhook.
const maxInput = 64 << 20

// readInput reads a file, or stdin for "-".
func (c *console) readInput(name string) ([]byte, error) {
	if name == "-" {
		return readLimited(c.in, "stdin")
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, usagef("", "cannot read %q: %w", name, cause(err))
	}
	defer f.Close()
	return readLimited(f, name)
}

func readLimited(r io.Reader, name string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	switch {
	case err != nil:
		return nil, usagef("", "cannot read %q: %w", name, cause(err))
	case len(data) > maxInput:
		return nil, usagef("", "%q holds more than %d MB", name, maxInput>>20)
	}
	return data, nil
}

// cause is a file error without the path that we say ourselves.
func cause(err error) error {
	if pe, ok := err.(*fs.PathError); ok { //nolint:errorlint // straight from os, never wrapped
		return pe.Err
	}
	return err
}

// dialects are the JSON Schema dialects that a bare schema may be in.
func dialects() choice {
	return choice{string(schema.Draft7), []string{
		string(schema.Draft4), string(schema.Draft6), string(schema.Draft7), string(schema.Draft19), string(schema.Draft20),
	}}
}

// readSchema compiles the schema at "FILE" or "FILE#/pointer". What it refers
// to is read from the file's folder.
func (c *console) readSchema(where, dialect string) (*schema.Schema, error) {
	file, pointer, _ := strings.Cut(where, "#")
	data, err := c.readInput(file)
	if err != nil {
		return nil, err
	}
	doc, err := schema.Read(filepath.ToSlash(file), data, schema.Limits{})
	if err != nil {
		return nil, err
	}
	o := schema.Options{Dialect: schema.Dialect(dialect)}
	if file != "-" {
		folder, err := openFolder(file)
		if err != nil {
			return nil, err
		}
		o.Load = func(name string) (*schema.Document, error) {
			f, err := folder.Open(name)
			if err != nil {
				return nil, fmt.Errorf("cannot read %q: %w", name, cause(err))
			}
			defer func() { _ = f.Close() }() // read only: nothing is lost
			data, err := readLimited(f, name)
			if err != nil {
				return nil, err
			}
			return schema.Read(name, data, schema.Limits{})
		}
	}
	return schema.Compile(doc, pointer, o)
}

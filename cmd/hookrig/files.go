package main

import (
	"io"
	"io/fs"
	"os"
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
		return nil, unreadable(name, err)
	}
	defer f.Close()
	return readLimited(f, name)
}

func readLimited(r io.Reader, name string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	switch {
	case err != nil:
		return nil, unreadable(name, err)
	case len(data) > maxInput:
		return nil, usagef("ls -lh "+shellWord(name), "%q holds more than %d MB", name, maxInput>>20)
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

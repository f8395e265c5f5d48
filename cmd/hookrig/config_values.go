package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// reference says where a value stands that does not belong into a file that
// is committed: one of the two.
type reference struct {
	Env  string `json:"env"`
	File string `json:"file"`
}

// text is a value, or where it stands.
type text struct {
	reference
	value string
}

// elsewhere reports whether the value stands elsewhere.
func (t text) elsewhere() bool { return t.reference != reference{} }

func (t *text) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &t.value)
	}
	return json.Unmarshal(data, &t.reference)
}

// configSize is a number of bytes, written with a unit.
type configSize int64

var sizeUnits = map[string]int64{
	"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
}

func (s *configSize) UnmarshalText(text []byte) error {
	digits := strings.TrimRight(string(text), "BGKMik")
	n, err := strconv.ParseInt(digits, 10, 32)
	unit := sizeUnits[string(text[len(digits):])]
	if err != nil || unit == 0 {
		return fmt.Errorf("%q is no size", text)
	}
	*s = configSize(n * unit)
	return nil
}

// resolve is the value that stands elsewhere.
func (c *console) resolve(cfg *config, pointer string, r reference) (string, error) {
	if r.Env != "" {
		value, set := c.env(r.Env)
		switch {
		case !set:
			return "", cfg.errorf(pointer, askFor(r.Env), "the environment variable %q is not set", r.Env)
		case value == "":
			return "", cfg.errorf(pointer, askFor(r.Env), "the environment variable %q is empty", r.Env)
		}
		return value, nil
	}
	data, err := c.readRegular(cfg.path(r.File))
	if err != nil {
		return "", cfg.at(pointer, err)
	}
	value := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	if value == "" {
		return "", cfg.errorf(pointer, "ls -l "+shellWord(cfg.path(r.File)), "%q is empty", cfg.path(r.File))
	}
	return value, nil
}

// resolveText is a text wherever it stands.
func (c *console) resolveText(cfg *config, pointer string, t text) (string, error) {
	if t.elsewhere() {
		return c.resolve(cfg, pointer, t.reference)
	}
	return t.value, nil
}

// readRegular reads a file. A pipe would wait for somebody to write to it.
func (c *console) readRegular(name string) ([]byte, error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return nil, unreadable(name, errors.New("it is no regular file"))
	}
	return c.readInput(name)
}

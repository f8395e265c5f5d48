package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// unreadable says why a file cannot be read, and shows what is there.
func unreadable(name string, err error) error {
	where := name
	if errors.Is(err, fs.ErrNotExist) {
		where = nearestFolder(name)
	}
	return usagef("ls -l "+shellWord(where), "cannot read %q: %w", name, cause(err))
}

// unwritable says why a file cannot be written, and shows what is there.
func unwritable(name string, err error) error {
	return usagef("ls -ld "+shellWord(nearestFolder(name)), "cannot write %q: %w", name, cause(err))
}

// nearestFolder is the folder of a file, or the nearest one above that exists.
func nearestFolder(name string) string {
	for dir := filepath.Dir(name); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err == nil && info.IsDir() || dir == filepath.Dir(dir) {
			return dir
		}
	}
}

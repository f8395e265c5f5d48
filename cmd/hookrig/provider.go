package main

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/schema"
)

// contract loads what PROVIDER names: a built-in contract, or a contract file.
func (c *console) contract(provider string) (*contracts.Contract, error) {
	if slices.Contains(catalog.Names, provider) || !namesFile(provider) {
		return catalog.Load(provider)
	}
	return loadFile(provider)
}

// eventType loads a contract and finds one of its events.
func (c *console) eventType(provider, event string) (*contracts.EventType, error) {
	contract, err := c.contract(provider)
	if err != nil {
		return nil, err
	}
	return contract.EventType(event)
}

// namesFile reports whether a word means a file: it looks like a path, or is one.
func namesFile(word string) bool {
	if strings.ContainsAny(word, `/\`) || slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(word)) {
		return true
	}
	info, err := os.Stat(word)
	return err == nil && !info.IsDir()
}

// loadFile loads a contract file. What it refers to is read from its folder
// and from nowhere else.
func loadFile(name string) (*contracts.Contract, error) {
	folder, err := openFolder(name)
	if err != nil {
		return nil, err
	}
	contract, err := contracts.Load(folder, filepath.ToSlash(name))
	var inside *schema.Error
	if err != nil && !errors.As(err, &inside) {
		err = usagef("ls -l "+shellWord(nearestFolder(name)), "%w", err)
	}
	return contract, err
}

// folder is the folder of a file, in which files have the names that the user
// gives them on the command line: errors then name files as the user does.
type folder struct {
	prefix string // "" where names are those inside the folder
	files  fs.FS
}

// openFolder opens the folder that a file is in. It stays open: schemas are
// compiled, and their references followed, when they are first needed.
func openFolder(name string) (folder, error) {
	dir := filepath.Dir(name)
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return folder{}, usagef("ls "+shellWord(nearestFolder(dir)), "there is no folder %q", dir)
	}
	if err != nil {
		return folder{}, usagef("", "cannot open the folder of %q: %w", name, err)
	}
	return folder{prefix: path.Clean(filepath.ToSlash(dir)), files: root.FS()}, nil
}

// Open implements fs.FS.
func (f folder) Open(name string) (fs.File, error) {
	inside, err := f.inside("open", name)
	if err != nil {
		return nil, err
	}
	return f.files.Open(inside)
}

// Stat implements fs.StatFS: a named pipe is looked at without being opened,
// which would wait for somebody to write to it.
func (f folder) Stat(name string) (fs.FileInfo, error) {
	inside, err := f.inside("stat", name)
	if err != nil {
		return nil, err
	}
	return fs.Stat(f.files, inside)
}

// inside is the name that a file has in the folder.
func (f folder) inside(op, name string) (string, error) {
	if f.prefix == "." {
		return name, nil
	}
	rest, ok := strings.CutPrefix(name, f.prefix+"/")
	switch {
	case ok:
		return rest, nil
	case fs.ValidPath(f.prefix):
		return "", &fs.PathError{Op: op, Path: name, Err: errors.New("it is outside of the contract's folder")}
	}
	// References in a document whose name leaves the working directory are
	// relative to its folder.
	return name, nil
}

package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
)

// dialects are those that a bare schema may be in.
func dialects() choice {
	var names []string
	for _, d := range schema.Dialects() {
		names = append(names, string(d))
	}
	return choice{allowed: names}
}

// readSchema compiles the schema at "FILE" or "FILE#/pointer". What it refers
// to is read from the file's folder and from the remotes. Without a dialect, an
// OpenAPI document is read by its own, any other by draft-07.
func (c *console) readSchema(where, dialect, remotes string) (*schema.Schema, error) {
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
	if dialect == "" {
		o.Dialect = openAPIDialect(doc)
	}
	if o.Remotes, err = c.readRemotes(remotes); err != nil {
		return nil, err
	}
	if file != "-" {
		folder, err := openFolder(file)
		if err != nil {
			return nil, err
		}
		o.Load = func(name string) (*schema.Document, error) {
			// Opening a pipe would wait for somebody to write to it.
			if info, err := folder.Stat(name); err == nil && !info.Mode().IsRegular() {
				return nil, fmt.Errorf("cannot read %q: it is no regular file", name)
			}
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

// openAPIDialect is the dialect of the schemas of an OpenAPI document, "" of
// any other document.
func openAPIDialect(doc *schema.Document) schema.Dialect {
	v, _ := doc.Lookup("/openapi")
	switch version := fmt.Sprint(v); {
	case strings.HasPrefix(version, "3.0"):
		return schema.OpenAPI30
	case strings.HasPrefix(version, "3."):
		return schema.OpenAPI31
	}
	return ""
}

// readRemotes reads a JSON object of documents by their URLs.
func (c *console) readRemotes(file string) (map[string]*schema.Document, error) {
	if file == "" {
		return nil, nil
	}
	data, err := c.readInput(file)
	if err != nil {
		return nil, err
	}
	// The whole is read for the places of its mistakes, and then each document
	// by itself, so that what is said of one names it by its URL.
	if _, err := schema.Read(filepath.ToSlash(file), data, schema.Limits{}); err != nil {
		return nil, err
	}
	var texts map[string]json.RawMessage
	if err := json.Unmarshal(data, &texts); err != nil {
		return nil, usagef(`echo '{"https://example.com/a.json": {"type": "string"}}' > `+shellWord(file), "%s is no JSON object of documents by their URLs", file)
	}
	docs := make(map[string]*schema.Document, len(texts))
	for u, text := range texts {
		if docs[u], err = schema.Read(u, text, schema.Limits{}); err != nil {
			return nil, err
		}
	}
	return docs, nil
}

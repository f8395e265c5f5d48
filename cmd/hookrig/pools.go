package main

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/hookrig/hookrig/faker"
)

// A pool is the values of a --pool. Lines of a file are JSON where they look
// like it, or all of them texts.
type pool struct {
	pointer string
	values  []any
	texts   []any // the lines as they are, nil where the values are a JSON list
}

// pool reads a "/POINTER=[…]" or "/POINTER=@FILE".
func (c *console) pool(flag string) (pool, error) {
	pointer, values, ok := strings.Cut(flag, "=")
	p := pool{pointer: pointer}
	switch {
	case !ok:
		return p, usagef("--pool "+shellWord(flag+"=@values.txt"), "--pool %s: there are no values after a =", flag)
	case !strings.HasPrefix(pointer, "/"):
		return p, usagef("--pool "+shellWord(asPointer(pointer)+"="+values), "--pool %s: a JSON Pointer begins with a slash", flag)
	}
	if file, ok := strings.CutPrefix(values, "@"); ok {
		return p, c.poolOf(&p, file)
	}
	var list []json.RawMessage
	if err := json.Unmarshal([]byte(values), &list); err != nil {
		return p, usagef("--pool "+shellWord(pointer+`=["a","b"]`), "--pool %s: the values are a JSON list, or @ and the name of a file", flag)
	}
	for _, v := range list {
		p.values = append(p.values, v)
	}
	if len(p.values) == 0 {
		return p, usagef("--pool "+shellWord(pointer+`=["a","b"]`), "--pool %s: the list is empty", flag)
	}
	return p, nil
}

// poolOf reads the lines of a file. Empty ones do not count.
func (c *console) poolOf(p *pool, file string) error {
	data, err := c.readInput(file)
	if err != nil {
		return err
	}
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\uFEFF")) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		p.texts = append(p.texts, line)
		if json.Valid([]byte(line)) {
			p.values = append(p.values, json.RawMessage(line))
		} else {
			p.values = append(p.values, line)
		}
	}
	if len(p.texts) == 0 {
		return usagef("", "%q holds no values", inputName(file))
	}
	return nil
}

// fitting are the edits, with lines of a file that are numbers and the like
// taken as texts where the contract wants texts. Try makes an event with them.
func (e edits) fitting(try func([]faker.Edit) error) ([]faker.Edit, error) {
	first := try(e.all)
	err := first
	for {
		var broken *faker.PoolError
		if !errors.As(err, &broken) {
			return e.all, err
		}
		changed := false
		for i, p := range e.pools {
			if p.texts != nil && p.pointer == broken.Pointer {
				e = e.with(i, faker.Pool(p.pointer, p.texts...))
				changed = true
			}
		}
		if !changed {
			return nil, first
		}
		err = try(e.all)
	}
}

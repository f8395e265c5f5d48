package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

// What came from a configuration, by name, stands on the journal's shelf: so what a
// later file has no more can be told from what came through the API.
const (
	filedKind      = "configuration"
	filedSchedules = "schedules"
	filedEndpoints = "endpoints"
)

// filed are the names of schedules or endpoints that are the configuration's.
func filed(ctx context.Context, shelf mockserver.Shelf, what string) (names []string, err error) {
	for d, err := range shelf.All(ctx, filedKind) {
		if err == nil && d.Name == what {
			err = json.Unmarshal(d.Doc, &names)
		}
		if err != nil {
			return nil, fmt.Errorf("which %s are the configuration's: %w", what, err)
		}
	}
	return names, nil
}

func file(ctx context.Context, shelf mockserver.Shelf, what string, names []string) error {
	doc, err := json.Marshal(names)
	if err != nil {
		return err
	}
	return shelf.Put(ctx, filedKind, what, doc)
}

// oldEndpoints are those that an earlier file had and this one has no more. Each is
// deleted once no delivery is on its way to it: a server that starts again would not
// know where to take it up to.
type oldEndpoints struct {
	console *console
	cfg     *config
	us      *control
	shelf   mockserver.Shelf
	kept    []string // of this file
	old     []string
}

// fileEndpoints notes which endpoints are this file's, before they are put: none may
// be forgotten.
func (c *console) fileEndpoints(ctx context.Context, cfg *config, us *control, shelf mockserver.Shelf) (*oldEndpoints, error) {
	o := &oldEndpoints{console: c, cfg: cfg, us: us, shelf: shelf, kept: sortedNames(cfg.Endpoints)}
	if cfg.name == "" {
		return o, nil
	}
	ours, err := filed(ctx, shelf, filedEndpoints)
	if err != nil {
		return nil, err
	}
	for _, name := range ours {
		if _, still := cfg.Endpoints[name]; !still {
			o.old = append(o.old, name)
		}
	}
	return o, o.save(ctx)
}

func (o *oldEndpoints) save(ctx context.Context) error {
	return file(ctx, o.shelf, filedEndpoints, slices.Concat(o.kept, o.old))
}

// delete deletes those that nothing is on its way to, and calls pending for the others.
func (o *oldEndpoints) delete(ctx context.Context, pending func(name string, deliveries int)) error {
	var left []string
	for _, name := range o.old {
		var n struct{ Waiting, Attempting int }
		if err := o.us.call(ctx, http.MethodGet, "/api/v1/deliveries/counts?endpoint="+name, nil, &n); err != nil {
			return err
		}
		if on := n.Waiting + n.Attempting; on > 0 {
			left = append(left, name)
			pending(name, on)
			continue
		}
		switch err := o.us.call(ctx, http.MethodDelete, "/api/v1/endpoints/"+name, nil, nil); {
		case err == nil:
			o.console.note("endpoint %q is deleted: %s has it no more", name, o.cfg.name)
		case statusOf(err) != http.StatusNotFound:
			return fmt.Errorf("endpoint %q, which is no longer in %s: %w", name, o.cfg.name, err)
		}
	}
	if len(left) == len(o.old) {
		return nil
	}
	o.old = left
	return o.save(ctx)
}

// begin deletes what it can, and says what stays for now.
func (o *oldEndpoints) begin(ctx context.Context) error {
	return o.delete(ctx, func(name string, deliveries int) {
		o.console.note("endpoint %q is no longer in %s: it stays for %s", name, o.cfg.name, plural(deliveries, "pending delivery"))
	})
}

// rest deletes the others as they become free, until ctx is done.
func (o *oldEndpoints) rest(ctx context.Context) {
	const pause = time.Second
	for told := ""; len(o.old) > 0; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		err := o.delete(ctx, func(string, int) {})
		if err != nil && ctx.Err() == nil && err.Error() != told { // a disk that is full, say: it is tried again
			told = err.Error()
			o.console.note("hookrig: %v", err)
		}
	}
}

package main

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/hookrig/hookrig/faker"
	"github.com/spf13/cobra"
)

// notWorldly are the flags of fake that say nothing about a world: what happens
// there is not chosen one by one.
var notWorldly = []string{"nth", "pool", "all", "broken", "schema", "dialect", "remotes"}

// checkWorld: a world takes providers, and no events.
func (f *fakeFlags) checkWorld(cmd *cobra.Command) error {
	for _, name := range notWorldly {
		if flag := cmd.Flags().Lookup(name); flag != nil && flag.Changed {
			return tooManyf("--world", []string{"--" + name}, "--%s is about single events, and --world makes a stream", name)
		}
	}
	if f.tell && f.meta {
		return tooManyf("--tell", []string{"--meta"}, "--tell is for people and --meta for programs")
	}
	if f.orders < 1 {
		return usagef("--orders 120", "--orders %d: a shop without orders has no events", f.orders)
	}
	return nil
}

// fakeWorld prints the stream of a shop.
func (c *console) fakeWorld(f *fakeFlags, providers []string) error {
	selected, err := c.selection(providers)
	if err != nil {
		return err
	}
	f.edits.world = true
	asked, err := c.edits(&f.edits)
	if err != nil {
		return err
	}
	o := f.options(c)
	world, err := faker.NewWorld(selected, faker.WorldOptions{
		Seed: o.Seed, At: o.At, Locale: o.Locale, Shape: o.Shape, Orders: f.orders, Parallel: sideBySide, Edits: asked.all,
	})
	if err != nil {
		return worldError(err)
	}
	var line []byte
	n := uint64(0)
	for e := range world.Events() {
		switch line = line[:0]; {
		case f.tell:
			line = fmt.Appendf(line, "%s  %-12s  %-30s  %s: %s", e.Time.Format(time.DateTime), e.Event.Type.Contract().Provider(), e.Event.Type.Name(), e.Action, e.Step)
		case f.meta:
			line = appendWorldMeta(line, n, e)
		default:
			line = append(line, e.Event.Body...)
		}
		if err := c.writeLine(append(line, '\n')); err != nil {
			return err
		}
		if n++; n == uint64(f.n) {
			break
		}
	}
	return nil
}

// worldError is a contract that no world can play.
func worldError(err error) error {
	var bind *faker.BindError
	var hint *faker.HintError
	if errors.As(err, &bind) || errors.As(err, &hint) {
		return usagef("hookrig lint FILE", "%w", err)
	}
	return err
}

// appendWorldMeta wraps a body as --meta does, with when and why it came.
func appendWorldMeta(dst []byte, index uint64, e faker.WorldEvent) []byte {
	dst = appendMeta(dst, e.Event.Type, index, e.Event.Body)
	tail := fmt.Appendf(nil, `{"time":%q,"action":%q,`, e.Time.Format(time.RFC3339Nano), e.Action)
	return append(tail, dst[1:]...)
}

// sideBySide runs do for 0 … n-1 on all cores.
func sideBySide(n int, do func(i int)) {
	var wait sync.WaitGroup
	next := make(chan int)
	for range min(n, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wait.Wait()
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"text/tabwriter"
	"time"
)

// console is what a command has of the outside world.
type console struct {
	args   []string
	in     io.Reader
	notes  io.Writer // stderr: notes, errors, hints
	env    func(string) (string, bool)
	now    func() time.Time
	format choice // --format

	stop    context.CancelCauseFunc // ends the command: nobody reads what it prints
	busy    atomic.Bool             // there is something to wind up at an interrupt
	stopped atomic.Bool             // nothing more should be printed

	mu    sync.Mutex // of out
	out   *bufio.Writer
	color bool
}

func newConsole(args []string, stdin io.Reader, stdout, stderr io.Writer, env func(string) (string, bool)) *console {
	c := &console{
		args: args, in: stdin, notes: stderr, env: env, now: time.Now,
		out:    bufio.NewWriterSize(stdout, 64<<10),
		format: choice{value: "text", allowed: []string{"text", "json"}},
	}
	if v, set := env("NO_COLOR"); (!set || v == "") && isTerminal(stdout) {
		term, _ := env("TERM")
		c.color = term != "dumb"
	}
	return c
}

func (c *console) json() bool { return c.format.value == "json" }

// printf writes to stdout; run flushes at the end. A write that fails is
// remembered and told by flush.
func (c *console) printf(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fmt.Fprintf(c.out, format, args...)
}

// writeLine writes a line of commands that print without end. After an
// interrupt it fails, so that the last line is a whole one.
func (c *console) writeLine(line []byte) error {
	if c.stopped.Load() {
		return context.Canceled
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := c.out.Write(line)
	return err
}

// row writes one JSON object on one line, without the HTML escapes that nobody
// who reads a terminal wants.
func (c *console) row(v any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	enc := json.NewEncoder(c.out)
	enc.SetEscapeHTML(false)
	// Every row is made of types that marshal; what is left are write errors,
	// and flush tells those.
	_ = enc.Encode(v)
}

// table writes rows of cells in columns.
func (c *console) table(rows [][]string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	for _, cells := range rows {
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	_ = w.Flush() // into memory
	for line := range strings.Lines(b.String()) {
		fmt.Fprintln(c.out, strings.TrimRight(line, " \n"))
	}
}

// flush writes what is buffered. Commands that print while they wait call it
// after each line; where that fails they are stopped.
func (c *console) flush() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.out.Flush()
	if err != nil && c.stop != nil {
		c.stop(err)
	}
	return err
}

// windUp is how long a command has after an interrupt.
func (c *console) windUp() time.Duration {
	if c.busy.Load() {
		return 10 * time.Second // requests in flight have five
	}
	return 100 * time.Millisecond
}

// note tells something beside the output, on stderr.
func (c *console) note(format string, args ...any) {
	fmt.Fprintf(c.notes, format+"\n", args...)
}

// Colours of verdicts, empty where stdout is no terminal.
func (c *console) green(s string) string  { return c.paint("32", s) }
func (c *console) red(s string) string    { return c.paint("31", s) }
func (c *console) yellow(s string) string { return c.paint("33", s) }
func (c *console) bold(s string) string   { return c.paint("1", s) }
func (c *console) dim(s string) string    { return c.paint("2", s) }

func (c *console) paint(code, s string) string {
	if !c.color || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// interruptible is a context that ends with the first SIGINT or SIGTERM. The
// second one kills, as if nobody listened.
func interruptible() (context.Context, func()) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

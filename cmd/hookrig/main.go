// Command hookrig fakes, delivers and judges webhooks. Its parts are packages
// of their own that a Go test imports directly: contracts, faker, mockserver
// and verifier. Here flags come in, the parts are joined, and an exit code
// goes out:
//
//	0  honoured
//	1  broken: something was found
//	2  wrong usage or a wrong contract
//	3  could not judge: the target is out of reach, or we were interrupted
//
// One file is one command. What commands share is in console.go (the outside
// world), errors.go (exit codes and hints), provider.go (what PROVIDER means),
// flags.go and secrets.go. A new command is a method of console that returns
// a *cobra.Command, and a line in root.go.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	// With the signal ignored, a reader that has gone away is a write error.
	signal.Ignore(syscall.SIGPIPE)
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.LookupEnv))
}

// run is the whole command without the process around it.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer, env func(string) (string, bool)) int {
	ctx, release := interruptible()
	defer release()
	return runUntil(ctx, args, stdin, stdout, stderr, env)
}

// runUntil is run with an interrupt that is a context's end.
func runUntil(interrupt context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, env func(string) (string, bool)) int {
	ctx, stop := context.WithCancelCause(interrupt)
	defer stop(nil)
	c := newConsole(args, stdin, stdout, stderr, env)
	c.stop = stop
	context.AfterFunc(ctx, func() { c.stopped.Store(true) })
	root := c.root()
	root.SetArgs(args)
	ended := make(chan int, 1)
	go func() {
		err := root.ExecuteContext(ctx)
		ended <- c.end(err, context.Cause(ctx))
	}()
	select {
	case code := <-ended:
		return code
	case <-ctx.Done():
	}
	// Most commands end at once now. One that reads a file or computes does
	// not see the interrupt, and has nothing to wind up either.
	select {
	case code := <-ended:
		return code
	case <-time.After(c.windUp()):
		c.tell(unjudged("", context.Canceled))
		return exitUnjudged
	}
}

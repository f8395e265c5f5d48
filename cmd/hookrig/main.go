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
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	// With the signal ignored, a reader that has gone away is a write error.
	signal.Ignore(syscall.SIGPIPE)
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.LookupEnv))
}

// run is the whole command without the process around it.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer, env func(string) (string, bool)) int {
	ctx, stop := interruptible()
	defer stop()
	c := newConsole(args, stdin, stdout, stderr, env)
	root := c.root()
	root.SetArgs(args)
	return c.end(root.ExecuteContext(ctx))
}

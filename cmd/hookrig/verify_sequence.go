package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/hookrig/hookrig/verifier"
	"github.com/spf13/cobra"
)

// sequenceFlags are those of "hookrig verify" about sequences of deliveries.
type sequenceFlags struct {
	reproduce string // file
	restart   string // command
}

func (f *sequenceFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.reproduce, "reproduce", "", "send the sequences of a `FILE` again that --report sequence=FILE wrote, and nothing else")
	cmd.Flags().StringVar(&f.restart, "restart-command", "", "a `COMMAND` that restarts the receiver, for the checks of what it keeps")
}

// into reads the sequences, and how to restart the receiver.
func (f *sequenceFlags) into(c *console, o *verifier.Options) error {
	if f.restart != "" {
		o.Restart = restarting(f.restart)
	}
	if f.reproduce == "" {
		return nil
	}
	if len(o.Only)+len(o.Skip) > 0 {
		return usagef("leave out --only and --skip", "--reproduce sends what its file says")
	}
	text, err := c.readInput(f.reproduce)
	if err != nil {
		return err
	}
	o.Sequences, err = verifier.ReadSequences(filepath.ToSlash(f.reproduce), text)
	return err
}

// unanswered is the error of a reproduction that was not judged: a fault that
// nobody looked for is not mended.
func (f *sequenceFlags) unanswered(report *verifier.Report) error {
	if f.reproduce == "" {
		return nil
	}
	for _, check := range report.Checks {
		if check.Verdict == verifier.Skip || check.Verdict == verifier.Inconclusive {
			return unjudged("", fmt.Errorf("%s was not judged: %s", check.Name, check.Because))
		}
	}
	return nil
}

// restartLimit is how long a command may take to restart the receiver.
const restartLimit = 2 * time.Minute

// restarting runs a command by the system's shell. That the receiver answers
// again is waited for by whoever asked.
func restarting(command string) func(context.Context) error {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, restartLimit)
		defer cancel()
		shell := []string{"sh", "-c"}
		if runtime.GOOS == "windows" {
			shell = []string{"cmd", "/C"}
		}
		cmd := exec.CommandContext(ctx, shell[0], shell[1], command) //nolint:gosec // it is the user's own command
		cmd.WaitDelay = time.Second                                  // what it leaves in the background keeps its output open
		var told bytes.Buffer
		cmd.Stdout, cmd.Stderr = &told, &told
		err := cmd.Run()
		if err != nil && ctx.Err() == nil && !cmd.ProcessState.Success() {
			line, _, _ := strings.Cut(strings.TrimSpace(told.String()), "\n")
			return fmt.Errorf("%q: %w: %s", command, err, line)
		}
		return ctx.Err()
	}
}

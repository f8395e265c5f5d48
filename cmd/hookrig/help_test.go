package main

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestFlagTable holds the columns of every help to characters, and its words
// for values to one style.
func TestFlagTable(t *testing.T) {
	c := newConsole(nil, strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}, func(string) (string, bool) { return "", false })
	value := regexp.MustCompile(`^ +(?:-\w, )?--[\w-]+ (\S+)  `)
	for _, cmd := range c.root().Commands() {
		column := -1
		for line := range strings.Lines(flagTable(cmd.LocalFlags())) {
			if m := value.FindStringSubmatch(line); len(m) == 2 && strings.ToLower(m[1]) == m[1] && !strings.Contains(m[1], "|") {
				t.Errorf("%s: another style: %s", cmd.Name(), line)
			}
			at := usageColumn([]rune(line))
			if column < 0 {
				column = at
			}
			if at != column {
				t.Errorf("%s: usage begins in column %d and not %d: %s", cmd.Name(), at, column, line)
			}
		}
	}
}

// TestFlagDefaults: what a help says a flag is unless given is what it is.
func TestFlagDefaults(t *testing.T) {
	c := quietConsole(io.Discard, nil)
	for _, cmd := range c.root().Commands() {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if got := f.Value.String(); got != f.DefValue {
				t.Errorf("%s: --%s is %q, and said to be %q", cmd.Name(), f.Name, got, f.DefValue)
			}
		})
	}
	for _, name := range []string{"schedules", "runs", "healthcheck"} {
		cmd, _, err := c.root().Find([]string{name})
		if err != nil {
			t.Fatal(err)
		}
		if got := cmd.Flags().Lookup("server").Value.String(); got != localServer {
			t.Errorf("%s asks %q unless told otherwise, want %q", name, got, localServer)
		}
	}
}

// usageColumn is where the text after a flag begins.
func usageColumn(line []rune) int {
	at := strings.Index(string(line), "--")
	for i := at; i+2 < len(line); i++ {
		if line[i] == ' ' && line[i+1] == ' ' {
			for line[i] == ' ' {
				i++
			}
			return i
		}
	}
	return -1
}

// TestHelp holds every command to the same form: one line, one idea, and
// examples that would run.
func TestHelp(t *testing.T) {
	c := newConsole(nil, strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}, func(string) (string, bool) { return "", false })
	flag := regexp.MustCompile(`(?: |^)(--?[a-z][a-z-]*)`)
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
		if cmd.Name() == "help" {
			return
		}
		switch {
		case cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") || len(cmd.Short) > 70:
			t.Errorf("%s: its one line is %q", cmd.CommandPath(), cmd.Short)
		case cmd.Long == "" || cmd.Example == "":
			t.Errorf("%s: it needs an idea and examples", cmd.CommandPath())
		}
		for line := range strings.Lines(cmd.Long) {
			if len(strings.TrimRight(line, "\n")) > 84 {
				t.Errorf("%s: too wide: %s", cmd.CommandPath(), line)
			}
		}
		cmd.InitDefaultHelpFlag()
		for line := range strings.Lines(cmd.Example) {
			ours := regexp.MustCompile(`hookrig [^|>#)]*`).FindString(line)
			if !strings.HasPrefix(line, "  ") || ours == "" {
				t.Errorf("%s: no example: %q", cmd.CommandPath(), line)
				continue
			}
			words := strings.Fields(ours)
			of, _, err := cmd.Root().Find(words[1:])
			if err != nil || (of == cmd.Root() && len(words) > 1) {
				t.Errorf("%s: the example %q is of no command: %v", cmd.CommandPath(), line, err)
				continue
			}
			for _, m := range flag.FindAllStringSubmatch(ours, -1) {
				name := strings.TrimLeft(m[1], "-")
				known := of.Flags().Lookup(name) != nil || of.InheritedFlags().Lookup(name) != nil
				if len(name) == 1 {
					known = of.Flags().ShorthandLookup(name) != nil
				}
				if !known {
					t.Errorf("%s: the example %q has the unknown flag %s", cmd.CommandPath(), line, m[1])
				}
			}
		}
	}
	walk(c.root())
}

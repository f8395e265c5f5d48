package main

import (
	"errors"
	"regexp"
	"strings"

	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// groups of commands in the help, in the order in which somebody meets them.
var groups = []*cobra.Group{
	{ID: "look", Title: "What providers promise:"},
	{ID: "make", Title: "Events and deliveries:"},
	{ID: "judge", Title: "Receivers and recordings:"},
	{ID: "care", Title: "Contracts and this program:"},
}

// usageTemplate is the second half of every help: how to call it.
const usageTemplate = `Usage:
  {{.UseLine}}
{{if .HasExample}}
Examples:
{{.Example}}
{{end}}{{if .HasAvailableSubCommands}}{{$all := .Commands}}{{range $group := .Groups}}
{{.Title}}
{{range $all}}{{if and (eq .GroupID $group.ID) .IsAvailableCommand}}  {{rpad .Name .NamePadding}} {{.Short}}
{{end}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}
Flags:
{{flagTable .LocalFlags}}{{end}}{{if .HasAvailableInheritedFlags}}
Every command takes:
{{flagTable .InheritedFlags}}{{end}}`

// root is the command line.
func (c *console) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "hookrig COMMAND",
		Short: "Fake, deliver and judge webhooks by their contracts",
		Long: `hookrig knows what providers promise about their webhooks: it makes events that
keep the promise, delivers them as the provider would, and says which promises
a receiver honours.

PROVIDER is a built-in name (hookrig providers) or the path of a contract file.
Exit codes: 0 honoured, 1 broken, 2 wrong usage or contract, 3 could not judge.`,
		Example: `  hookrig events
  hookrig fake shoptet order:create
  hookrig trigger shoptet order:create --to http://localhost:8080/hooks --secret-env SHOPTET_SECRET
  hookrig verify shoptet --to http://localhost:8080/hooks --secret-env SHOPTET_SECRET`,
		SilenceErrors:         true,
		SilenceUsage:          true,
		DisableFlagsInUseLine: true,
		Args:                  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return c.unknownCommand(cmd, args[0])
			}
			return cmd.Help()
		},
	}
	cobra.EnableCommandSorting = false // the order below is the order of a first day
	root.Version = buildVersion().Version
	root.SetVersionTemplate("hookrig {{.Version}}\n")
	root.SetIn(c.in)
	root.SetOut(c.out)
	root.SetErr(c.notes)
	root.CompletionOptions.DisableDefaultCmd = true
	root.PersistentFlags().Var(&c.format, "format", "how to print; json is one object a line")
	root.PersistentFlags().BoolP("help", "h", false, "help for this command")
	root.SetFlagErrorFunc(c.flagError)
	root.AddGroup(groups...)
	cobra.AddTemplateFunc("flagTable", flagTable)
	root.SetUsageTemplate(usageTemplate)
	root.SetHelpCommand(c.helpCommand())
	root.AddCommand(c.commands()...)
	return root
}

// commands are in the order of a first day. A new one is one more line here.
func (c *console) commands() []*cobra.Command {
	return []*cobra.Command{
		inGroup("look", c.demoCommand()),
		inGroup("look", c.providersCommand()),
		inGroup("look", c.eventsCommand()),
		inGroup("look", c.showCommand()),
		inGroup("look", c.schemaCommand()),
		inGroup("make", c.fakeCommand()),
		inGroup("make", c.signCommand()),
		inGroup("make", c.triggerCommand()),
		inGroup("make", c.resendCommand()),
		inGroup("make", c.replayCommand()),
		inGroup("make", c.serveCommand()),
		inGroup("make", c.schedulesCommand()),
		inGroup("make", c.runsCommand()),
		inGroup("judge", c.validateCommand()),
		inGroup("judge", c.listenCommand()),
		inGroup("judge", c.verifyCommand()),
		inGroup("judge", c.runCommand()),
		inGroup("care", c.lintCommand()),
		inGroup("care", c.diffCommand()),
		inGroup("care", c.inferCommand()),
		inGroup("care", c.exportCommand()),
		inGroup("care", c.configCommand()),
		inGroup("care", c.journalCommand()),
		inGroup("care", c.auditCommand()),
		inGroup("care", c.healthcheckCommand()),
		inGroup("care", c.completionCommand()),
		inGroup("care", c.versionCommand()),
	}
}

func inGroup(id string, cmd *cobra.Command) *cobra.Command {
	cmd.GroupID = id
	cmd.DisableFlagsInUseLine = true
	return cmd
}

// exactly is how many arguments a command takes, and what they are.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usagef(usageLine(cmd), "missing: %s", strings.Join(names[len(args):], " and "))
		case len(args) > len(names):
			return usagef(usageLine(cmd), "%q is one argument too many", args[len(names)])
		}
		return nil
	}
}

// usageLine is the first example of a command: a hint that can be pasted.
func usageLine(cmd *cobra.Command) string {
	first, _, _ := strings.Cut(strings.TrimSpace(cmd.Example), "\n")
	return first
}

func (c *console) unknownCommand(root *cobra.Command, name string) error {
	var names []string
	for _, cmd := range root.Commands() {
		if cmd.IsAvailableCommand() {
			names = append(names, cmd.Name())
		}
	}
	if near := schema.Nearest(name, names); len(near) > 0 {
		return usagef(c.corrected(name, near[0]), "unknown command %q, the nearest is %s", name, near[0])
	}
	return usagef("hookrig --help", "unknown command %q", name)
}

var flagName = regexp.MustCompile(`(?m)^ +(?:-\w, )?--([a-z-]+)`)

// flagError turns what the flag parser says into usage with a hint.
func (c *console) flagError(cmd *cobra.Command, err error) error {
	if !cmd.HasParent() {
		for _, arg := range c.args {
			if !strings.HasPrefix(arg, "-") {
				return c.unknownCommand(cmd, arg)
			}
		}
	}
	var wrong *pflag.InvalidValueError
	if errors.As(err, &wrong) {
		return c.flagProblem(wrong)
	}
	hint := cmd.CommandPath() + " --help"
	if name, ok := strings.CutPrefix(err.Error(), "unknown flag: --"); ok {
		var names []string
		for _, m := range flagName.FindAllStringSubmatch(cmd.Flags().FlagUsages(), -1) {
			names = append(names, m[1])
		}
		if near := schema.Nearest(name, names); len(near) > 0 {
			hint = c.corrected("--"+name, "--"+near[0])
		}
	}
	if name, ok := strings.CutPrefix(err.Error(), "flag needs an argument: --"); ok {
		if shown := regexp.MustCompile(`--` + regexp.QuoteMeta(name) + `[ =]\S+`).FindString(cmd.Example); shown != "" {
			hint = shown
		}
	}
	return usagef(hint, "%w", err)
}

// helpCommand is cobra's without its habit of dumping usage for unknown topics.
func (c *console) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		GroupID: "care",
		Short:   "Help for any command",
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if len(rest) > 0 {
				return c.unknownCommand(cmd.Root(), rest[0])
			} else if err != nil {
				return c.unknownCommand(cmd.Root(), args[0])
			}
			return found.Help()
		},
	}
}

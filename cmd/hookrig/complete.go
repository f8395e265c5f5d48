package main

import (
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/spf13/cobra"
)

// completion proposes the next word of a command line.
type completion = func(cmd *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective)

// shells are those that completion is written for, with how to load it.
var shells = map[string]func(root *cobra.Command, w io.Writer) error{
	"bash":       func(root *cobra.Command, w io.Writer) error { return root.GenBashCompletionV2(w, true) },
	"zsh":        func(root *cobra.Command, w io.Writer) error { return root.GenZshCompletion(w) },
	"fish":       func(root *cobra.Command, w io.Writer) error { return root.GenFishCompletion(w, true) },
	"powershell": func(root *cobra.Command, w io.Writer) error { return root.GenPowerShellCompletionWithDesc(w) },
}

func (c *console) completionCommand() *cobra.Command {
	names := slices.Sorted(maps.Keys(shells))
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the completion script for a shell",
		Long: `Prints a script that completes commands, flags, providers and event names, with
the events' titles beside them. SHELL is ` + strings.Join(names, ", ") + `.
Load it where your shell loads its own, for example from ~/.bashrc.`,
		Example: `  source <(hookrig completion bash)
  hookrig completion zsh > "${fpath[1]}/_hookrig"
  hookrig completion fish > ~/.config/fish/completions/hookrig.fish
  hookrig completion powershell | Out-String | Invoke-Expression`,
		Args:      exactly("SHELL"),
		ValidArgs: names,
		RunE: func(cmd *cobra.Command, args []string) error {
			write, ok := shells[args[0]]
			if !ok {
				return usagef("hookrig completion bash", "no completion for the shell %q, only for %s", args[0], strings.Join(names, ", "))
			}
			return write(cmd.Root(), c.out)
		},
	}
}

// completeProvider proposes a provider, or a file.
func (c *console) completeProvider(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return c.providerNames(), cobra.ShellCompDirectiveDefault
}

// completeEvent proposes a provider and then one of its events.
func (c *console) completeEvent(cmd *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return c.completeProvider(cmd, args, toComplete)
	case 1:
		return c.eventNames(args[0]), cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// completeEventFlag proposes events of the provider that was named, after the
// commas of a list.
func (c *console) completeEventFlag(_ *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	before := toComplete[:strings.LastIndexByte(toComplete, ',')+1]
	names := c.eventNames(args[0])
	for i, name := range names {
		names[i] = before + name
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func (c *console) providerNames() []cobra.Completion {
	var out []cobra.Completion
	for _, name := range catalog.Names {
		if contract, err := catalog.Load(name); err == nil {
			out = append(out, cobra.CompletionWithDesc(name, contract.Title()))
		}
	}
	return out
}

func (c *console) eventNames(provider string) []cobra.Completion {
	contract, err := c.contract(provider)
	if err != nil {
		return nil // completion is no place for errors
	}
	var out []cobra.Completion
	for _, t := range contract.EventTypes() {
		out = append(out, cobra.CompletionWithDesc(t.Name(), t.Title()))
	}
	return out
}

// words proposes a fixed list.
func words(list ...string) completion {
	return func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return list, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeFlags proposes values of flags.
func completeFlags(cmd *cobra.Command, flags map[string]completion) {
	for name, complete := range flags {
		if err := cmd.RegisterFlagCompletionFunc(name, complete); err != nil {
			panic(err) // a flag that does not exist: any run of the command would tell
		}
	}
}

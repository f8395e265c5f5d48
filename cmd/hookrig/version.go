package main

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// versionRow is the row of "hookrig version".
type versionRow struct {
	Version  string `json:"version"` // "dev" where it was not built from a release
	Commit   string `json:"commit,omitempty"`
	Time     string `json:"time,omitempty"` // of the commit
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func (c *console) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print version, commit and Go version",
		Long:  `Prints what this binary was built from.`,
		Example: `  hookrig version
  hookrig version --format json`,
		Args: exactly(),
		RunE: func(*cobra.Command, []string) error {
			v := buildVersion()
			if c.json() {
				c.row(v)
				return nil
			}
			c.printf("hookrig %s", v.Version)
			if v.Commit != "" {
				c.printf(" (%s", v.Commit)
				if v.Modified {
					c.printf(", modified")
				}
				c.printf(")")
			}
			c.printf(" %s %s\n", v.Go, v.Platform)
			return nil
		},
	}
}

func buildVersion() versionRow {
	v := versionRow{Version: "dev", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if main := info.Main.Version; main != "" && main != "(devel)" {
		v.Version = main
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.time":
			v.Time = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}

package main

import (
	"fmt"
	"strings"

	"github.com/hookrig/hookrig/verifier"
)

// tellPlan says what a run would send, for people.
func (c *console) tellPlan(o verifier.Options, plan *verifier.Outline) {
	c.printf("%s of %s:\n", plural(len(plan.Events), "event"), o.Contract.Provider())
	for _, name := range plan.Events {
		c.printf("  %s\n", name)
	}
	var tiers []string
	for _, tier := range plan.Tiers {
		tiers = append(tiers, string(tier))
	}
	c.printf("%s (%s):\n", plural(len(plan.Checks), "check"), strings.Join(tiers, ", "))
	var rows [][]string
	blind := 0
	for _, check := range plan.Checks {
		sends, why := plural(check.Requests, "request"), check.Why
		switch {
		case check.Skip != "":
			sends, why = "skipped", check.Skip
		case check.Needs != "":
			sends = "needs " + check.Needs
			blind++
		case check.Requests == 0:
			sends = "looks at what others sent"
		case check.Tier != verifier.Functional:
			sends += ", " + string(check.Tier)
		}
		rows = append(rows, []string{"  " + check.Name, string(check.Basis), check.Severity, sends, why})
	}
	c.table(rows)
	c.printf("%s, %d of them unusual or hostile; bodies %s; about %s\n",
		plural(plan.Requests, "request"), plan.Probes, megabytes(plan.Bytes), plan.Expected())
	if blind > 0 {
		c.printf("%s must see effects, and can judge nothing without an oracle (--oracle)\n", plural(blind, "check"))
	}
	if o.URL != "" && !plan.Local {
		c.printf("%s\n", mayCreate)
	}
}

// mayCreate is said where a receiver is not on this machine.
const mayCreate = "the receiver is not on this machine: what it believes becomes real orders, refunds and mails there"

func megabytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

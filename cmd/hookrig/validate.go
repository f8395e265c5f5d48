package main

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/verifier"
	"github.com/spf13/cobra"
)

// validateFlags are the flags of "hookrig validate".
type validateFlags struct {
	strict  bool
	headers string
	secrets []string
	now     instant
}

// violationRow is one violation of a recorded body.
type violationRow struct {
	Type string `json:"type"` // "violation"
	File string `json:"file"`
	Line int    `json:"line,omitempty"` // where a file holds one body a line
	contracts.Violation
}

// bodyRow is one recorded body.
type bodyRow struct {
	Type       string   `json:"type"` // "body"
	File       string   `json:"file"`
	Line       int      `json:"line,omitempty"`
	Events     []string `json:"events"`
	Violations int      `json:"violations"`
}

// validateSummary is the last row of "hookrig validate".
type validateSummary struct {
	Type       string `json:"type"` // "summary"
	Bodies     int    `json:"bodies"`
	Others     int    `json:"others,omitempty"` // rows of other providers, passed over
	Broken     int    `json:"broken"`
	Violations int    `json:"violations"`
	Accepted   int    `json:"signaturesAccepted,omitempty"` // of recordings
	Refused    int    `json:"signaturesRefused,omitempty"`
}

func (c *console) validateCommand() *cobra.Command {
	var f validateFlags
	cmd := &cobra.Command{
		Use:   "validate PROVIDER [EVENT] [FILE…]",
		Short: "Hold recorded bodies against a contract",
		Long: `Holds recorded bodies against the contract. A file holds one body, or one body a
line; "-" or no file is stdin. A word that is an event of PROVIDER is the event;
without one each body tells which event it is. --strict also reports members
that the contract does not name.

--headers explains a signature: which bytes are signed, what was expected, and
the likely cause where it does not match. It takes header lines, what curl -v
prints, or a JSON object. An old recording is judged at its own time.

What "hookrig listen --save" recorded is read too: method, path and headers are
then judged as well, and with --secret-env each signature, at its own time. So
are the rows of "hookrig fake --meta", of a --world as well, each by the event
that it names; those of other providers are passed over.`,
		Example: `  hookrig validate shoptet order:create body.json
  hookrig fake --all shoptet | hookrig validate shoptet
  hookrig validate xentral recorded.jsonl --strict
  hookrig validate shoptet saved.jsonl --secret-env SHOPTET_SECRET
  hookrig validate shoptet body.json --headers headers.txt --secret-env SHOPTET_SECRET`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef(usageLine(cmd), "missing: PROVIDER")
			}
			return nil
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) == 1 {
				return c.eventNames(args[0]), cobra.ShellCompDirectiveDefault
			}
			if len(args) > 1 {
				return nil, cobra.ShellCompDirectiveDefault
			}
			return c.completeProvider(cmd, args, toComplete)
		},
		RunE: func(_ *cobra.Command, args []string) error { return c.validate(&f, args[0], args[1:]) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.strict, "strict", false, "report members that the contract does not name")
	flags.StringVar(&f.headers, "headers", "", "explain the signature in these headers: `FILE`")
	secretFlag(cmd, &f.secrets)
	flags.Var(&f.now, "now", "judge timestamps as of this moment")
	return cmd
}

func (c *console) validate(f *validateFlags, provider string, args []string) error {
	contract, err := c.contract(provider)
	if err != nil {
		return err
	}
	event, files, err := eventAndFiles(contract, args)
	if err != nil {
		return err
	}
	var bodies []recorded
	for _, file := range files {
		data, err := c.readInput(file)
		if err != nil {
			return err
		}
		bodies = append(bodies, bodiesOf(inputName(file), data)...)
	}
	bodies, others := ofProvider(bodies, contract.Provider())
	sum := validateSummary{Type: "summary", Bodies: len(bodies), Others: others}
	for _, b := range bodies {
		n, err := c.validateBody(contract, event, b, f.strict)
		if err != nil {
			return err
		}
		sum.Violations += n
		if n > 0 {
			sum.Broken++
		}
	}
	signatures, err := c.recordedSignatures(contract, f, bodies)
	if err != nil {
		return err
	}
	sum.Accepted, sum.Refused = signatures.accepted, signatures.refused
	switch {
	case c.json():
		c.row(sum)
	case sum.Broken > 0:
		c.printf("%d of %s %s, %s\n", sum.Broken, plural(sum.Bodies, "body"), c.red("broken"), plural(sum.Violations, "violation"))
	case sum.Bodies == 1:
		c.printf("1 body %s\n", c.green("keeps the contract"))
	default:
		c.printf("%s %s\n", plural(sum.Bodies, "body"), c.green("keep the contract"))
	}
	if sum.Others > 0 && !c.json() {
		c.printf("passed over: %s of other providers\n", plural(sum.Others, "row"))
	}
	refused := sum.Refused > 0
	if f.headers != "" {
		if refused, err = c.explainSignature(contract, f, bodies); err != nil {
			return err
		}
	}
	if sum.Broken > 0 || refused {
		return errBroken
	}
	return nil
}

func inputName(file string) string {
	if file == "-" {
		return "stdin"
	}
	return file
}

// eventAndFiles tells the event, if there is one, from the files.
func eventAndFiles(contract *contracts.Contract, args []string) (*contracts.EventType, []string, error) {
	var event *contracts.EventType
	if len(args) > 0 {
		t, err := contract.EventType(args[0])
		if err == nil {
			event, args = t, args[1:]
		} else if _, missing := os.Stat(args[0]); missing != nil && args[0] != "-" && len(args) > 1 {
			return nil, nil, err // no file and not the last word: a misspelled event
		} else if missing != nil && args[0] != "-" && !strings.ContainsAny(args[0], "./") {
			return nil, nil, err
		}
	}
	if len(args) == 0 {
		args = []string{"-"}
	}
	return event, args, nil
}

func (c *console) validateBody(contract *contracts.Contract, event *contracts.EventType, b recorded, strict bool) (int, error) {
	events, violations, err := judge(contract, event, b)
	if err != nil {
		return 0, err
	}
	row := bodyRow{Type: "body", File: b.file, Line: b.line, Events: []string{}}
	for _, ev := range events {
		if !slices.Contains(row.Events, ev.Type.Name()) {
			row.Events = append(row.Events, ev.Type.Name())
		}
		if strict {
			s, err := ev.Type.Schema()
			if err != nil {
				return 0, err
			}
			violations = append(violations, s.Undocumented(ev.Body)...)
		}
	}
	violations = distinct(violations)
	row.Violations = len(violations)
	if c.json() {
		for _, v := range violations {
			c.row(violationRow{"violation", b.file, b.line, v})
		}
		c.row(row)
		return len(violations), nil
	}
	name := strings.Join(row.Events, ",")
	if name != "" {
		name += " "
	}
	for _, v := range violations {
		c.printf("%s: %s%s\n", b.where(), name, verifier.Printable(v.String()))
	}
	return len(violations), nil
}

// judge validates a body with what was recorded around it.
func judge(contract *contracts.Contract, event *contracts.EventType, b recorded) ([]contracts.Event, []contracts.Violation, error) {
	switch {
	case event != nil:
	case b.made != nil:
		if b.made.Provider != contract.Provider() {
			return nil, nil, usagef("hookrig validate "+shellWord(b.made.Provider)+" "+shellWord(b.file),
				"%s: the event is one of %s, the contract that of %s", b.where(), verifier.Printable(b.made.Provider), contract.Provider())
		}
		t, err := contract.EventType(b.made.Event)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", b.where(), err)
		}
		event = t
	case b.request != nil:
		header := http.Header{}
		for name, values := range b.request.Headers { // written by whoever recorded them
			for _, value := range values {
				header.Add(name, value)
			}
		}
		opened, err := contract.Open(&contracts.Request{
			Method: b.request.Method, URL: b.request.Path, Header: header, Body: b.body,
		}, contracts.OpenOptions{Unchecked: true})
		return opened.Events, opened.Violations, err
	}
	return judgeBody(contract, event, b.body)
}

// judgeBody validates a body alone: whatever else belongs to a delivery is not
// there, and not missed.
func judgeBody(contract *contracts.Contract, event *contracts.EventType, body []byte) ([]contracts.Event, []contracts.Violation, error) {
	if event != nil {
		v, err := event.Validate(body)
		return []contracts.Event{{Type: event, Body: body}}, v, err
	}
	opened, err := contract.Open(&contracts.Request{
		Header: http.Header{"Content-Type": {"application/json"}}, Body: body,
	}, contracts.OpenOptions{Unchecked: true})
	v := slices.DeleteFunc(opened.Violations, func(v contracts.Violation) bool {
		return v.Rule == "method" || v.Rule == "path" || v.Rule == "content-type"
	})
	return opened.Events, v, err
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/faker"
	"github.com/spf13/cobra"
)

// sheet is an event's contract: the row of "hookrig show".
type sheet struct {
	Provider      string               `json:"provider"`
	Event         string               `json:"event"`
	Summary       string               `json:"summary"`
	Description   string               `json:"description,omitempty"`
	Documentation string               `json:"documentation"`
	Provenance    contracts.Provenance `json:"provenance"` // of everything that says nothing else
	Method        string               `json:"method"`
	Path          string               `json:"path,omitempty"`
	ContentType   string               `json:"contentType"`
	Delivery      []deliveryRule       `json:"delivery"`
	Signature     signatureRule        `json:"signature"`
	Identity      contracts.Identity   `json:"identity"`
	Conflicts     [][]string           `json:"conflicts,omitempty"` // groups that cannot be registered together
	Members       []member             `json:"members"`
	Notes         []string             `json:"notes,omitempty"`
	Example       json.RawMessage      `json:"example"`
	ExampleFrom   string               `json:"exampleFrom"` // "contract", "faker", or "" where none can be made

	conflictsFrom contracts.Provenance
}

// deliveryRule is one member of the policy.
type deliveryRule struct {
	Rule       string               `json:"rule"` // its name in contracts
	Value      string               `json:"value"`
	Provenance contracts.Provenance `json:"provenance"`
}

type signatureRule struct {
	signature.Scheme
	Tolerance  string               `json:"tolerance,omitempty"` // as contracts write it, not in nanoseconds
	Provenance contracts.Provenance `json:"provenance"`
}

func signatureRuleOf(contract *contracts.Contract) signatureRule {
	scheme, from := contract.Signature()
	rule := signatureRule{Scheme: scheme, Provenance: from}
	if scheme.Tolerance > 0 {
		rule.Tolerance = contracts.Days(scheme.Tolerance)
	}
	return rule
}

func (c *console) showCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show PROVIDER EVENT",
		Short: "Show one event's contract",
		Long: `Shows what is promised about one event: how it is delivered, retried and
signed, what its body holds, and an example. Each statement is marked with where
it comes from: documented, published, reported or assumed. Members carry a mark
only where they differ from the rest; * marks required ones.`,
		Example: `  hookrig show shoptet order:create
  hookrig show sellercenter onOrderCreated --format json | jq .delivery`,
		Args:              exactly("PROVIDER", "EVENT"),
		ValidArgsFunction: c.completeEvent,
		RunE:              func(_ *cobra.Command, args []string) error { return c.show(args[0], args[1]) },
	}
}

func (c *console) show(provider, event string) error {
	t, err := c.eventType(provider, event)
	if err != nil {
		return err
	}
	s, err := sheetOf(t)
	if err != nil {
		return err
	}
	if c.json() {
		c.row(s)
		return nil
	}
	c.printSheet(t.Contract(), s)
	return nil
}

func sheetOf(t *contracts.EventType) (*sheet, error) {
	contract := t.Contract()
	conflicts, conflictsFrom := contract.Conflicts()
	s := &sheet{
		Provider: contract.Provider(), Event: t.Name(), Summary: t.Title(), Description: t.Description(),
		Documentation: string(t.Documentation()), Provenance: t.Provenance(""),
		Method: t.Method(), Path: t.Path(), ContentType: t.ContentType(),
		Delivery: deliveryRules(t.Policy()), Signature: signatureRuleOf(contract),
		Identity: t.Identity(), Notes: t.Notes(), conflictsFrom: conflictsFrom,
	}
	for _, group := range conflicts {
		if slices.Contains(group, t.Name()) {
			s.Conflicts = append(s.Conflicts, group)
		}
	}
	var err error
	if s.Members, err = membersOf(t); err != nil {
		return nil, err
	}
	s.Example, s.ExampleFrom = exampleOf(t)
	return s, nil
}

// exampleOf is an example of the contract, or one that is made. There is none
// where none can be made: the rest is still worth showing.
func exampleOf(t *contracts.EventType) (body []byte, from string) {
	if examples := t.Examples(); len(examples) > 0 {
		return examples[0], "contract"
	}
	f, err := faker.New(t.Contract(), faker.Options{Seed: 1, Events: []string{t.Name()}})
	if err != nil {
		return nil, ""
	}
	ev, err := f.Event(t.Name())
	if err != nil {
		return nil, ""
	}
	return ev.Body, "faker"
}

func deliveryRules(p contracts.Policy) []deliveryRule {
	rules := []deliveryRule{
		{"success", p.Accepted(), p.Provenance("success")},
		{"timeout", contracts.Days(p.Timeout), p.Provenance("timeout")},
		{"waits", retryWords(p), p.Provenance("waits")},
		{"then", thenWords(p.Then), p.Provenance("then")},
	}
	if p.Gone != "" {
		rules = append(rules, deliveryRule{"gone", thenWords(p.Gone), p.Provenance("gone")})
	}
	retryAfter := "ignored"
	if p.RetryAfterCap > 0 {
		retryAfter = "obeyed up to " + contracts.Days(p.RetryAfterCap)
	}
	return append(rules,
		deliveryRule{"retryAfterCap", retryAfter, p.Provenance("retryAfterCap")},
		deliveryRule{"ordering", orderingWords(p.Ordering), p.Provenance("ordering")},
		deliveryRule{"duplicates", p.Duplicates, p.Provenance("duplicates")},
	)
}

func orderingWords(ordering string) string {
	if ordering == "endpoint" {
		return "one at a time, in order"
	}
	return "not promised"
}

// ruleWords are the rules' names for people.
var ruleWords = map[string]string{
	"success": "success", "timeout": "time-out", "waits": "retries", "then": "given up", "gone": "after a 410",
	"retryAfterCap": "Retry-After", "ordering": "ordering", "duplicates": "duplicates",
}

func (c *console) printSheet(contract *contracts.Contract, s *sheet) {
	c.printf("%s  %s\n", c.bold(s.Event), s.Summary)
	if s.Description != "" {
		c.printf("%s\n", strings.TrimSpace(s.Description))
	}
	c.printf("%s %s · payload documented: %s · where nothing else is said: %s [1]\n\n",
		contract.Title(), contract.Version(), s.Documentation, s.Provenance.Level)

	target := "the registered URL"
	if s.Path != "" {
		target += " + " + s.Path
	}
	var from sources
	from.mark(s.Provenance) // the one that needs no mark is the first
	rows := [][]string{{"delivery", s.Method + " to " + target + ", " + s.ContentType, ""}}
	for _, r := range s.Delivery {
		rows = append(rows, []string{ruleWords[r.Rule], r.Value, from.mark(r.Provenance)})
	}
	for i, line := range signatureWords(s.Signature.Scheme) {
		if i == 0 {
			rows = append(rows, []string{"signature", line, from.mark(s.Signature.Provenance)})
		} else {
			rows = append(rows, []string{"", line, ""})
		}
	}
	rows = append(rows, []string{"identity", identityWords(s.Identity), from.mark(s.Identity.Provenance)})
	for _, group := range s.Conflicts {
		others := slices.DeleteFunc(slices.Clone(group), func(name string) bool { return name == s.Event })
		rows = append(rows, []string{"conflict", "cannot be registered together with " + strings.Join(others, ", "), from.mark(s.conflictsFrom)})
	}
	c.table(rows)

	c.printf("\n%s\n", c.bold("members"))
	c.printMembers(s, &from)
	for i, note := range s.Notes {
		if i == 0 {
			c.printf("\n%s\n", c.bold("notes"))
		}
		c.printf("  %s\n", note)
	}
	c.printf("\n%s\n", c.bold("sources"))
	for i, p := range from {
		c.printf("  %d  %s\n", i+1, p)
		if p.Note != "" {
			c.printf("     %s\n", p.Note)
		}
	}
	switch s.ExampleFrom {
	case "contract":
		c.printf("\n%s (of the contract)\n%s\n", c.bold("example"), indented(s.Example))
	case "faker":
		c.printf("\n%s (made with seed 1)\n%s\n", c.bold("example"), indented(s.Example))
	default:
		c.printf("\n%s\n  none can be made: hookrig fake %s %s says why\n", c.bold("example"), s.Provider, shellWord(s.Event))
	}
}

func (c *console) printMembers(s *sheet, from *sources) {
	var rows [][]string
	for _, m := range s.Members {
		name := strings.Repeat("  ", m.depth+1) + m.name
		if m.Required {
			name += "*"
		}
		mark := ""
		if m.Provenance != s.Provenance {
			mark = from.mark(m.Provenance)
		}
		rows = append(rows, []string{name, m.Type, m.rules(), mark})
	}
	if len(rows) == 0 {
		rows = [][]string{{"  nothing is known about them"}}
	}
	c.table(rows)
}

// sources are the provenances of a sheet, each told once, at its end.
type sources []contracts.Provenance

// mark is a provenance as it stands beside a statement: its level, and its
// number among the sources.
func (s *sources) mark(p contracts.Provenance) string {
	i := slices.Index(*s, p)
	if i < 0 {
		i = len(*s)
		*s = append(*s, p)
	}
	return fmt.Sprintf("%s [%d]", p.Level, i+1)
}

func identityWords(id contracts.Identity) string {
	var parts []string
	if id.Header != "" {
		parts = append(parts, "header "+id.Header)
	}
	parts = append(parts, id.Members...)
	if len(parts) == 0 {
		return "nothing tells two deliveries of one event from two events"
	}
	return "the same event where these agree: " + strings.Join(parts, ", ")
}

// indented is a JSON text for people.
func indented(body []byte) string {
	var b bytes.Buffer
	if err := json.Indent(&b, body, "", "  "); err != nil {
		return fmt.Sprintf("%q", body)
	}
	return b.String()
}

// compact is a JSON text on one line.
func compact(body []byte) []byte {
	var b bytes.Buffer
	if err := json.Compact(&b, body); err != nil {
		return body
	}
	return b.Bytes()
}

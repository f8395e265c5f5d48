package contracts

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// assumedPolicy is what a document gets that says nothing about delivery.
func assumedPolicy(source string) Policy {
	return Policy{
		Success:       []StatusRange{{200, 299}},
		Timeout:       10 * time.Second,
		Waits:         []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 12 * time.Hour},
		Then:          Keep,
		RetryAfterCap: 24 * time.Hour,
		Ordering:      "none",
		Duplicates:    "unknown",
		provenance:    []statement{{says: Provenance{Level: Assumed, Source: source}}},
	}
}

// policyMembers are the members of a delivery section that say how to deliver.
var policyMembers = []string{"success", "timeout", "waits", "repeat", "giveUp", "jitter", "then", "gone", "retryAfterCap", "ordering", "duplicates"}

// documentPolicy reads the delivery section of the document. What it leaves
// out is taken from the assumed defaults and marked as such, whatever the
// section says of it. An absent repeat, giveUp, jitter, gone or retryAfterCap
// says that there is none; the others need a value.
func documentPolicy(p place, c *Contract) (Policy, error) {
	out, err := policyOf(p, Policy{}, c)
	if err != nil {
		return out, err
	}
	base := assumedPolicy(unsaid)
	var ours []statement
	missing := func(member string) { ours = append(ours, statement{[]string{member}, base.Provenance("")}) }
	if out.Success == nil {
		out.Success = base.Success
		missing("success")
	}
	if out.Timeout == 0 {
		out.Timeout = base.Timeout
		missing("timeout")
	}
	if out.Waits == nil && out.Repeat == 0 {
		out.Waits = base.Waits
		missing("waits")
	}
	for member, into := range map[string][2]*string{
		"then": {&out.Then, &base.Then}, "ordering": {&out.Ordering, &base.Ordering}, "duplicates": {&out.Duplicates, &base.Duplicates},
	} {
		if *into[0] == "" {
			*into[0] = *into[1]
			missing(member)
		}
	}
	out.provenance = append(ours, out.provenance...)
	return out, nil
}

// policyOf reads a delivery section over a base: what the section does not
// name stays as it is in the base, and so does its provenance unless the
// section names that.
func policyOf(p place, base Policy, c *Contract) (Policy, error) {
	out := base
	out.provenance = nil
	err := p.fields(map[string]func(place) error{
		"success":       func(v place) error { return successOf(v, &out.Success) },
		"timeout":       positive(&out.Timeout),
		"waits":         func(v place) error { return waitsOf(v, &out.Waits) },
		"repeat":        positive(&out.Repeat),
		"giveUp":        positive(&out.GiveUp),
		"retryAfterCap": positive(&out.RetryAfterCap),
		"jitter":        func(v place) error { return share(v, &out.Jitter) },
		"then":          word(&out.Then, Keep, Disable, Delete),
		"gone":          word(&out.Gone, Keep, Disable, Delete),
		"ordering":      word(&out.Ordering, "none", "endpoint"),
		"duplicates":    word(&out.Duplicates, "possible", "unknown"),
		"provenance": func(v place) (err error) {
			if out.provenance, err = provenanceOf(v, c.sources); err != nil {
				return err
			}
			return v.about(out.provenance, policyMembers)
		},
	})
	if err != nil {
		return out, err
	}
	if _, said := bestOf(out.provenance, nil); !said {
		out.provenance = append(out.provenance, statement{says: c.level})
	}
	for _, name := range policyMembers {
		if _, said := p.child(name); !said && base.provenance != nil {
			out.provenance = append(out.provenance, statement{at: []string{name}, says: base.Provenance(name)})
		}
	}
	return out, nil
}

// about refuses statements about members that a section cannot have.
func (p place) about(statements []statement, members []string) error {
	for _, s := range statements {
		if len(s.at) > 0 && !slices.Contains(members, s.at[0]) {
			at, _ := p.child(pointerOf(s.at))
			return at.errorf("there is no %s here", pointerOf(s.at)).nearest(s.at[0], members)
		}
	}
	return nil
}

// maxWaits is more attempts than any provider makes.
const maxWaits = 1000

func waitsOf(p place, into *[]time.Duration) error {
	items, err := p.items()
	if err != nil {
		return err
	}
	if len(items) > maxWaits {
		return p.errorf("%d waits are too many", len(items)).hint("repeat: 24h goes on for ever with the same wait")
	}
	waits := make([]time.Duration, len(items))
	for i, item := range items {
		if err := positive(&waits[i])(item); err != nil {
			return err
		}
	}
	*into = waits
	return nil
}

func share(p place, into *float64) error {
	number, ok := p.value.(json.Number)
	f, err := number.Float64()
	if !ok || err != nil || f < 0 || f > 1 {
		return p.errorf("expected a number from 0 to 1, found %s", kindOf(p.value)).hint("write 0.1")
	}
	*into = f
	return nil
}

func successOf(p place, into *[]StatusRange) error {
	items, err := p.items()
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return p.errorf("at least one status must be a success").hint(`write ["2xx"]`)
	}
	ranges := make([]StatusRange, len(items))
	for i, item := range items {
		r, ok := parseStatus(item.word())
		if !ok {
			return item.errorf("%s is no status code", kindOf(item.value)).hint(`write "200", "2xx" or "200-204"`)
		}
		ranges[i] = r
	}
	*into = ranges
	return nil
}

// parseStatus reads "200", "2xx" or "200-204".
func parseStatus(s string) (StatusRange, bool) {
	if len(s) == 3 && strings.HasSuffix(s, "xx") {
		s = s[:1] + "00-" + s[:1] + "99"
	}
	low, high, ranged := strings.Cut(s, "-")
	if !ranged {
		high = low
	}
	from, ok1 := statusCode(low)
	to, ok2 := statusCode(high)
	return StatusRange{from, to}, ok1 && ok2 && from <= to
}

func statusCode(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && len(s) == 3 && 100 <= n && n <= 599
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

const (
	oracleTimeout = 10 * time.Second
	oracleLimit   = 4 << 20 // bytes of an answer
)

// oracles is the flag --oracle: one that counts effects, one that shows states.
type oracles []string

func (o *oracles) Type() string   { return "ORACLE" }
func (o *oracles) String() string { return strings.Join(*o, " ") }

func (o *oracles) Set(s string) error {
	if len(*o) == 2 {
		return errors.New("it may be given twice: for the number of effects, and for a state")
	}
	*o = append(*o, s)
	return nil
}

// into gives the oracles to a run. Which of two URLs shows what is told by what
// they answer; beside a log or a header, a URL shows states.
func (o oracles) into(options *verifier.Options) error {
	var asked []verifier.StateOracle
	for _, text := range o {
		var counts verifier.Oracle
		var err error
		kind, rest, _ := strings.Cut(text, ":")
		switch kind {
		case "file":
			counts, err = newLogOracle(rest)
		case "header":
			counts, err = newHeaderOracle(rest)
		default:
			var url *oracle
			if url, err = newOracle(text); err == nil {
				asked = append(asked, url)
			}
		}
		if err != nil {
			return err
		}
		if counts != nil && options.Oracle != nil {
			return usagef("--oracle "+shellWord(o[0]), "--oracle: %q and %q would both count effects", o[0], o[1])
		}
		if counts != nil {
			options.Oracle = counts
		}
	}
	if options.Oracle != nil && len(asked) == 1 {
		options.State = asked[0]
		return nil
	}
	options.Oracles = asked
	return nil
}

// newHeaderOracle reads NAME or NAME=VALUE.
func newHeaderOracle(text string) (verifier.Oracle, error) {
	name, value, _ := strings.Cut(text, "=")
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("()<>@,;:\\\"/[]?{}", r) }) {
		return nil, usagef("--oracle header:X-Effects", "--oracle: %q is no name of a header", name)
	}
	return verifier.HeaderOracle(name, value), nil
}

// oracle asks a URL what the receiver knows of an event. It implements
// verifier.StateOracle: a number of effects is a state too.
type oracle struct {
	address string // with placeholders
	pointer string // of the number or state in the answer
	client  *http.Client
}

// placeholder is {id}, or a JSON Pointer into the event's body.
var placeholder = regexp.MustCompile(`\{(id|/[^{}]*)\}`)

func newOracle(template string) (*oracle, error) {
	address, pointer, _ := strings.Cut(template, "#")
	if pointer != "" && !strings.HasPrefix(pointer, "/") {
		return nil, usagef("--oracle "+shellWord(address+"#/"+pointer), "--oracle: %q is no JSON Pointer", pointer)
	}
	plain := placeholder.ReplaceAllString(address, "x")
	if strings.ContainsAny(plain, "{}") {
		return nil, usagef("--oracle 'http://localhost:8080/orders/{/eventInstance}#/count'", "--oracle: a placeholder is {id} or {/pointer}")
	}
	if _, err := target("--oracle", plain); err != nil {
		return nil, err
	}
	if !placeholder.MatchString(address) {
		return nil, usagef("--oracle "+shellWord(identified(address, template)), "--oracle: %q has no placeholder: it would show the same for all events", mockserver.RedactURL(template))
	}
	return &oracle{address, pointer, egress.Client(egress.NewTransport(rules))}, nil
}

// identified is an oracle's template with the delivery's id in its query, and
// without credentials.
func identified(address, template string) string {
	mark := "?"
	if strings.Contains(address, "?") {
		mark = "&"
	}
	return mockserver.RedactURL(address) + mark + "id={id}" + strings.TrimPrefix(template, address)
}

// Sees reports whether the event has all values that the address is made of.
func (o *oracle) Sees(ev contracts.Event) bool {
	_, err := o.fill(ev.Body, "")
	return err == nil
}

// State asks once. Of an event that the receiver does not know (404) it has
// nothing.
func (o *oracle) State(ctx context.Context, ev contracts.Event, deliveryID string) (json.RawMessage, error) {
	address, err := o.fill(ev.Body, deliveryID)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, oracleTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	res, err := o.client.Do(req)
	if err != nil {
		var at *url.Error
		if errors.As(err, &at) { // it repeats the address, credentials and all
			err = fmt.Errorf("%s: %w", mockserver.RedactURL(address), at.Err)
		}
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, oracleLimit))
	switch {
	case err != nil:
		return nil, err
	case res.StatusCode == http.StatusNotFound:
		return nil, nil
	case res.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("the oracle answered %d", res.StatusCode)
	}
	return part(text, o.pointer)
}

// fill puts the event's values into the address.
func (o *oracle) fill(body []byte, deliveryID string) (string, error) {
	query := strings.IndexByte(o.address, '?')
	return fill(o.address, body, deliveryID, func(value string, at int) string {
		if query >= 0 && at > query {
			return url.QueryEscape(value)
		}
		return url.PathEscape(value)
	})
}

// fill puts an event's values into a template, each as escape writes the one at
// a place. The error is that the event lacks one.
func fill(template string, body []byte, deliveryID string, escape func(value string, at int) string) (string, error) {
	doc, err := schema.Read("body", body, schema.Limits{})
	if err != nil {
		return "", err
	}
	var missing error
	var out strings.Builder
	last := 0
	for _, at := range placeholder.FindAllStringSubmatchIndex(template, -1) {
		name := template[at[2]:at[3]]
		value := deliveryID
		if name != "id" {
			v, ok := doc.Lookup(name)
			switch v.(type) {
			case nil, map[string]any, []any:
				ok = false
			}
			if value = fmt.Sprint(v); !ok {
				missing = fmt.Errorf("the event has no value at %s", name)
			}
		}
		out.WriteString(template[last:at[0]] + escape(value, at[0]))
		last = at[1]
	}
	out.WriteString(template[last:])
	return out.String(), missing
}

// part is what stands at a pointer of a JSON text.
func part(text []byte, pointer string) (json.RawMessage, error) {
	doc, err := schema.Read("answer", text, schema.Limits{})
	if err != nil {
		return nil, fmt.Errorf("the oracle's answer is no JSON: %w", err)
	}
	v, ok := doc.Lookup(pointer)
	if !ok {
		return nil, fmt.Errorf("the oracle's answer has nothing at %s%s", pointer, besides(doc.Value()))
	}
	return json.Marshal(v)
}

// besides names what an answer has at its top.
func besides(answer any) string {
	members, ok := answer.(map[string]any)
	if !ok || len(members) == 0 {
		return ""
	}
	names := slices.Sorted(maps.Keys(members))
	const most = 5
	more := ""
	if len(names) > most {
		names, more = names[:most], ", …"
	}
	return ", but /" + strings.Join(names, ", /") + more
}

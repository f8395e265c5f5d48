package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/mockserver"
)

const (
	oracleTimeout = 10 * time.Second
	oracleLimit   = 4 << 20 // bytes of an answer
)

// oracle asks a URL for the number of effects. It implements verifier.Oracle.
type oracle struct {
	address string // with placeholders
	pointer string // of the number in the answer
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
	return &oracle{address, pointer, egress.Client(egress.NewTransport(rules))}, nil
}

// Effects asks once. An event that the receiver does not know (404) had none.
func (o *oracle) Effects(ctx context.Context, ev contracts.Event, deliveryID string) (int, error) {
	address, err := o.fill(ev.Body, deliveryID)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, oracleTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Accept", "application/json")
	res, err := o.client.Do(req)
	if err != nil {
		var at *url.Error
		if errors.As(err, &at) { // it repeats the address, credentials and all
			err = fmt.Errorf("%s: %w", mockserver.RedactURL(address), at.Err)
		}
		return 0, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, oracleLimit))
	switch {
	case err != nil:
		return 0, err
	case res.StatusCode == http.StatusNotFound:
		return 0, nil
	case res.StatusCode != http.StatusOK:
		return 0, fmt.Errorf("the oracle answered %d", res.StatusCode)
	}
	return count(text, o.pointer)
}

// fill puts the event's values into the address.
func (o *oracle) fill(body []byte, deliveryID string) (string, error) {
	doc, err := schema.Read("body", body, schema.Limits{})
	if err != nil {
		return "", err
	}
	query := strings.IndexByte(o.address, '?')
	var missing error
	var out strings.Builder
	last := 0
	for _, at := range placeholder.FindAllStringSubmatchIndex(o.address, -1) {
		name := o.address[at[2]:at[3]]
		value := deliveryID
		if name != "id" {
			v, ok := doc.Lookup(name)
			if value = fmt.Sprint(v); !ok {
				missing = fmt.Errorf("the event has no value at %s", name)
			}
		}
		escape := url.PathEscape
		if query >= 0 && at[0] > query {
			escape = url.QueryEscape
		}
		out.WriteString(o.address[last:at[0]] + escape(value))
		last = at[1]
	}
	out.WriteString(o.address[last:])
	return out.String(), missing
}

// count is the number at a pointer of a JSON text: a number, a list's length,
// or 1 for true.
func count(text []byte, pointer string) (int, error) {
	doc, err := schema.Read("answer", text, schema.Limits{})
	if err != nil {
		return 0, fmt.Errorf("the oracle's answer is no JSON: %w", err)
	}
	v, ok := doc.Lookup(pointer)
	if !ok {
		return 0, fmt.Errorf("the oracle's answer has nothing at %s", pointer)
	}
	switch v := v.(type) {
	case json.Number:
		if n, err := strconv.Atoi(v.String()); err == nil && n >= 0 {
			return n, nil
		}
	case []any:
		return len(v), nil
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	}
	return 0, fmt.Errorf("the oracle's answer has no number and no list at %q", pointer)
}

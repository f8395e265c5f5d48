package verifier

import (
	"net/url"
	"strings"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
)

// oracleHint says how to give an oracle. What tells one event from another is
// in the contract.
func oracleHint(c *contracts.Contract, e *Evidence) string {
	if e.Oracle {
		return stateHint(e)
	}
	id, body := firstOf(c, e)
	if e.ContractArg == "" {
		by := "what tells events apart"
		switch {
		case id.Header != "":
			by = "the delivery's id"
		case len(id.Members) > 0:
			by = strings.Join(id.Members, " and ")
		}
		return "verifier.Options{Oracle: …} counts the effects of an event by " + by
	}
	query := []string{"event={/…}"}
	switch {
	case id.Header != "":
		query = []string{"id={id}"}
	case len(id.Members) > 0:
		query = nil
		for _, m := range id.Members {
			name, value := m[strings.LastIndexByte(m, '/')+1:], m
			if composite(body, m) {
				value += "/…" // one of its members: only the user knows which
			}
			query = append(query, url.QueryEscape(name)+"={"+value+"}")
		}
	}
	return "--oracle " + quoteShell("http://host/effects?"+strings.Join(query, "&")+"#/count")
}

// stateHint says how to give an oracle that shows states, beside one that counts
// effects.
func stateHint(e *Evidence) string {
	if e.ContractArg == "" {
		return "verifier.Options{State: …} shows what the receiver holds of the record that an event is about"
	}
	return "a second --oracle " + quoteShell("http://host/records/{/…}#/record") + ", at which a record's state stands"
}

// firstOf is the identity of the scope's first event, and the body of one.
func firstOf(c *contracts.Contract, e *Evidence) (id contracts.Identity, body []byte) {
	if len(e.Scope) == 0 {
		return id, nil
	}
	t, err := c.EventType(e.Scope[0])
	if err != nil { // evidence may be a file
		return id, nil
	}
	for _, entry := range e.Journal {
		if entry.Event == t.Name() && len(entry.Body) > 0 {
			return t.Identity(), entry.Body
		}
	}
	return t.Identity(), nil
}

// composite reports whether a body has an object or a list at a pointer.
func composite(body []byte, pointer string) bool {
	doc, err := schema.Read("body", body, schema.Limits{})
	if err != nil {
		return false
	}
	switch v, _ := doc.Lookup(pointer); v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

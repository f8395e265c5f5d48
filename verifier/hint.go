package verifier

import (
	"net/url"
	"strings"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
)

// OracleFlag is a flag of the command by which the effects of such an event can
// be counted.
func OracleFlag(t *contracts.EventType) string {
	c := t.Contract()
	return oracleHint(c, &Evidence{ContractArg: c.Provider(), Scope: []string{t.Name()}})
}

// oracleHint says how to give an oracle. What tells one event from another is
// in the contract.
func oracleHint(c *contracts.Contract, e *Evidence) string {
	if e.Oracle {
		return stateHint(c, e)
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
	query := "event={/…}"
	switch {
	case id.Header != "":
		query = "id={id}"
	case len(id.Members) > 0:
		query = queryOf(id.Members, body)
	}
	return "--oracle " + quoteShell("http://host/effects?"+query+"#/count")
}

// stateHint says how to give an oracle that shows states, beside one that counts
// effects.
func stateHint(c *contracts.Contract, e *Evidence) string {
	if e.ContractArg == "" {
		return "verifier.Options{State: …} shows what the receiver holds of the record that an event is about"
	}
	query := "id={/…}"
	for _, name := range e.Scope {
		t, err := c.EventType(name)
		if err != nil { // evidence may be a file
			continue
		}
		if _, stage := c.EntityOf(t); stage != nil {
			query = queryOf(stage.Key, nil)
			break
		}
	}
	return "--oracle " + quoteShell("http://host/record?"+query+"#/state")
}

// queryOf asks by values of the body, each under its own name.
func queryOf(pointers []string, body []byte) string {
	var query []string
	for _, p := range pointers {
		name, value := p[strings.LastIndexByte(p, '/')+1:], p
		if composite(body, p) {
			value += "/…" // one of its members: only the user knows which
		}
		query = append(query, url.QueryEscape(name)+"={"+value+"}")
	}
	return strings.Join(query, "&")
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

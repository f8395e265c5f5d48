package main

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/api"
)

// check says what the schema cannot say. It asks for no secret, so that a file
// can be looked over where there are none.
func (cfg *config) check() error {
	for _, member := range [][2]string{{"addr", cfg.Addr}, {"providersAddr", cfg.ProvidersAddr}} {
		name, addr := member[0], member[1]
		if addr == "" || name == "providersAddr" && addr == closedDoor {
			continue
		}
		if err := checkAddr("--addr", addr); err != nil {
			return cfg.errorf("/"+name, name+": 127.0.0.1:8080", "%q is no address to listen on: %s", addr, addrFault(addr))
		}
	}
	for i, host := range cfg.Hosts {
		if !isHostName(host) {
			return cfg.errorf(place("hosts", strconv.Itoa(i)), "hosts: [hookrig]", "%q is no name of a host", host)
		}
	}
	if cfg.At != "" {
		if err := new(instant).Set(cfg.At); err != nil {
			return cfg.errorf("/at", "at: 2026-01-05T10:12:03Z", "%q is no moment: %v", cfg.At, err)
		}
	}
	if err := cfg.Chaos.check(); err != nil {
		return cfg.errorf("/chaos", "chaos: {"+allTampers()[0]+": 0.05}", "%s", err)
	}
	if _, err := targetPrefixes(cfg.AllowTargets); err != nil {
		return cfg.errorf("/allowTargets", "allowTargets: [10.0.0.0/8]", "%s", err)
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Endpoints)) {
		if err := cfg.checkEndpoint(place("endpoints", name), name, cfg.Endpoints[name]); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Schedules)) {
		if err := cfg.checkSchedule(place("schedules", name), cfg.Schedules[name]); err != nil {
			return err
		}
	}
	return nil
}

// checkSchedule says whether a schedule can fire, and has something to send.
func (cfg *config) checkSchedule(at string, s mockserver.Schedule) error {
	if err := s.Check(); err != nil {
		var wrong *mockserver.ScheduleError
		if errors.As(err, &wrong) {
			return cfg.errorf(at+wrong.Pointer, wrong.Hint(), "%s", wrong.Message)
		}
		return cfg.errorf(at, "", "%v", err)
	}
	for i, share := range s.Mix {
		at := at + place("mix", strconv.Itoa(i))
		if _, known := cfg.Endpoints[share.Endpoint]; !known {
			return cfg.errorf(at+"/endpoint", "", "unknown endpoint %q%s", share.Endpoint, nearestOf(share.Endpoint, sortedNames(cfg.Endpoints)))
		}
		if share.Provider == "" {
			return cfg.errorf(at, "provider: acme", "whose event is %q? Neither this nor the endpoint %q names a provider", share.Event, share.Endpoint)
		}
		contract, err := cfg.contract(share.Provider)
		if err != nil {
			return cfg.errorf(at+"/provider", "hookrig providers", "%v", err)
		}
		if _, err := contract.EventType(share.Event); err != nil {
			_, near := misspelled(err)
			return cfg.errorf(at+"/event", "hookrig events "+shellWord(share.Provider), "%v%s", err, nearestOf(share.Event, near))
		}
	}
	return nil
}

func (cfg *config) checkEndpoint(at, name string, e receiver) error {
	if !e.URL.elsewhere() {
		if err := cfg.checkURL(at+"/url", name, e.URL.value); err != nil {
			return err
		}
	}
	if err := cfg.checkHeaders(at, name, e.Headers); err != nil {
		return err
	}
	if e.TLS != nil && !e.URL.elsewhere() && !strings.HasPrefix(strings.ToLower(e.URL.value), "https:") {
		return cfg.errorf(at+"/url", "url: https://localhost:8443/hooks", "the endpoint has tls, and its URL is not https")
	}
	if _, known := cfg.Secrets[e.Secret]; e.Secret != "" && !known {
		// Somebody may have written the secret itself: it is not repeated.
		return cfg.errorf(at+"/secret", "secrets: {"+name+": {env: "+variable(name, "secret")+"}}",
			"this is no name of one of the secrets%s", nearestOf("", slices.Collect(maps.Keys(cfg.Secrets))))
	}
	if e.Provider == "" {
		return nil
	}
	contract, err := cfg.contract(e.Provider)
	if err != nil {
		return cfg.errorf(at+"/provider", "hookrig providers", "%v", err)
	}
	scheme, _ := contract.Signature()
	if scheme.Signs() && !scheme.Optional && e.Secret == "" && !(scheme.Algorithm == signature.Basic && e.URL.elsewhere()) {
		return cfg.errorf(at, "secret: "+name, "%s: %v", e.Provider, signature.ErrNoSecret)
	}
	return nil
}

// checkHeaders looks at an endpoint's headers, as far as their values stand in
// the file.
func (cfg *config) checkHeaders(at, endpoint string, headers map[string]text) error {
	names := slices.Sorted(maps.Keys(headers))
	for _, name := range names {
		value, at := headers[name], at+place("headers", name)
		switch {
		case value.elsewhere():
		case credentialHeader.MatchString(name):
			return cfg.errorf(at, name+": {env: "+variable(endpoint, name)+"}", "secrets do not stand in this file, it says where they are")
		case hasControls(value.value):
			return cfg.errorf(at, `headers: {X-Tenant: "7"}`, "a header holds no control characters")
		}
	}
	if name, fault := api.HeaderFault(names); fault != "" {
		return cfg.errorf(at+place("headers", name), `headers: {X-Tenant: "7"}`, "%s", fault)
	}
	return nil
}

// hasControls reports whether a text cannot be the value of a header.
func hasControls(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\t' })
}

// checkURL looks at the URL of an endpoint. What is wrong with it is told
// without repeating it.
func (cfg *config) checkURL(at, name, raw string) error {
	u, err := egress.CheckURL(raw)
	switch {
	case err != nil:
		return cfg.errorf(at, "url: "+exampleTarget, "%v", err)
	case u.User != nil, strings.Contains(mockserver.RedactURL(raw), "[redacted]"):
		return cfg.errorf(at, "url: {env: "+variable(name, "url")+"}", "secrets do not stand in this file, it says where they are")
	}
	return nil
}

// variable is a good name for the environment variable of something of an
// endpoint.
func variable(name, of string) string {
	upper := strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(name+"_"+of))
	if '0' <= upper[0] && upper[0] <= '9' {
		return "_" + upper
	}
	return upper
}

// headers are those of an endpoint, from wherever they stand.
func (c *console) headers(cfg *config, at string, e receiver) (map[string]string, error) {
	out := map[string]string{}
	for name, t := range e.Headers {
		value, err := c.resolveText(cfg, at+place("headers", name), t)
		if err != nil {
			return nil, err
		}
		if hasControls(value) {
			return nil, cfg.errorf(at+place("headers", name), "", "a header holds no control characters")
		}
		out[name] = value
	}
	return out, nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/internal/egress"
)

// configured reads the configuration of "hookrig serve", if one was named, and
// lets it say what the flags do not.
func (c *console) configured(f *serveFlags, given func(flag string) bool) (*config, error) {
	name := f.config
	if name == "" {
		name, _ = c.env("HOOKRIG_CONFIG")
	}
	if name == "" {
		all, err := c.servedContracts(f.contracts)
		return &config{known: all}, err
	}
	cfg, err := c.readConfig(name)
	if err != nil {
		return nil, err
	}
	if len(f.contracts) > 0 {
		if cfg.known, err = c.servedContracts(slices.Concat(cfg.contractFiles(), f.contracts)); err != nil {
			return nil, err
		}
	}
	f.hosts = append(f.hosts, cfg.Hosts...)
	f.targets = append(f.targets, cfg.AllowTargets...)
	unlessGiven := func(flag string, said bool, use func()) {
		if said && !given(flag) {
			use()
		}
	}
	unlessGiven("addr", cfg.Addr != "", func() { f.addr = cfg.Addr })
	unlessGiven("providers-addr", cfg.ProvidersAddr != "", func() { f.providers = cfg.ProvidersAddr })
	unlessGiven("journal", cfg.Journal != "", func() { f.journal = cfg.journalFile() })
	if r := cfg.Limits.Retention; r != nil {
		unlessGiven("keep", r.Age != 0, func() { f.keep = span(r.Age) })
		unlessGiven("keep-size", r.Size != 0, func() { f.keepSize = r.Size })
	}
	unlessGiven("relaxed-urls", cfg.RelaxedURLs, func() { f.relaxed = true })
	unlessGiven("transport", cfg.Transport != "", func() { f.transport.value = cfg.Transport })
	unlessGiven("chaos", len(cfg.Chaos) > 0, func() { f.chaos = cfg.Chaos })
	unlessGiven("speed", cfg.Speed != 0, func() { f.speed = cfg.Speed })
	unlessGiven("at", cfg.At != "", func() { _ = f.at.Set(cfg.At) }) // it was checked
	unlessGiven("shape", cfg.Shape != "", func() { f.shape.value = cfg.Shape })
	unlessGiven("locale", cfg.Locale != "", func() { f.locale.value = cfg.Locale })
	unlessGiven("unmarked", cfg.Unmarked, func() { f.unmarked = true })
	unlessGiven("wait", cfg.Wait != 0, func() { f.wait = time.Duration(cfg.Wait) })
	return cfg, nil
}

func (c *console) servedContracts(files []string) ([]*contracts.Contract, error) {
	all, err := builtIns()
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		if all, err = c.serveContract(all, file); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// serveContract puts the contract of a file beside those that are served.
func (c *console) serveContract(all []*contracts.Contract, file string) ([]*contracts.Contract, error) {
	contract, err := c.contract(file)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(all, func(o *contracts.Contract) bool { return o.Provider() == contract.Provider() }) {
		return nil, usagef("hookrig providers", "%s: there is a contract of the provider %q already", file, contract.Provider())
	}
	return append(all, contract), nil
}

// token is the bearer token, by flag or by file; zero if there is none.
func (c *console) token(cfg *config, f *serveFlags) (signature.Secret, error) {
	if f.token != "" {
		given, err := c.secrets([]string{f.token})
		if err != nil {
			return signature.Secret{}, err
		}
		return given[0], nil
	}
	if cfg.Token == nil {
		return signature.Secret{}, nil
	}
	value, err := c.resolve(cfg, "/token", *cfg.Token)
	return signature.NewSecret(value), err
}

// keepSecrets puts the secrets of the file and of the flags into the store.
func (c *console) keepSecrets(cfg *config, envs []string, put func(string, signature.Secret) error) error {
	found := map[string]signature.Secret{}
	for _, name := range slices.Sorted(maps.Keys(cfg.Secrets)) {
		value, err := c.resolve(cfg, place("secrets", name), cfg.Secrets[name])
		if err != nil {
			return err
		}
		found[name] = signature.NewSecret(value)
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Endpoints)) {
		e := cfg.Endpoints[name]
		if e.Provider == "" || e.Secret == "" {
			continue
		}
		contract, err := cfg.contract(e.Provider)
		if err != nil {
			return err
		}
		if err := checkSecrets(contract, nil, []signature.Secret{found[e.Secret]}); err != nil {
			return cfg.at(place("endpoints", name, "secret"), err)
		}
	}
	for _, env := range envs {
		given, err := c.secrets([]string{env})
		if err != nil {
			return err
		}
		found[env] = given[0]
	}
	for name, secret := range found {
		if err := put(name, secret); err != nil {
			return err
		}
	}
	return nil
}

// endpointOf is an endpoint of the file with what stands elsewhere.
type endpointOf struct {
	name string
	at   string // pointer in the file
	url  *url.URL
	body map[string]any // as the API takes it
}

// endpointsOf are the endpoints of the file, by name.
func (c *console) endpointsOf(cfg *config) ([]endpointOf, error) {
	var all []endpointOf
	for _, name := range slices.Sorted(maps.Keys(cfg.Endpoints)) {
		e, at := cfg.Endpoints[name], place("endpoints", name)
		raw, err := c.resolveText(cfg, at+"/url", e.URL)
		if err != nil {
			return nil, err
		}
		u, err := egress.CheckURL(raw)
		if err != nil {
			return nil, cfg.errorf(at+"/url", "", "%v", err)
		}
		headers, err := c.headers(cfg, at, e)
		if err != nil {
			return nil, err
		}
		body := map[string]any{"url": raw, "headers": headers}
		if e.Secret != "" {
			body["secret"] = e.Secret
		}
		if e.Rate != 0 {
			body["rate"] = e.Rate
		}
		if e.Concurrency != 0 {
			body["concurrency"] = e.Concurrency
		}
		if e.Basic != nil {
			if body["basicAuth"], err = c.basicAuth(cfg, at+"/basic", *e.Basic); err != nil {
				return nil, err
			}
		}
		if e.TLS != nil {
			if body["tls"], err = c.endpointTLS(cfg, at+"/tls", e.TLS); err != nil {
				return nil, err
			}
		}
		all = append(all, endpointOf{name, at, u, body})
	}
	return all, nil
}

// keepEndpoints puts the endpoints of the file as any client of the API would.
func keepEndpoints(ctx context.Context, cfg *config, us *control, endpoints []endpointOf) error {
	for _, e := range endpoints {
		if err := us.call(ctx, http.MethodPut, "/api/v1/endpoints/"+e.name, e.body, nil); err != nil {
			return cfg.refusedEndpoint(e.at, err)
		}
	}
	return nil
}

// refusedEndpoint is what the API says of an endpoint, at its place in the file.
func (cfg *config) refusedEndpoint(at string, err error) error {
	var p *problem
	if !errors.As(err, &p) || !p.oneFault() {
		return cfg.errorf(at, "", "%v", err)
	}
	fault := p.Errors[0]
	if strings.HasPrefix(fault.Pointer, "/basicAuth") { // one text in the file
		fault.Pointer = "/basic"
	}
	return cfg.errorf(at+fault.Pointer, "", "%s", fault.Detail)
}

// basicAuth are credentials as the API takes them.
func (c *console) basicAuth(cfg *config, at string, r reference) (map[string]string, error) {
	credentials, err := c.resolve(cfg, at, r)
	if err != nil {
		return nil, err
	}
	user, password, ok := strings.Cut(credentials, ":")
	if !ok || user == "" {
		return nil, cfg.errorf(at, "", "basic credentials are written user:password")
	}
	return map[string]string{"user": user, "password": password}, nil
}

// endpointTLS is what an endpoint's connections need, as the API takes it.
func (c *console) endpointTLS(cfg *config, at string, t *receiverTLS) (map[string]string, error) {
	out := map[string]string{}
	for member, name := range map[string]string{"ca": t.CA, "cert": t.Cert} {
		if name == "" {
			continue
		}
		text, err := c.readRegular(cfg.path(name))
		if err != nil {
			return nil, cfg.at(at+"/"+member, err)
		}
		out[member] = string(text)
	}
	if t.Key != nil {
		key, err := c.resolve(cfg, at+"/key", *t.Key)
		if err != nil {
			return nil, err
		}
		out["key"] = key
	}
	if t.ServerName != "" {
		out["serverName"] = t.ServerName
	}
	return out, nil
}

// journalFile is where the file wants its journal.
func (cfg *config) journalFile() string {
	if cfg.Journal == inMemory {
		return inMemory
	}
	return cfg.path(cfg.Journal)
}

// targetPrefixes are addresses that may be delivered to.
func targetPrefixes(texts []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range texts {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			addr, notAddr := netip.ParseAddr(text)
			if notAddr != nil {
				return nil, fmt.Errorf("%q is no address and no prefix", text)
			}
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		all = append(all, prefix)
	}
	return all, nil
}

// awaitReceivers waits until every endpoint takes connections, at most so
// long. It sends nothing: a receiver should see deliveries and nothing else.
func (c *console) awaitReceivers(ctx context.Context, endpoints []endpointOf, rules egress.Rules, atMost time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	dial := egress.NewTransport(rules).DialContext
	missing := make([]error, len(endpoints))
	var all sync.WaitGroup
	for i, e := range endpoints {
		all.Go(func() { missing[i] = c.awaitReceiver(ctx, dial, e.name, e.url) })
	}
	all.Wait()
	return errors.Join(missing...)
}

// awaitEach is how long it waits before it tries a receiver again.
const awaitEach = 250 * time.Millisecond

// dialer connects to an address that may be dialled.
type dialer = func(ctx context.Context, network, address string) (net.Conn, error)

func (c *console) awaitReceiver(ctx context.Context, dial dialer, name string, u *url.URL) error {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	shown := net.JoinHostPort(u.Hostname(), port)
	for told := false; ; told = true {
		conn, err := dial(ctx, "tcp", shown)
		if err == nil {
			_ = conn.Close() // nothing was sent
			return nil
		}
		var refused *egress.RefusedError
		if errors.As(err, &refused) { // waiting would not help
			return fmt.Errorf("endpoint %q: %w", name, refused)
		}
		if !told {
			c.note("waiting for endpoint %q at %s", name, shown)
		}
		select {
		case <-ctx.Done():
			return unjudged("hookrig listen --addr "+shellWord(shown), fmt.Errorf("endpoint %q: nothing takes connections at %s", name, shown))
		case <-time.After(awaitEach):
		}
	}
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/mockserver"
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
	if err := cfg.joined(); err != nil {
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
	unlessGiven("speed", cfg.Speed != 0, func() { f.speed = cfg.Speed })
	unlessGiven("at", cfg.At != "", func() { _ = f.at.Set(cfg.At) }) // it was checked
	unlessGiven("shape", cfg.Shape != "", func() { f.shape.value = cfg.Shape })
	unlessGiven("locale", cfg.Locale != "", func() { f.locale.value = cfg.Locale })
	unlessGiven("unmarked", cfg.Unmarked, func() { f.unmarked = true })
	unlessGiven("wait", cfg.Wait != 0, func() { f.wait = time.Duration(cfg.Wait) })
	return cfg, nil
}

// joined refuses what the file may say and serve does not do yet: a schedule
// that never fires, or a journal that is not kept, is worse than none.
func (cfg *config) joined() error {
	var pointers []string
	if cfg.Journal != "" {
		pointers = append(pointers, "/journal")
	}
	if len(cfg.Schedules) > 0 {
		pointers = append(pointers, "/schedules")
	}
	if cfg.Limits.Retention != nil {
		pointers = append(pointers, "/limits/retention")
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Endpoints)) {
		e, at := cfg.Endpoints[name], place("endpoints", name)
		if e.TLS != nil {
			pointers = append(pointers, at+"/tls")
		}
		if e.Rate != 0 {
			pointers = append(pointers, at+"/rate")
		}
		if e.Concurrency != 0 {
			pointers = append(pointers, at+"/concurrency")
		}
	}
	if len(pointers) == 0 {
		return nil
	}
	return cfg.errorf(pointers[0], "hookrig config "+shellWord(cfg.doc.Name()), "this version checks it and does not serve it yet")
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
func (c *console) keepSecrets(cfg *config, envs []string, put func(string, signature.Secret)) error {
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
		put(name, secret)
	}
	return nil
}

// keepEndpoints puts the endpoints of the file as any client of the API would,
// and returns their URLs by name.
func (c *console) keepEndpoints(ctx context.Context, cfg *config, handler http.Handler, token signature.Secret) (map[string]*url.URL, error) {
	urls := map[string]*url.URL{}
	for _, name := range slices.Sorted(maps.Keys(cfg.Endpoints)) {
		e, at := cfg.Endpoints[name], place("endpoints", name)
		raw, err := c.resolveText(cfg, at+"/url", e.URL)
		if err != nil {
			return nil, err
		}
		if urls[name], err = egress.CheckURL(raw); err != nil {
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
		if err := putEndpoint(ctx, handler, token, name, body); err != nil {
			return nil, cfg.errorf(at, "", "%v", err)
		}
	}
	return urls, nil
}

func putEndpoint(ctx context.Context, handler http.Handler, token signature.Secret, name string, body map[string]any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, "http://localhost/api/v1/endpoints/"+name, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if !token.IsZero() {
		req.Header.Set("Authorization", "Bearer "+token.Reveal())
	}
	res, err := mockserver.InProcess(handler).RoundTrip(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusOK {
		return nil
	}
	var problem struct{ Detail string }
	answer, err := io.ReadAll(res.Body)
	if err == nil {
		err = json.Unmarshal(answer, &problem)
	}
	return errors.Join(fmt.Errorf("%d: %s", res.StatusCode, problem.Detail), err)
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
func (c *console) awaitReceivers(ctx context.Context, endpoints map[string]*url.URL, rules egress.Rules, atMost time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	dial := egress.NewTransport(rules).DialContext
	names := sortedNames(endpoints)
	missing := make([]error, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() { missing[i] = c.awaitReceiver(ctx, dial, name, endpoints[name]) })
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

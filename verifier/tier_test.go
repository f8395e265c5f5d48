package verifier_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

// bodyOf reports whether a request's body holds a text, and leaves it as it was.
func bodyOf(req *http.Request, text string) bool {
	body, _ := io.ReadAll(req.Body)
	req.Body = io.NopCloser(bytes.NewReader(body))
	return bytes.Contains(body, []byte(text))
}

// network is a handler in the process that looks like one on a network.
type network struct{ http.RoundTripper }

func (network) Unwrap() http.RoundTripper { return egress.NewTransport(egress.Rules{}) }

// Hostile and stress checks are for this machine, or for a host under control.
func TestTiersNeedAProofOfControl(t *testing.T) {
	c := shop(t)
	key := []byte("of this user")
	const target = "https://Shop.Example:8443/hooks?x=1"
	token, err := verifier.ControlToken(key, target)
	if err != nil {
		t.Fatal(err)
	}
	stands := func(text string) func(context.Context, string) ([]byte, error) {
		return func(_ context.Context, address string) ([]byte, error) {
			if address != "https://shop.example:8443/.well-known/hookrig-control" {
				t.Errorf("asked at %s", address)
			}
			return []byte(text), nil
		}
	}
	other, _ := verifier.ControlToken([]byte("of another"), target)
	elsewhere, _ := verifier.ControlToken(key, "https://shop.example/hooks")
	for _, row := range []struct {
		name    string
		url     string
		change  func(*verifier.Options)
		problem string
	}{
		{"functional", target, func(o *verifier.Options) { o.Hostile = false }, ""},
		{"nobody looks", target, func(*verifier.Options) {}, "nobody was asked to look there"},
		{"stress as well", target, func(o *verifier.Options) { o.Hostile, o.Stress = false, true }, "nobody was asked to look there"},
		{"a proof", target, func(o *verifier.Options) { o.Control = stands("hello\r\n" + token + "\r\nand more") }, ""},
		{"a part of a line", target, func(o *verifier.Options) { o.Control = stands("x" + token) }, "does not stand there"},
		{"of another key", target, func(o *verifier.Options) { o.Control = stands(other) }, "does not stand there"},
		{"of another port", target, func(o *verifier.Options) { o.Control = stands(elsewhere) }, "does not stand there"},
		{"an empty page", target, func(o *verifier.Options) { o.Control = stands("") }, "does not stand there"},
		{"no token", target, func(o *verifier.Options) { o.Control, o.Token = stands("\n\n"), "" }, "nobody was asked"},
		{"out of reach", target, func(o *verifier.Options) {
			o.Control = func(context.Context, string) ([]byte, error) { return nil, errors.New("it answers 404") }
		}, "it answers 404"},
		{"a private address", "http://192.168.1.2/hooks", func(*verifier.Options) {}, "http://192.168.1.2/.well-known/hookrig-control"},
		{"a name like ours", "http://localhost.example/hooks", func(*verifier.Options) {}, "nobody was asked"},
		{"this machine", "http://127.0.0.1:8080/hooks", func(*verifier.Options) {}, ""},
		{"by name", "http://LOCALHOST/hooks", func(*verifier.Options) {}, ""},
		{"in IPv6", "http://[::1]/hooks", func(*verifier.Options) {}, ""},
		{"in both", "http://[::ffff:127.0.0.1]/hooks", func(*verifier.Options) {}, ""},
		{"in the process", target, func(o *verifier.Options) {
			o.Transport = mockserver.InProcess(receivers.New(c, receivers.None, secretsOf(c)...))
		}, ""},
		{"through a transport of somebody's", target, func(o *verifier.Options) {
			o.Transport = transport(o.Transport.RoundTrip)
		}, "nobody was asked to look there"},
		{"through one to this machine", "http://localhost/hooks", func(o *verifier.Options) {
			o.Transport = transport(o.Transport.RoundTrip)
		}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := options(c, receivers.New(c, receivers.None, secretsOf(c)...))
			o.Transport = network{o.Transport}
			o.URL, o.Hostile, o.Token, o.Only = row.url, true, token, []string{"http/redirect"}
			row.change(&o)
			_, err := verifier.Run(t.Context(), o)
			var missing *verifier.ControlError
			switch {
			case row.problem == "" && err != nil:
				t.Error(err)
			case row.problem != "" && (!errors.As(err, &missing) || !strings.Contains(err.Error(), row.problem)):
				t.Errorf("%v, want %q", err, row.problem)
			}
		})
	}
}

func TestChecksOfATierAreAskedForByIt(t *testing.T) {
	c := shop(t)
	o := options(c, receivers.New(c, receivers.None, secretsOf(c)...))
	o.Only = []string{"http/burst"}
	var tier *verifier.TierError
	if _, err := verifier.Plan(t.Context(), o); !errors.As(err, &tier) || tier.Tier != verifier.Stress {
		t.Errorf("%v", err)
	}
	o.Only = nil
	plain, err := verifier.Plan(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.Stress = true
	more, err := verifier.Plan(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(plain.Tiers) != 1 || len(more.Tiers) != 2 || len(more.Checks) <= len(plain.Checks) || more.Requests <= plain.Requests+500 || more.Waits <= plain.Waits {
		t.Errorf("%d checks and %d requests, with stress %d and %d", len(plain.Checks), plain.Requests, len(more.Checks), more.Requests)
	}
}

// A plan is a rehearsal: a run sends what it says.
func TestThePlanIsKept(t *testing.T) {
	virtual(t, func(t *testing.T) {
		c := provider(t, "ergonode")
		o := options(c, receivers.New(c, receivers.None, secretsOf(c)...))
		o.Events = []string{c.EventTypes()[0].Name(), c.EventTypes()[1].Name(), c.EventTypes()[2].Name()}
		o.Skip = []string{"state"} // how long a sequence is judged depends on the receiver
		plan, err := verifier.Plan(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		sent := map[string]int{}
		for _, d := range run(t, o).Deliveries {
			sent[d.Check]++
		}
		for _, c := range plan.Checks {
			if c.Requests != sent[c.Name] {
				t.Errorf("%s: %d planned, %d sent", c.Name, c.Requests, sent[c.Name])
			}
		}
	})
}

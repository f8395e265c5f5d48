package verifier

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/mockserver"
)

// Tier says what a check may do to a receiver.
type Tier string

// The tiers.
const (
	Functional Tier = "functional" // what anybody's receiver has to bear; always
	Hostile    Tier = "hostile"    // input that could bring it down
	Stress     Tier = "stress"     // load that could
)

func (t Tier) orFunctional() Tier {
	if t == "" {
		return Functional
	}
	return t
}

// allows reports whether a run may do checks of a tier.
func (o *Options) allows(t Tier) bool { return slices.Contains(o.tiers(), t.orFunctional()) }

// tiers are those of a run.
func (o *Options) tiers() []Tier {
	out := []Tier{Functional}
	if o.Hostile {
		out = append(out, Hostile)
	}
	if o.Stress {
		out = append(out, Stress)
	}
	return out
}

// TierError: a check was asked for by its name, and its tier was not.
type TierError struct {
	Check string
	Tier  Tier
}

// Error says what is missing.
func (e *TierError) Error() string {
	return fmt.Sprintf("the check %q is of the tier %q, which this run does not allow", e.Check, e.Tier)
}

// ControlPath is where the proof stands that somebody controls a host, as
// RFC 8615 has it.
const ControlPath = "/.well-known/hookrig-control"

// ControlURL is the address of the proof for a receiver: of the same scheme, host
// and port. The error says that the target is no URL.
func ControlURL(target string) (string, error) {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" {
		return "", errors.New("the target is no URL with a host")
	}
	return (&url.URL{Scheme: strings.ToLower(u.Scheme), Host: strings.ToLower(u.Host), Path: ControlPath}).String(), nil
}

// ControlToken is the text that proves control of a receiver's host: only who
// has the key can tell it, and it is good for one scheme, host and port. It is no
// secret itself. The error is that of ControlURL.
func ControlToken(key []byte, target string) (string, error) {
	address, err := ControlURL(target)
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(address))
	return "hookrig-control=" + hex.EncodeToString(mac.Sum(nil)[:16]), nil
}

// ControlError: nobody has proven that they control the host of the receiver, so
// that hostile and stress checks are not sent there.
type ControlError struct {
	URL   string // where the proof should stand
	Token string // what should stand there
	Err   error
}

// Error says what is missing.
func (e *ControlError) Error() string {
	return fmt.Sprintf("hostile and stress checks need a proof that you control the receiver's host: %s: %s", e.URL, e.Err)
}

// Unwrap gives the reason.
func (e *ControlError) Unwrap() error { return e.Err }

// mayHarm refuses hostile and stress checks for a receiver that is neither on
// this machine nor proven to be under control.
func (o *Options) mayHarm(ctx context.Context) error {
	if !o.Hostile && !o.Stress || isLocal(o) {
		return nil
	}
	address, err := ControlURL(o.URL)
	if err != nil {
		return err
	}
	missing := &ControlError{URL: address, Token: o.Token}
	if o.Control == nil || o.Token == "" {
		missing.Err = errors.New("nobody was asked to look there")
		return missing
	}
	text, err := o.Control(ctx, address)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		missing.Err = err
		return missing
	}
	for line := range strings.Lines(string(text)) {
		if strings.TrimSpace(line) == o.Token {
			return nil
		}
	}
	missing.Err = errors.New("the token of this key does not stand there")
	return missing
}

// isLocal reports whether the receiver is in this process or on this machine.
// Names are not looked up: what they mean may change. Where a transport of somebody
// else's leads, its address says.
func isLocal(o *Options) bool {
	if mockserver.IsInProcess(o.Transport) {
		return true
	}
	u, err := url.Parse(o.URL)
	if err != nil {
		return false
	}
	host := strings.ToLower(u.Hostname())
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

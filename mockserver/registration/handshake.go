package registration

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts/signature"
)

const (
	appInstalled   = "app_installed"
	appUninstalled = "app_uninstalled"

	// callTimeout is for one call of an app. No source states it; it is hookrig's default.
	callTimeout = 10 * time.Second
)

// install shakes hands with an app and makes its registration active. An app
// that does not take the handshake is not installed. The event app_installed
// follows where the manifest asks for it; its answer changes nothing.
func (e ergonode) install(ctx context.Context, sub Subscription, m manifest) (Subscription, error) {
	secret, ok := e.secrets.Get(sub.Secret)
	if !ok {
		return sub, fmt.Errorf("the store of secrets has lost %q", sub.Secret)
	}
	body, err := json.Marshal(map[string]string{"shared_secret": secret.Reveal()})
	if err != nil {
		return sub, err
	}
	if err := e.call(ctx, sub, http.MethodPost, "handshake", body); err != nil {
		e.log.Warn("a handshake failed", "provider", e.provider, "subscription", sub.ID, "url", sub.URL, "error", err)
		refused := refuse(KindUnreachable, "url", "the app was not installed: it could not be called for the handshake")
		if status := (statusError)(0); errors.As(err, &status) {
			refused.Message = fmt.Sprintf("the app was not installed: it answered the handshake with %d", int(status))
		}
		return sub, errors.Join(refused, e.Delete(context.WithoutCancel(ctx), sub.ID))
	}
	active := true
	sub, err = e.Update(context.WithoutCancel(ctx), sub.ID, Change{Active: &active})
	if err == nil && slices.Contains(m.Events, appInstalled) {
		e.tell(ctx, sub, appInstalled)
	}
	return sub, err
}

// tell sends an event about the app itself.
func (e ergonode) tell(ctx context.Context, sub Subscription, name string) {
	err := e.call(ctx, sub, http.MethodPut, "consume/"+name, []byte(`{"name":"`+name+`"}`))
	if err != nil {
		e.log.Warn("an app did not take an event about itself", "provider", e.provider, "subscription", sub.ID, "event", name, "error", err)
	}
}

// statusError is an answer that is no success.
type statusError int

func (s statusError) Error() string { return fmt.Sprintf("status %d", int(s)) }

// call makes one signed request to an app. The error is a statusError unless it
// is about the way there.
func (e ergonode) call(ctx context.Context, sub Subscription, method, path string, body []byte) error {
	if e.transport == nil {
		return errors.New("there is no transport")
	}
	target, err := e.target(sub)
	if err != nil {
		return err
	}
	u, err := url.Parse(target)
	if err != nil {
		return errors.New("the URL cannot be read") // the error would repeat credentials
	}
	user := u.User
	u.User, u.Fragment = nil, ""
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, u.JoinPath(path).String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	if user != nil {
		password, _ := user.Password()
		r.SetBasicAuth(user.Username(), password)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "") // none, and none of net/http's
	if !e.unmarked {
		r.Header.Set("User-Agent", "hookrig")
		r.Header.Set("X-Hookrig-Test", "1")
	}
	secret, _ := e.secrets.Get(sub.Secret)
	if err := e.callScheme().SignTo(r.Header, signature.Input{Body: body, Time: e.now(), URL: u.String()}, secret); err != nil {
		return err
	}
	answer, err := e.transport.RoundTrip(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.CopyN(io.Discard, answer.Body, bodyLimit); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if answer.StatusCode/100 != 2 {
		return statusError(answer.StatusCode)
	}
	return nil
}

// callScheme signs calls that are no deliveries: as the contract says, without
// the claims that a delivery's id stands in.
func (e ergonode) callScheme() signature.Scheme {
	scheme, _ := e.contract.Signature()
	scheme.Claims = maps.Clone(scheme.Claims)
	maps.DeleteFunc(scheme.Claims, func(_, value string) bool {
		return strings.Contains(value, "{uuid}") || strings.Contains(value, "{id}")
	})
	return scheme
}

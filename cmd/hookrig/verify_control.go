package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/verifier"
)

// This file proves that whoever asks for hostile checks controls the receiver's
// host: a text that only this user can have made stands at a well-known path.

// controlKeyEnv names the variable with the key that tokens are made from. Where
// it is empty the key is a file of the user's.
const controlKeyEnv = "HOOKRIG_CONTROL_KEY"

// controlRow is the row of "hookrig verify --prove".
type controlRow struct {
	Type  string `json:"type"` // "control"
	URL   string `json:"url"`
	Token string `json:"token"`
}

// prove says where to put which text.
func (c *console) prove(to string) error {
	if to == "" {
		return usagef("--to "+exampleTarget, "missing: --to URL")
	}
	if _, err := target("--to", to); err != nil {
		return err
	}
	var o verifier.Options
	o.URL = to
	if err := c.control(&o); err != nil {
		return err
	}
	address, err := verifier.ControlURL(to)
	if err != nil {
		return err
	}
	if c.json() {
		c.row(controlRow{"control", address, o.Token})
		return nil
	}
	c.printf("%s\n", o.Token)
	c.note("put this line into the text that %s answers (200, no redirect), and take it away afterwards", verifier.Printable(address))
	return nil
}

// control gives a run what it needs to look for the proof.
func (c *console) control(o *verifier.Options) error {
	key, err := c.controlKey()
	if err != nil {
		return err
	}
	if o.Token, err = verifier.ControlToken(key, o.URL); err != nil {
		return usagef("--to "+exampleTarget, "--to: %w", err)
	}
	o.Control = fetchControl
	return nil
}

const (
	controlTimeout = 10 * time.Second
	controlLimit   = 64 << 10 // bytes
)

// fetchControl reads the text at an address.
func fetchControl(ctx context.Context, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, controlTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	res, err := egress.Client(egress.NewTransport(rules)).Do(req)
	if err != nil {
		var at *url.Error
		if errors.As(err, &at) { // the address is said besides
			err = at.Err
		}
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answers %d", res.StatusCode)
	}
	return io.ReadAll(io.LimitReader(res.Body, controlLimit))
}

// controlKey is the user's key. The first who asks for it makes it.
func (c *console) controlKey() ([]byte, error) {
	if key, _ := c.env(controlKeyEnv); key != "" {
		return []byte(key), nil
	}
	folder, err := os.UserConfigDir()
	if err != nil {
		return nil, usagef("export "+controlKeyEnv+"=…", "there is no folder for the control key: %w", err)
	}
	name := filepath.Join(folder, "hookrig", "control-key")
	if key, err := os.ReadFile(name); err == nil && len(key) > 0 {
		return key, nil
	}
	key := []byte(rand.Text() + rand.Text() + "\n")
	err = cmp.Or(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, key, 0o600))
	if err != nil {
		return nil, unwritable(name, err)
	}
	return key, nil
}

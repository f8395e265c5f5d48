package main

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/spf13/cobra"
)

// secretFlag adds --secret-env. Secrets never stand in arguments, where other
// users of the machine and shell histories would see them.
func secretFlag(cmd *cobra.Command, names *[]string) {
	cmd.Flags().StringArrayVar(names, "secret-env", nil,
		"`NAME` of the environment variable that holds the secret; again for a second one while it is rotated")
}

// secrets reads the environment variables that were named.
func (c *console) secrets(names []string) ([]signature.Secret, error) {
	var out []signature.Secret
	for _, name := range names {
		value, set := c.env(name)
		switch {
		case strings.ContainsAny(name, "= ") || name == "":
			// Somebody may have passed the secret itself: it is not repeated.
			return nil, usagef(askFor("SECRET"), "--secret-env takes the name of an environment variable")
		case !set && !envName.MatchString(name):
			return nil, usagef(askFor("SECRET"), "the environment variable that was named is not set")
		case !set:
			return nil, usagef(askFor(name), "the environment variable %q is not set", name)
		case value == "":
			return nil, usagef(askFor(name), "the environment variable %q is empty", name)
		}
		out = append(out, signature.NewSecret(value))
	}
	return out, nil
}

// askFor reads a secret from the keyboard: it ends up in no history.
func askFor(name string) string { return "read -rs " + name + " && export " + name }

// secretName is a good name for the variable with a provider's secret.
func secretName(c *contracts.Contract) string {
	name := strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(c.Provider()))
	return name + "_SECRET"
}

// requireSecret refuses to go on where the contract signs and nothing was
// given to sign with: a run that skips signatures would look like one that
// passed.
func requireSecret(c *contracts.Contract, secrets []signature.Secret, target string) error {
	scheme, _ := c.Signature()
	switch {
	case !scheme.Signs() || scheme.Optional || len(secrets) > 0:
		return nil
	case scheme.Algorithm == signature.Basic:
		if u, err := url.Parse(target); err == nil && u.User != nil {
			return nil
		}
		return usagef("--secret-env "+secretName(c), "%s: %w: user:password, in --secret-env or in the URL", c.Provider(), signature.ErrNoSecret)
	}
	return usagef("--secret-env "+secretName(c), "%s: %w", c.Provider(), signature.ErrNoSecret)
}

// checkSecrets refuses secrets that the contract's scheme cannot use, before
// anything is sent or taken in. Names are those of --secret-env, or none where
// the secret stands elsewhere.
func checkSecrets(c *contracts.Contract, names []string, secrets []signature.Secret) error {
	scheme, _ := c.Signature()
	if len(secrets) == 0 {
		return nil
	}
	for i, secret := range secrets {
		_, err := scheme.Sign(signature.Input{ID: "1", Time: time.Unix(0, 0), URL: "http://localhost"}, secret)
		var wrong *signature.SecretError
		if !errors.As(err, &wrong) {
			continue
		}
		if i >= len(names) {
			return usagef("", "%s: %w", c.Provider(), wrong)
		}
		return usagef("export "+names[i]+"="+goodSecret(scheme), "%s: the secret in %s cannot be used: %s", c.Provider(), names[i], wrong.Problem)
	}
	return nil
}

// goodSecret is a secret that a scheme can use, for a shell to make.
func goodSecret(s signature.Scheme) string {
	switch {
	case s.Algorithm == signature.Basic:
		return "user:password"
	case s.Key == signature.Base64:
		return s.KeyPrefix + "$(openssl rand -base64 24)"
	}
	return "$(openssl rand -hex 24)"
}

package main

import (
	"crypto/rand"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/spf13/cobra"
)

// signFlags are the flags of "hookrig sign".
type signFlags struct {
	secrets   []string
	id, to    string
	timestamp instant
}

// signRow is the row of "hookrig sign".
type signRow struct {
	Headers map[string]string `json:"headers"`
}

func (c *console) signCommand() *cobra.Command {
	var f signFlags
	cmd := &cobra.Command{
		Use:   "sign PROVIDER FILE",
		Short: "Print the signature headers for exactly these bytes",
		Long: `Prints the headers that the provider would sign these bytes with, one a line. The
file is taken byte by byte, a newline at its end included; "-" is stdin. The
bytes need not be an event: sign what you like and send it with curl.`,
		Example: `  hookrig sign shoptet body.json --secret-env SHOPTET_SECRET
  hookrig sign xentral body.json --secret-env XENTRAL_SECRET --timestamp 1767607923
  hookrig sign shoptet body.json --secret-env SHOPTET_SECRET | curl -H @- -H 'Content-Type: application/json' --data-binary @body.json http://localhost:8080/hooks`,
		Args: exactly("PROVIDER", "FILE"),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) == 1 {
				return nil, cobra.ShellCompDirectiveDefault
			}
			return c.completeProvider(cmd, args, toComplete)
		},
		RunE: func(_ *cobra.Command, args []string) error { return c.sign(&f, args[0], args[1]) },
	}
	secretFlag(cmd, &f.secrets)
	cmd.Flags().StringVar(&f.id, "id", "", "the delivery's `ID`, where the scheme signs one (default: a random one)")
	cmd.Flags().Var(&f.timestamp, "timestamp", "the time of signing (default now)")
	cmd.Flags().StringVar(&f.to, "to", "", "the target `URL`, where the scheme speaks of it or credentials stand in it")
	return cmd
}

func (c *console) sign(f *signFlags, provider, file string) error {
	contract, err := c.contract(provider)
	if err != nil {
		return err
	}
	body, err := c.readInput(file)
	if err != nil {
		return err
	}
	scheme, from := contract.Signature()
	if !scheme.Signs() {
		c.note("%s does not sign its deliveries (%s)", contract.Provider(), from)
	}
	secrets, err := c.signingSecrets(contract, f.secrets, f.to)
	if err != nil {
		return err
	}
	if f.to == "" && strings.Contains(strings.Join(slices.Collect(maps.Values(scheme.Claims)), " "), "{url}") {
		return usagef("--to https://app.example.com", "%s: the signature speaks of the target's URL", contract.Provider())
	}
	headers, err := scheme.Sign(signature.Input{
		Body: body, ID: orRandomID(f.id), Time: f.timestamp.or(c.now(), c.now), URL: f.to,
	}, secrets...)
	if err != nil {
		return secretProblem(contract, err)
	}
	if scheme.Signs() && len(headers) == 0 {
		c.note("%s: no credentials were given, and the registered URL may come without", contract.Provider())
	}
	c.printHeaders(headers)
	return nil
}

// signingSecrets are the secrets of --secret-env, or the credentials in the
// target's URL where they are the secret.
func (c *console) signingSecrets(contract *contracts.Contract, names []string, to string) ([]signature.Secret, error) {
	secrets, err := c.secrets(names)
	if err != nil {
		return nil, err
	}
	var address *url.URL
	if to != "" {
		if address, err = target("--to", to); err != nil {
			return nil, err
		}
	}
	if err := requireSecret(contract, secrets, to); err != nil {
		return nil, err
	}
	scheme, _ := contract.Signature()
	if len(secrets) == 0 && scheme.Algorithm == signature.Basic && address != nil && address.User != nil {
		password, _ := address.User.Password()
		secrets = []signature.Secret{signature.NewSecret(address.User.Username() + ":" + password)}
	}
	return secrets, checkSecrets(contract, names, secrets)
}

func (c *console) printHeaders(headers http.Header) {
	row := signRow{Headers: map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		row.Headers[name] = headers.Get(name)
		if !c.json() {
			c.printf("%s: %s\n", name, headers.Get(name))
		}
	}
	if c.json() {
		c.row(row)
	}
}

// orRandomID makes an id of the form that the mock server gives deliveries.
func orRandomID(id string) string {
	if id == "" {
		return "dlv_" + strings.ToLower(rand.Text())[:16]
	}
	return id
}

package verifier

import (
	"cmp"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/mockserver"
)

// shortestHidden is the length from which a secret is looked for in answers:
// anything shorter is in every text by chance.
const shortestHidden = 4

// hiding replaces our secrets in what receivers answer: some tell in their
// error pages what they expected.
func hiding(o *Options) *strings.Replacer {
	var texts []string
	add := func(text string) {
		if len(text) >= shortestHidden {
			texts = append(texts, text, base64.StdEncoding.EncodeToString([]byte(text)), url.QueryEscape(text))
		}
	}
	scheme, _ := o.Contract.Signature()
	for _, secret := range o.Secrets {
		text := secret.Reveal()
		add(text)
		add(strings.TrimPrefix(text, scheme.KeyPrefix))
		if _, password, ok := strings.Cut(text, ":"); ok {
			add(password)
		}
	}
	if u, err := url.Parse(o.URL); err == nil && u.User != nil {
		password, _ := u.User.Password()
		add(password)
		add(u.User.Username() + ":" + password)
	}
	// Where one text starts another, the longer one is replaced.
	slices.SortFunc(texts, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	var pairs []string
	for _, text := range texts {
		pairs = append(pairs, text, "[redacted]")
	}
	return strings.NewReplacer(pairs...)
}

// hidden is an attempt with the secrets in its answer replaced.
func hidden(r *strings.Replacer, a mockserver.Attempt) *mockserver.Attempt {
	a.Body = []byte(r.Replace(string(a.Body)))
	a.Detail = r.Replace(a.Detail)
	header := make(http.Header, len(a.Header))
	for name, values := range a.Header {
		for _, v := range values {
			header[name] = append(header[name], r.Replace(v))
		}
	}
	a.Header = header
	return &a
}

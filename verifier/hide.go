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

// secretTexts are the secrets of a run in every spelling that an answer may have.
func secretTexts(o *Options) (texts []string) {
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
	return texts
}

// hiding replaces texts in what receivers answer: some tell in their error
// pages what they expected.
func hiding(texts []string) *strings.Replacer {
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

// Tales are what an answer must not tell.
const (
	taleSecret    = "secret"
	taleSignature = "signature" // that would have been right
)

// tales remember which answers told what. Evidence does not hold the texts
// themselves, so that this is looked at before they are hidden.
type tales struct {
	secrets, expected []string
	found             map[string]string // by delivery
}

// listen looks at one answer.
func (t *tales) listen(e mockserver.Entry) {
	var answer strings.Builder
	answer.Write(e.Attempt.Body)
	for _, values := range e.Attempt.Header {
		for _, v := range values {
			answer.WriteString("\n" + v)
		}
	}
	text := answer.String()
	holds := func(secret string) bool { return strings.Contains(text, secret) }
	switch {
	case text == "":
		return
	case slices.ContainsFunc(t.secrets, holds):
		t.note(e.Delivery, taleSecret)
	case slices.ContainsFunc(t.expected, holds):
		t.note(e.Delivery, taleSignature)
	}
}

func (t *tales) note(delivery, tale string) {
	if t.found == nil {
		t.found = map[string]string{}
	}
	t.found[delivery] = tale
}

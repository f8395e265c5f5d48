package verifier

import (
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
)

// Veil hides the secrets of a run in what receivers and oracles say, for reports:
// some receivers tell in their error pages what they expected. Its zero value
// hides nothing.
type Veil struct {
	texts []string
	r     *strings.Replacer // nil: of nothing
}

// Cover hides the secrets of an endpoint from now on, and the credentials in its
// URL, in the spellings of pages, JSON and addresses. It is not for concurrent use.
func (v *Veil) Cover(c *contracts.Contract, e mockserver.Endpoint) {
	o := Options{Contract: c, URL: e.URL, Secrets: e.Secrets}
	if e.Keys != nil {
		o.Secrets = e.Keys()
	}
	texts, words := secretTexts(&o)
	v.texts = slices.Concat(v.texts, texts, words)
	v.r = hiding(slices.Clone(v.texts))
}

// Text is a text with the secrets replaced.
func (v *Veil) Text(s string) string {
	if v.r == nil {
		return s
	}
	return v.r.Replace(s)
}

// Attempt is an attempt with the secrets replaced in its answer. The answer that it
// was made of stays as it is.
func (v *Veil) Attempt(a mockserver.Attempt) mockserver.Attempt {
	if v.r == nil {
		return a
	}
	return *hidden(v.r, a)
}

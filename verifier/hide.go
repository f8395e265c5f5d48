package verifier

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/hookrig/hookrig/mockserver"
)

// A secret is hidden in answers from one length on, and taken for told from another:
// what is shorter may stand in any text by chance.
const (
	shortestHidden = 4
	shortestTold   = 10
)

// secretTexts are the secrets of a run in every spelling that an answer may have,
// and beside them those that may as well be a word.
func secretTexts(o *Options) (texts, words []string) {
	add := func(text string) {
		if len(text) < shortestHidden {
			return
		}
		texts = append(texts, base64.StdEncoding.EncodeToString([]byte(text)))
		if len(text) < shortestTold {
			words = append(words, spellings(text)...)
		} else {
			texts = append(texts, spellings(text)...)
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
	return texts, words
}

// spellings are a text as pages, JSON and addresses write it.
func spellings(text string) []string {
	inPage := html.EscapeString(text)
	escaped, _ := json.Marshal(text) // with < as \u003c, beside which quote leaves it
	inJSON := strings.Trim(quote(text), `"`)
	return []string{
		text, url.QueryEscape(text), url.PathEscape(text), inPage, strings.ReplaceAll(inPage, "+", "&#43;"),
		inJSON, strings.ReplaceAll(inJSON, "/", `\/`), strings.Trim(string(escaped), `"`),
	}
}

// proofs are the headers by which the deliveries of a run were believed, by
// delivery: who has one can send the same again for a while.
type proofs struct {
	mu sync.Mutex
	of map[string][]string
}

// shortestProof is the length from which a part of such a header is a signature.
const shortestProof = 16

// note remembers a header, and what stands in it beside marks such as "sha256=".
func (p *proofs) note(delivery, value string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if value == "" || slices.Contains(p.of[delivery], value) {
		return
	}
	if p.of == nil {
		p.of = map[string][]string{}
	}
	p.of[delivery] = append(p.of[delivery], spellings(value)...)
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return strings.ContainsRune(" ,;=", r) }) {
		if len(part) >= shortestProof {
			p.of[delivery] = append(p.of[delivery], spellings(part)...)
		}
	}
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

// hiddenState is what an oracle said with the secrets replaced; it stays JSON where
// it was.
func hiddenState(r *strings.Replacer, state json.RawMessage) json.RawMessage {
	text := json.RawMessage(r.Replace(string(state)))
	if json.Valid(state) && !json.Valid(text) { // a number
		return json.RawMessage(`"[redacted]"`)
	}
	if state == nil {
		return nil
	}
	return text
}

// hiddenSightings are sightings with the secrets replaced in what oracles say.
func hiddenSightings(r *strings.Replacer, all []Sighting) []Sighting {
	out := slices.Clone(all)
	for i := range out {
		out[i].State, out[i].Error = hiddenState(r, out[i].State), r.Replace(out[i].Error)
	}
	return out
}

// hiddenTrials are trials with the secrets replaced in what oracles say.
func hiddenTrials(r *strings.Replacer, all []Trial) []Trial {
	out := slices.Clone(all)
	for i := range out {
		t := &out[i]
		t.Error, t.Records = r.Replace(t.Error), slices.Clone(t.Records)
		for j := range t.Records {
			seen := &t.Records[j]
			for _, state := range []*json.RawMessage{&seen.Before, &seen.State, &seen.Reference} {
				*state = hiddenState(r, *state)
			}
		}
		if t.Sequence != nil {
			q := *t.Sequence
			q.Because = r.Replace(q.Because)
			t.Sequence = &q
		}
	}
	return out
}

// Tales are what an answer must not tell.
const (
	taleSecret    = "secret"
	taleWord      = "word"      // the secret, or a word that is the same
	taleSignature = "signature" // that would have been right
)

// tales remember which answers told what. Evidence does not hold the texts
// themselves, so that this is looked at before they are hidden.
type tales struct {
	secrets, words, expected []string
	found                    map[string]string // by delivery
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
	case slices.ContainsFunc(t.words, holds):
		t.note(e.Delivery, taleWord)
	}
}

func (t *tales) note(delivery, tale string) {
	if t.found == nil {
		t.found = map[string]string{}
	}
	t.found[delivery] = tale
}

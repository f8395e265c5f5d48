package receivers

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts/signature"
)

// How receivers check wrongly who sends.
const (
	NoSignatureCheck       Defect = "no-signature-check"       // believes everything
	MissingMeansTrusted    Defect = "missing-means-trusted"    // checks a signature only if there is one
	EmptyMeansTrusted      Defect = "empty-means-trusted"      // compares with an empty value and finds it equal
	PrefixCompare          Defect = "prefix-compare"           // compares as far as the received value goes (no tokens)
	BreaksOnOtherLength    Defect = "breaks-on-other-length"   // compares in constant time with a function that throws on other lengths
	BreaksOnGarbled        Defect = "breaks-on-garbled"        // 500 when a signature cannot be decoded
	BreaksOnTwoLines       Defect = "breaks-on-two-lines"      // the framework gives a list where a text was expected
	BelievesTheFirst       Defect = "believes-the-first"       // looks at the first line of a header alone
	TakesWeakerAlgorithm   Defect = "takes-weaker-algorithm"   // still accepts what was used before
	BelievesAlgNone        Defect = "believes-alg-none"        // lets a token say how it is to be checked
	DecodesTokens          Defect = "decodes-tokens"           // reads a token without verifying it
	ChecksUserAlone        Defect = "checks-user-alone"        // compares the name and not the password
	KeepsGoodSignatures    Defect = "keeps-good-signatures"    // believes a signature that was right before
	KeepsGoodBodies        Defect = "keeps-good-bodies"        // believes body and signature that were right before, whatever the time
	BreaksWithoutTime      Defect = "breaks-without-time"      // 500 where the header of the time is missing
	BreaksOnGarbledTime    Defect = "breaks-on-garbled-time"   // 500 where the time is no number
	NoTimeCheck            Defect = "no-time-check"            // checks the signature and never the time
	OneSidedClock          Defect = "one-sided-clock"          // refuses what is too old, and never what is of the future
	KnowsOneSignature      Defect = "knows-one-signature"      // takes the first of several signatures
	RefusesUnknownVersions Defect = "refuses-unknown-versions" // refuses where one of several is of a version that it does not know
	ReserialisesBody       Defect = "reserialises-body"        // parses and writes the JSON before it checks
	HashesCharacters       Defect = "hashes-characters"        // turns the body into ASCII before it checks
	ParsesBeforeCheck      Defect = "parses-before-check"      // 400 before 401
	EffectBeforeCheck      Defect = "effect-before-check"      // works first, checks afterwards
	TellsExpectedSignature Defect = "tells-expected-signature" // "expected …, got …"
	TellsSecret            Defect = "tells-secret"             // a debug page with the environment
)

// proofIs is a habit that looks at the values of the header that has to be right.
func proofIs(so func(values []string) bool) func(*Receiver, *delivery) bool {
	return func(r *Receiver, d *delivery) bool { return so(d.Header.Values(r.proof())) }
}

// orIf believes what is right, and something else.
func orIf(so func(*Receiver, *delivery) bool) func(*Receiver, *delivery, bool) bool {
	return func(r *Receiver, d *delivery, right bool) bool { return right || so(r, d) }
}

var authenticityBugs = []bug{
	{NoSignatureCheck, habit{trusts: func(*Receiver, *delivery, bool) bool { return true }}},
	{MissingMeansTrusted, habit{trusts: orIf(proofIs(func(v []string) bool { return len(v) == 0 }))}},
	{EmptyMeansTrusted, habit{trusts: orIf(proofIs(func(v []string) bool { return len(v) > 0 && v[0] == "" }))}},
	{PrefixCompare, habit{trusts: func(r *Receiver, d *delivery, right bool) bool {
		received := d.Header.Get(r.proof())
		return right || len(d.Header.Values(r.proof())) == 1 && received != "" && strings.HasPrefix(r.expected(d), received) && r.fresh(d)
	}}},
	{BreaksOnOtherLength, habit{early: when(http.StatusInternalServerError, func(r *Receiver, d *delivery) bool {
		received := d.Header.Get(r.proof())
		return received != "" && len(received) < len(r.expected(d))
	})}},
	{BreaksOnGarbled, habit{early: when(http.StatusInternalServerError, proofIs(func(v []string) bool { return len(v) == 1 && strings.Contains(v[0], "*") }))}},
	{BreaksOnTwoLines, habit{early: when(http.StatusInternalServerError, proofIs(func(v []string) bool { return len(v) > 1 }))}},
	{BelievesTheFirst, habit{trusts: orIf(func(r *Receiver, d *delivery) bool {
		h := d.Header.Clone()
		h.Set(r.proof(), h.Get(r.proof()))
		return r.verified(h, d.body)
	})}},
	{TakesWeakerAlgorithm, habit{trusts: orIf(func(r *Receiver, d *delivery) bool {
		scheme, _ := r.contract.Signature()
		if scheme.Algorithm != signature.HMACSHA256 && scheme.Algorithm != signature.HMACSHA512 {
			return false
		}
		scheme.Algorithm = signature.HMACSHA1
		return r.verifiedBy(scheme, d.Header, d.body) && r.fresh(d)
	})}},
	{BelievesAlgNone, habit{trusts: orIf(func(r *Receiver, d *delivery) bool {
		return tokenHead(d.Header.Get(r.proof()))["alg"] == "none"
	})}},
	{DecodesTokens, habit{trusts: orIf(func(r *Receiver, d *delivery) bool {
		return len(d.Header.Values(r.proof())) == 1 && tokenHead(d.Header.Get(r.proof()))["alg"] == "HS256"
	})}},
	{ChecksUserAlone, habit{trusts: orIf(func(r *Receiver, d *delivery) bool {
		user, _, ok := d.BasicAuth()
		if !ok || len(r.secrets) == 0 || len(d.Header.Values(r.proof())) != 1 {
			return false
		}
		name, _, _ := strings.Cut(r.secrets[0].Reveal(), ":")
		return user == name
	})}},
	{KeepsGoodSignatures, habit{trusts: kept(func(r *Receiver, d *delivery) string { return d.Header.Get(r.proof()) })}},
	{KeepsGoodBodies, habit{trusts: kept(func(r *Receiver, d *delivery) string {
		return fmt.Sprintf("%s %x", d.Header.Get(r.proof()), sha256.Sum256(d.body))
	})}},
	{BreaksWithoutTime, habit{early: when(http.StatusInternalServerError, func(r *Receiver, d *delivery) bool {
		scheme, _ := r.contract.Signature()
		return scheme.TimestampHeader != "" && len(d.Header.Values(scheme.TimestampHeader)) == 0
	})}},
	{BreaksOnGarbledTime, habit{early: when(http.StatusInternalServerError, func(r *Receiver, d *delivery) bool {
		scheme, _ := r.contract.Signature()
		value := d.Header.Get(scheme.TimestampHeader)
		_, err := strconv.Atoi(value)
		return value != "" && err != nil
	})}},
	{NoTimeCheck, habit{trusts: orIf(func(r *Receiver, d *delivery) bool { return d.opened.Signature.OK() })}},
	{OneSidedClock, habit{trusts: orIf(func(r *Receiver, d *delivery) bool {
		scheme, _ := r.contract.Signature()
		seconds, err := strconv.ParseInt(d.Header.Get(scheme.TimestampHeader), 10, 64)
		return err == nil && d.opened.Signature.OK() && time.Unix(seconds, 0).After(time.Now())
	})}},
	{KnowsOneSignature, habit{trusts: func(r *Receiver, d *delivery, right bool) bool {
		pieces := r.pieces(d)
		if len(pieces) < 2 {
			return right
		}
		h := d.Header.Clone()
		h.Set(r.proof(), pieces[0])
		if !strings.HasPrefix(pieces[0], "v1,") {
			h.Set(r.proof(), pieces[1])
		}
		return right && r.verified(h, d.body)
	}}},
	{RefusesUnknownVersions, habit{trusts: func(r *Receiver, d *delivery, right bool) bool {
		for _, piece := range r.pieces(d) {
			right = right && strings.HasPrefix(piece, "v1,")
		}
		return right
	}}},
	{ReserialisesBody, habit{trusts: func(r *Receiver, d *delivery, right bool) bool {
		var again bytes.Buffer // keeps the order of members, as most languages do, but no white space
		if json.Compact(&again, d.body) != nil {
			return right
		}
		return r.verified(d.Header, again.Bytes())
	}}},
	{HashesCharacters, habit{trusts: func(r *Receiver, d *delivery, _ bool) bool {
		ascii := []byte(strings.Map(func(c rune) rune {
			if c > 0x7f {
				return '?'
			}
			return c
		}, string(d.body)))
		return r.verified(d.Header, ascii)
	}}},
	{ParsesBeforeCheck, habit{early: when(http.StatusBadRequest, func(_ *Receiver, d *delivery) bool { return !wellFormed(d.body) })}},
	{EffectBeforeCheck, habit{early: func(r *Receiver, d *delivery) int { r.act(d); return 0 }}},
	{TellsExpectedSignature, habit{answer: func(r *Receiver, w http.ResponseWriter, d *delivery, status int) bool {
		if status != http.StatusUnauthorized {
			return false
		}
		w.WriteHeader(status)
		fmt.Fprintf(w, "invalid signature: expected %s, got %s\n", r.expected(d), d.Header.Get(r.proof()))
		return true
	}}},
	{TellsSecret, habit{answer: func(r *Receiver, w http.ResponseWriter, _ *delivery, status int) bool {
		if status != http.StatusBadRequest || len(r.secrets) == 0 {
			return false
		}
		w.WriteHeader(status)
		fmt.Fprintf(w, "Whoops! DEBUG=true\nAPP_ENV=production\nWEBHOOK_SECRET=%s\n", r.secrets[0].Reveal())
		return true
	}}},
}

// kept believes what was right once.
func kept(of func(*Receiver, *delivery) string) func(*Receiver, *delivery, bool) bool {
	return func(r *Receiver, d *delivery, right bool) bool {
		if len(d.Header.Values(r.proof())) != 1 {
			return right
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		if right {
			mark(&r.good, of(r, d))
		}
		return right || r.good[of(r, d)]
	}
}

// expected is the proof that would have been right.
func (r *Receiver) expected(d *delivery) string {
	scheme, _ := r.contract.Signature()
	if len(r.secrets) == 0 || !scheme.Signs() {
		return ""
	}
	why, err := scheme.Explain(d.Header, d.body, time.Now(), r.secrets[0])
	if err != nil {
		return ""
	}
	return why.Expected
}

func (r *Receiver) fresh(d *delivery) bool {
	scheme, _ := r.contract.Signature()
	return fresh(scheme, d.Header)
}

// pieces are the signatures of a header that may hold several.
func (r *Receiver) pieces(d *delivery) []string {
	scheme, _ := r.contract.Signature()
	if scheme.Separator == "" {
		return nil
	}
	return strings.Split(d.Header.Get(r.proof()), scheme.Separator)
}

// tokenHead is what a token says of itself.
func tokenHead(token string) map[string]any {
	part, _, _ := strings.Cut(token, ".")
	text, err := base64.RawURLEncoding.DecodeString(part)
	var head map[string]any
	if err != nil || json.Unmarshal(text, &head) != nil {
		return nil
	}
	return head
}

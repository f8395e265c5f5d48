package verifier

import (
	"strings"

	"github.com/hookrig/hookrig/contracts/signature"
)

// This file tells findings in the words of whoever checks a name and a password,
// or a token, and no signature over a body.

// inCredentials are the suite's words for signatures, and those for credentials.
// Where one text begins another, the longer one stands first.
var inCredentials = strings.NewReplacer(
	"Compute the signature over the received bytes with your secret and compare.", "Compare the user and the password of the header Authorization with those of the registered URL, both in full.",
	"A signature that is not checked against the shared secret protects nothing.", "Credentials that are not checked protect nothing.",
	"A signature that cannot be decoded", "A header that cannot be decoded",
	"Refuse with 401 before reading the body if the signature header is absent.", "Refuse with 401 before reading the body if the header Authorization is absent.",
	"Treat an empty signature as a missing one.", "Treat an empty header as a missing one.",
	"Treat what cannot be decoded as a wrong signature.", "Treat what cannot be decoded as wrong credentials.",
	"more than one line of the signature's header", "more than one line of the header Authorization",
	"Who parses before checking the signature", "Who parses before checking the credentials",
	"Check the signature first", "Check the credentials first",
	"Check the signature before anything else.", "Check the credentials before anything else.",
	"Write nothing down before the signature was checked.", "Write nothing down before the credentials were checked.",
	"a delivery without a signature", "a delivery without credentials",
	"a delivery with an empty signature", "a delivery with an empty header Authorization",
	"a delivery with three quarters of its signature", "a delivery with three quarters of its credentials",
	"a signature of characters that no encoding has", "a header Authorization that cannot be decoded",
	"two lines of the signature's header", "two lines of the header Authorization",
	"of two signatures, which one", "of two lines of credentials, which one",
	"a delivery signed with another key", "a delivery with other credentials",
	"a delivery signed with a wrong key", "a delivery with wrong credentials",
	"half a body without a signature", "half a body without credentials",
)

// inTokens does the same for signed tokens, which cover no body.
var inTokens = strings.NewReplacer(
	"Compute the signature over the received bytes with your secret and compare.", "Verify the token with your secret, and name the one algorithm that is allowed; decoding it proves nothing.",
	"Refuse with 401 before reading the body if the signature header is absent.", "Refuse with 401 before reading the body if the token is absent.",
	"a delivery without a signature", "a delivery without a token",
	"half a body without a signature", "half a body without a token",
	"a delivery signed with another key", "a delivery whose token is signed with another key",
)

// inItsWords puts a result into the words that fit how the provider proves who it
// is.
func (c *Result) inItsWords(scheme signature.Scheme) {
	var words *strings.Replacer
	switch scheme.Algorithm {
	case signature.Basic:
		words = inCredentials
	case signature.JWTHS256:
		words = inTokens
	default:
		return
	}
	if c.Group != "authenticity" && c.Group != "state" {
		return
	}
	for _, text := range []*string{&c.Because, &c.Why, &c.Fix, &c.Expected} {
		*text = words.Replace(*text)
	}
}

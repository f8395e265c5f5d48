package verifier

import (
	"net/http"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
)

// A forgery never keeps the right proof: whoever accepts that is right.
func TestAForgeryHasNoRightProof(t *testing.T) {
	for _, secrets := range [][]signature.Secret{nil, {signature.NewSecret("canary-secret-of-the-tests")}} {
		s := &session{start: time.Unix(1, 0), options: Options{Contract: shop(t), URL: "http://receiver.test/", Secrets: secrets}}
		r := &contracts.Request{Header: http.Header{"X-Shop-Signature": {"v1,right"}}, Body: []byte("{}")}
		weakerAlgorithm(s, r)
		if got := r.Header.Get("X-Shop-Signature"); got == "v1,right" || (got != "") != (secrets != nil) {
			t.Errorf("%d secrets: %q", len(secrets), got)
		}
	}
}

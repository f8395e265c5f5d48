package signature_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts/signature"
)

func TestPublishedVectors(t *testing.T) {
	for _, v := range []struct {
		name   string
		scheme signature.Scheme
		key    string
		time   int64
		body   string
		want   string
	}{
		{
			name: "xentral, help article 7317606468636",
			scheme: signature.Scheme{Algorithm: signature.HMACSHA256, Signed: "{body}{timestamp}", Encoding: "hex",
				Header: "xentral-signature", TimestampHeader: "xentral-request-timestamp"},
			key:  "e4nRJ04Ss2m3EkQxn19V",
			time: 1716910210,
			body: `{"type":"com.xentral.salesOrder.protocolCreated.v1","body":{"createdAt":"2024-05-28T17:30:07+02:00","salesOrderId":169,"salesOrderProtocolId":586}}`,
			want: "67b9db5fbe8add6c5b073f42091f593e994de32c83741573015442c154214bcf",
		},
		{
			name: "shoptet, SDK SignatureValidatorTest",
			scheme: signature.Scheme{Algorithm: signature.HMACSHA1, Signed: "{body}", Encoding: "hex",
				Header: "Shoptet-Webhook-Signature"},
			key:  "61d1175f54c47dd67df14c17002a17b2",
			body: `{"eshopId":315185,"event":"addon:uninstall","eventCreated":"2019-09-23T22:01:36+0200","eventInstance":"315185"}`,
			want: "a0e0a3e7689bd4c80e4d6ffcccb05235b864e1d0",
		},
	} {
		t.Run(v.name, func(t *testing.T) {
			at := time.Unix(v.time, 0)
			secret := signature.NewSecret(v.key)
			h, err := v.scheme.Sign(signature.Input{Body: []byte(v.body), Time: at}, secret)
			if err != nil {
				t.Fatal(err)
			}
			if got := h.Get(v.scheme.Header); got != v.want {
				t.Errorf("got %s, want %s", got, v.want)
			}
			finding, err := v.scheme.Verify(h, []byte(v.body), at, secret)
			if err != nil || !finding.OK() {
				t.Errorf("not accepted: %v, %v", finding, err)
			}
			finding, err = v.scheme.Verify(h, []byte(v.body+" "), at, secret)
			if err != nil || finding.Reason != signature.ReasonMismatch {
				t.Errorf("a changed body: %v, %v", finding, err)
			}
		})
	}
}

// RFC 2202, section 3, and RFC 4231, section 4, test cases 2 and 6.
func TestVectorsOfTheRFCs(t *testing.T) {
	const jefe, what = "Jefe", "what do ya want for nothing?"
	const long = "Test Using Larger Than Block-Size Key - Hash Key First"
	for _, v := range []struct{ algorithm, key, body, want string }{
		{signature.HMACSHA1, jefe, what, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
		{signature.HMACSHA256, jefe, what, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
		{signature.HMACSHA512, jefe, what, "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
		{signature.HMACSHA1, strings.Repeat("\xaa", 80), long, "aa4ae5e15272d00e95705637ce8a3b55ed402112"},
		{signature.HMACSHA256, strings.Repeat("\xaa", 131), long, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
		{signature.HMACSHA512, strings.Repeat("\xaa", 131), long, "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
	} {
		s := signature.Scheme{Algorithm: v.algorithm, Signed: "{body}", Encoding: signature.Hex, Header: "x"}
		h, err := s.Sign(signature.Input{Body: []byte(v.body)}, signature.NewSecret(v.key))
		if err != nil || h.Get("x") != v.want {
			t.Errorf("%s: %v, %v", v.algorithm, h, err)
		}
	}
}

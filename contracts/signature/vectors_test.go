package signature_test

import (
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

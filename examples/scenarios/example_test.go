package scenarios_test

import (
	"context"
	"testing"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/examples/shop"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
	"github.com/hookrig/hookrig/verifier/scenario"
)

func TestLostAcknowledgement(t *testing.T) {
	receiver := shop.New("s3cr3t")
	scenario.Verify(t, "testdata/lost-acknowledgement.yaml", receiver, []*contracts.Contract{catalog.Shoptet()}, scenario.Options{
		Endpoints: map[string]mockserver.Endpoint{"shoptet": {Secrets: []signature.Secret{signature.NewSecret("s3cr3t")}}},
		Oracle: verifier.OracleFunc(func(_ context.Context, ev contracts.Event, _ string) (int, error) {
			return receiver.Done(ev.Body), nil
		}),
	})
}

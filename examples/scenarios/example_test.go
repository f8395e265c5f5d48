package scenarios_test

import (
	"context"
	"os"
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
	s, err := scenario.Load(os.DirFS("testdata"), "lost-acknowledgement.yaml")
	if err != nil {
		t.Fatal(err)
	}
	receiver := shop.New("s3cr3t")
	scenario.Test(t, s, []*contracts.Contract{catalog.Shoptet()}, scenario.Options{
		Endpoints: map[string]mockserver.Endpoint{"shoptet": {URL: "http://shop.test/hooks", Secrets: []signature.Secret{signature.NewSecret("s3cr3t")}}},
		Transport: mockserver.InProcess(receiver), // without it, over the network
		Oracle: verifier.OracleFunc(func(_ context.Context, ev contracts.Event, _ string) (int, error) {
			return receiver.Done(ev.Body), nil
		}),
	})
}

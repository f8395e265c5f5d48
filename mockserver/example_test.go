package mockserver_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
)

// exampleEvent loads a small contract and makes an event of it by hand; package
// faker makes better ones.
func exampleEvent() (*contracts.Contract, contracts.Event) {
	contract, err := contracts.Load(os.DirFS("testdata"), "shop.yaml")
	if err != nil {
		log.Fatal(err)
	}
	sold, err := contract.EventType("sold")
	if err != nil {
		log.Fatal(err)
	}
	return contract, contracts.Event{Type: sold, Body: []byte(`{"type":"sold","id":7}`)}
}

// A program runs the server for as long as it needs it. Here the receiver is an
// Inbox in the same process, so that nothing is dialled.
func Example() {
	contract, event := exampleEvent()
	secrets := []signature.Secret{signature.NewSecret("s3cr3t")}
	inbox := mockserver.NewInbox(contract, mockserver.InboxOptions{Secrets: secrets})

	server := mockserver.New(mockserver.Options{Transport: mockserver.InProcess(inbox)})
	err := server.Run(context.Background(), func(ctx context.Context) error {
		outcome, err := server.Send(mockserver.Parcel{
			Event:    event,
			Endpoint: mockserver.Endpoint{URL: "https://shop.test/hooks", Secrets: secrets},
		}).Wait(ctx)
		if err != nil {
			return err
		}
		fmt.Println(outcome.State, "because the receiver", outcome.Reason)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, received := range inbox.Received() {
		fmt.Printf("%s %s: %s\n", received.Request.Method, received.Request.URL, received.Request.Body)
	}
	// Output:
	// delivered because the receiver answered 200, which is a success (2xx)
	// POST https://shop.test/hooks: {"type":"sold","id":7}
}

// A test plays hours of retries in no time: the bubble's clock jumps whenever
// everybody waits.
func ExampleStart() {
	_ = func(t *testing.T) { // your TestReceiver
		synctest.Test(t, func(t *testing.T) {
			_, event := exampleEvent()
			yours := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(http.StatusServiceUnavailable)
			})
			server := mockserver.Start(t, mockserver.Options{Transport: mockserver.InProcess(yours)})
			outcome, err := server.Send(mockserver.Parcel{
				Event:    event,
				Endpoint: mockserver.Endpoint{URL: "http://yours.test/", Secrets: []signature.Secret{signature.NewSecret("s3cr3t")}},
			}).Wait(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range outcome.Attempts {
				t.Logf("%v: attempt %d, %s", a.Started, a.Number, a.Reason)
			}
		})
	}
}

// A Tamper mishandles single attempts: here the receiver's first answer gets
// lost, and the provider sends the event again.
func ExampleTamper() {
	contract, event := exampleEvent()
	inbox := mockserver.NewInbox(contract, mockserver.InboxOptions{Unchecked: true})
	server := mockserver.New(mockserver.Options{Transport: mockserver.InProcess(inbox), Speed: 10_000})
	err := server.Run(context.Background(), func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		outcome, err := server.Send(mockserver.Parcel{
			Event:    event,
			Endpoint: mockserver.Endpoint{URL: "http://shop.test/", Secrets: []signature.Secret{signature.NewSecret("s3cr3t")}},
			Tamper:   mockserver.Tamper{Name: "lost answer", LoseAnswer: func(attempt int) bool { return attempt == 1 }},
		}).Wait(ctx)
		for _, a := range outcome.Attempts {
			fmt.Printf("%d: %d %q\n", a.Number, a.Status, a.Failure)
		}
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(inbox.Received()), "requests")
	// Output:
	// 1: 200 "lost-answer"
	// 2: 200 ""
	// 2 requests
}

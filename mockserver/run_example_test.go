package mockserver_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
)

// A schedule is data, and a maker says what is sent at each of its times: here a
// rate that rises, at 1,000 times the speed.
func ExampleRun() {
	contract, event := exampleEvent()
	inbox := mockserver.NewInbox(contract, mockserver.InboxOptions{Unchecked: true})
	server := mockserver.New(mockserver.Options{Transport: mockserver.InProcess(inbox), Speed: 1000})

	run, err := mockserver.NewRun(server, mockserver.Schedule{
		Name:    "morning",
		Pattern: mockserver.Pattern{Ramp: &mockserver.Ramp{From: 0, To: 0.2, Over: mockserver.Duration(2 * time.Minute)}, Count: 10},
	}, mockserver.RunOptions{
		Make: func(index uint64, _ mockserver.Share) (mockserver.Parcel, error) {
			return mockserver.Parcel{
				Event:    contracts.Event{Type: event.Type, Body: fmt.Appendf(nil, `{"type":"sold","id":%d}`, index)},
				Endpoint: mockserver.Endpoint{URL: "http://shop.test/", Secrets: []signature.Secret{signature.NewSecret("s3cr3t")}},
			}, nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	err = server.Run(context.Background(), func(ctx context.Context) error {
		if err := run.Do(ctx); err != nil {
			return err
		}
		return server.Idle(ctx)
	})
	if err != nil {
		log.Fatal(err)
	}
	status := run.Status()
	fmt.Println(status.State, status.Emitted, "sent,", len(inbox.Received()), "received, the last as", run.DeliveryID(9))
	// Output: done 10 sent, 10 received, the last as morning-9
}

// The times of a pattern can be looked at without sending anything.
func ExamplePattern_Times() {
	p := mockserver.Pattern{Cron: "30 2 * * *", Zone: "Europe/Prague", Count: 3}
	for index, at := range p.Times(time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC), 0, 0) {
		fmt.Println(index, at)
	}
	// Output:
	// 0 2026-03-28 01:30:00 +0000 UTC
	// 1 2026-03-29 01:00:00 +0000 UTC
	// 2 2026-03-30 00:30:00 +0000 UTC
}

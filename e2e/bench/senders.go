//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime/pprof"
	"sync"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/sqlite"
)

// senders in the order in which they take turns.
var senders = []string{"loop", "wrk", "lean", "hookrig", "hookrig-lean"}

// events are the bench's two, by size.
var events = map[string]string{"small": "stock.changed", "order": "order.created"}

func open(size string) (*faker.Faker, *contracts.EventType, error) {
	name, ok := events[size]
	if !ok {
		return nil, nil, fmt.Errorf("unknown size %q: small or order", size)
	}
	c, err := contracts.Load(os.DirFS("."), "e2e/bench/contract.yaml")
	if err != nil {
		return nil, nil, err
	}
	f, err := faker.New(c, faker.Options{Seed: 1, Events: []string{name}})
	if err != nil {
		return nil, nil, err
	}
	t, err := c.EventType(name)
	return f, t, err
}

// sample is a body for those who send the same one each time.
func sample(size string) ([]byte, error) {
	f, t, err := open(size)
	if err != nil {
		return nil, err
	}
	return f.Append(nil, t, 0), nil
}

func (j job) send(role string) error {
	if j.profile != "" {
		f, err := os.Create(j.profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	switch role {
	case "loop":
		return j.loop()
	case "lean":
		return j.lean()
	case "hookrig":
		return j.deliver(egress.Rules{})
	case "hookrig-lean":
		return j.deliver(egress.Rules{HighRate: true})
	}
	return fmt.Errorf("unknown role %q", role)
}

// loop is what one writes first: workers around http.Client.
func (j job) loop() error {
	body, err := sample(j.size)
	if err != nil {
		return err
	}
	transport := &http.Transport{MaxIdleConnsPerHost: j.conns}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	return j.each(func() error {
		res, err := client.Post(j.url, "application/json", bytes.NewReader(body))
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, res.Body)
		return res.Body.Close()
	})
}

// lean is the high-rate transport alone.
func (j job) lean() error {
	body, err := sample(j.size)
	if err != nil {
		return err
	}
	transport := egress.NewTransport(egress.Rules{HighRate: true})
	defer transport.CloseIdleConnections()
	target := transport.Aim(j.url)
	return j.each(func() error {
		p := egress.Plain{Target: target, Method: http.MethodPost, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
		return transport.Carry(context.Background(), time.Now().Add(time.Minute), &p, 4096, 4096).Err
	})
}

// each lets a worker for each connection send.
func (j job) each(send func() error) error {
	jobs := make(chan struct{}, j.conns)
	failed := make(chan error, j.conns)
	var crew sync.WaitGroup
	for range j.conns {
		crew.Go(func() {
			for range jobs {
				if err := send(); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	for range j.n {
		select {
		case jobs <- struct{}{}:
		case err := <-failed:
			return err
		}
	}
	close(jobs)
	crew.Wait()
	return nil
}

// deliver is hookrig's whole path.
func (j job) deliver(r egress.Rules) (err error) {
	f, t, err := open(j.size)
	if err != nil {
		return err
	}
	journal, err := sqlite.Open(j.journal, sqlite.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, journal.Close()) }()
	server := mockserver.New(mockserver.Options{
		Journal: journal, Transport: egress.NewTransport(r), Seed: 1, PerEndpoint: 4 * j.conns, // a slot lasts until the outcome is durable
	})
	to := mockserver.Endpoint{URL: j.url, Secrets: []signature.Secret{signature.NewSecret("a secret for measuring")}}
	return server.Run(context.Background(), func(ctx context.Context) error {
		const ahead = 4096 // deliveries under way: more would measure the garbage collector
		size := len(f.Append(nil, t, 0))
		for n := range j.n {
			body := f.Append(make([]byte, 0, size+size/8), t, uint64(n)) // the journal keeps it
			server.Send(mockserver.Parcel{Event: contracts.Event{Type: t, Body: body}, Endpoint: to})
			if n%ahead == ahead-1 {
				if err := server.Idle(ctx); err != nil {
					return err
				}
			}
		}
		if err := server.Idle(ctx); err != nil {
			return err
		}
		if s := server.Stats(); s.Delivered != j.n {
			return fmt.Errorf("not all were delivered: %+v", s)
		}
		return nil
	})
}

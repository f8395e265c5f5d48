package mockserver

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// BenchmarkDelivery is the whole way of a delivery: send, journal, seal, attempt,
// policy, journal. Beside it, in the same run, is what the network alone costs:
// a loop around http.Client that sends one body over and over.
func BenchmarkDelivery(b *testing.B) {
	receiver := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) })
	network := httptest.NewServer(receiver)
	defer network.Close()

	b.Run("in-process", func(b *testing.B) {
		deliverAll(b, Options{Transport: InProcess(receiver)}, virtual)
	})
	b.Run("network", func(b *testing.B) {
		deliverAll(b, Options{PerEndpoint: 32}, network.URL)
	})
	b.Run("http-client-loop", func(b *testing.B) {
		transport := &http.Transport{MaxIdleConnsPerHost: 32}
		defer transport.CloseIdleConnections()
		client := &http.Client{Transport: transport}
		body := event("sold", 1).Body
		jobs := make(chan struct{})
		var crew sync.WaitGroup
		for range 32 {
			crew.Go(func() {
				for range jobs {
					res, err := client.Post(network.URL, "application/json", bytes.NewReader(body))
					if err != nil {
						b.Error(err)
						continue
					}
					io.Copy(io.Discard, res.Body)
					res.Body.Close()
				}
			})
		}
		b.ReportAllocs()
		for b.Loop() {
			jobs <- struct{}{}
		}
		close(jobs)
		crew.Wait()
	})
}

func deliverAll(b *testing.B, o Options, url string) {
	s := Start(b, o)
	p := parcel(url, nil)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if n++; n%1024 == 0 { // an open loop would measure the garbage collector
			s.Idle(b.Context())
		}
		s.Send(p)
	}
	if err := s.Idle(b.Context()); err != nil {
		b.Fatal(err)
	}
	if st := s.Stats(); st.Delivered != st.Sent {
		b.Fatalf("%+v", st)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "deliveries/s")
}

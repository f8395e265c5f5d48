package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
)

// fetching is a receiver as partners write them: it takes the identifier out of
// an event and fetches the order from the provider. It is "fetching PROVIDERS",
// with the base URL of the providers' own APIs, and prints a line for each event:
// what the answer says of the order, and whether it agrees with the event and
// with what other providers said of the same order.
// With a path behind it, it fetches only that.
func fetching() {
	f := &fetcher{base: os.Args[1], totals: map[string]int64{}}
	if len(os.Args) > 2 {
		status, body := f.get(os.Args[2])
		fmt.Println(status, string(body))
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	f.print(map[string]any{"type": "ready", "url": "http://" + l.Addr().String()})
	fmt.Fprintln(os.Stderr, http.Serve(l, f))
}

type fetcher struct {
	base   string
	mu     sync.Mutex
	totals map[string]int64 // in minor units, by the order's number
}

func (f *fetcher) print(row any) {
	text, _ := json.Marshal(row)
	fmt.Println(string(text))
}

// fetched is an order as a provider's API shows it: one of the three shapes.
type fetched struct {
	ID   json.Number
	Cost struct{ WithTax json.Number }
	Data struct {
		ID, DocumentNumber string
		Total              struct{ Amount string }
		Order              struct {
			Code  string
			Price struct{ WithVat string }
		}
	}
}

func (f *fetcher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var e struct {
		Type, Event, EventInstance string
		Body                       struct{ SalesOrderID json.Number }
		Payload                    struct {
			ID   json.Number
			Cost struct{ WithTax json.Number }
		}
	}
	if err != nil || json.Unmarshal(body, &e) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	path, key := "", ""
	switch name := cmp.Or(e.Event, e.Type); name {
	case "order:create":
		key = e.EventInstance
		path = "/providers/shoptet/api/orders/" + key
	case "com.xentral.salesOrder.created.v1":
		key = e.Body.SalesOrderID.String()
		path = "/providers/xentral/api/v1/salesOrders/" + key
	case "order-confirmed":
		key = e.Payload.ID.String()
		path = "/providers/scayle/shops/ms/countries/DE/orders/" + key
	default:
		return
	}
	status, o := f.fetch(path)
	if status == 0 { // the server is down: it sends again once it is up
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	total := minor(cmp.Or(o.Data.Order.Price.WithVat, o.Data.Total.Amount))
	if o.Cost.WithTax != "" {
		total, _ = o.Cost.WithTax.Int64()
	}
	same := cmp.Or(o.Data.Order.Code, o.Data.ID, o.ID.String()) == key
	if said := e.Payload.Cost.WithTax; said != "" {
		same = same && said == o.Cost.WithTax
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if number := cmp.Or(o.Data.Order.Code, o.Data.DocumentNumber); number != "" {
		if known, ok := f.totals[number]; ok && known != total {
			same = false
		}
		f.totals[number] = total
	}
	f.print(map[string]any{"type": "fetched", "path": path, "status": status, "same": same, "total": total})
}

func (f *fetcher) fetch(path string) (status int, o fetched) {
	status, body := f.get(path)
	_ = json.Unmarshal(body, &o) // an answer without an order has none of its members
	return status, o
}

func (f *fetcher) get(path string) (status int, body []byte) {
	r, err := http.NewRequest(http.MethodGet, strings.TrimSuffix(f.base, "/")+path, nil)
	if err != nil {
		return 0, nil
	}
	r.Header.Set("Shoptet-Access-Token", "any")
	r.Header.Set("X-Access-Token", "any")
	r.Header.Set("Authorization", "Bearer any")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil
	}
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	if err != nil {
		return 0, nil
	}
	return res.StatusCode, body
}

// minor is a decimal amount in minor units.
func minor(amount string) int64 {
	n, _ := strconv.ParseInt(strings.Replace(amount, ".", "", 1), 10, 64)
	return n
}

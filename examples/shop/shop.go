// Package shop is what the examples test: a small webhook receiver as somebody
// would write it who has never heard of hookrig. An e-shop platform (Shoptet)
// tells it what happens to orders; it keeps a table of them and counts what it
// did.
package shop

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"sync"
)

// notice is what the platform sends: something happened to a record. It has no
// id of its own; one that is sent again is equal to the first in every member.
type notice struct {
	Eshop   int    `json:"eshopId"`
	Event   string `json:"event"`
	Created string `json:"eventCreated"`
	Record  string `json:"eventInstance"`
}

// parse leaves out the members that it does not know.
func parse(body []byte) (n notice, err error) {
	err = json.Unmarshal(body, &n)
	return n, err
}

// Shop keeps the orders. It is an http.Handler for the platform's webhooks.
type Shop struct {
	key []byte

	mu     sync.Mutex
	orders map[string]string // state by code
	done   map[notice]int    // how often each notice was acted on; never more than once
}

// New is a shop that shares a key with the platform.
func New(key string) *Shop {
	return &Shop{key: []byte(key), orders: map[string]string{}, done: map[notice]int{}}
}

// maxBody is far more than a notice needs.
const maxBody = 64 << 10

// ServeHTTP takes one notice: read, check, parse, act, answer.
func (s *Shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "cannot read the notice", http.StatusBadRequest)
		return
	}
	if !s.signed(body, r.Header.Get("Shoptet-Webhook-Signature")) {
		http.Error(w, "wrong signature", http.StatusUnauthorized)
		return
	}
	n, err := parse(body)
	if err != nil {
		http.Error(w, "not a notice", http.StatusBadRequest)
		return
	}
	s.act(n)
	w.WriteHeader(http.StatusOK)
}

// signed compares over the bytes as they came, whatever JSON they hold.
func (s *Shop) signed(body []byte, signature string) bool {
	received, err := hex.DecodeString(signature)
	mac := hmac.New(sha1.New, s.key)
	mac.Write(body)
	return err == nil && hmac.Equal(received, mac.Sum(nil))
}

// act does what a notice asks for, once. Events that mean nothing to the shop
// are well received.
func (s *Shop) act(n notice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done[n] > 0 {
		return
	}
	switch n.Event {
	case "order:create":
		s.orders[n.Record] = "new"
	case "order:update":
		s.orders[n.Record] = "changed"
	case "order:cancel":
		s.orders[n.Record] = "cancelled"
	case "order:delete":
		delete(s.orders, n.Record)
	default:
		return
	}
	s.done[n]++
}

// Order is the state of an order, "" if there is none of this code.
func (s *Shop) Order(code string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.orders[code]
}

// Done says how often the shop acted on the notice in this body.
func (s *Shop) Done(body []byte) int {
	n, err := parse(body)
	if err != nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.done[n]
}

package verifier

import (
	"slices"

	"github.com/hookrig/hookrig/contracts"
)

// This file asks whether numbers keep their last digit.

// nearNumbers are two that every program can tell apart, and two beyond 2⁵³, which
// are one where numbers are floats (RFC 8259, section 6).
var nearNumbers = []string{"9007199254740990", "9007199254740991", "9007199254740992", "9007199254740993"}

// exactNumbers are those of them that every program can hold.
const exactNumbers = 2

// nearIDs is events that differ in the last digit of a number.
var nearIDs = row(func(s *session) ([]contracts.Event, error) {
	v, err := s.vary("a whole number without an upper limit", bigInteger(nearNumbers[0]))
	if err != nil {
		return nil, err
	}
	out := []contracts.Event{v.event}
	for _, p := range places(v.event.Body) {
		if p.pointer != v.pointer {
			continue
		}
		for _, number := range nearNumbers[1:] {
			out = append(out, contracts.Event{Type: v.event.Type, Body: put(v.event.Body, p, number)})
		}
	}
	return out, nil
}, "no number is part of what makes two events the same")

// judgeNearNumbers fails a receiver that confuses numbers which every program can
// hold, and advises one that confuses longer ones: no source says that a provider
// sends such.
func judgeNearNumbers(h *hearing) finding {
	var order []string // of the deliveries
	for _, x := range h.own {
		if x.role == roleValid && !slices.Contains(order, x.delivery) {
			order = append(order, x.delivery)
		}
	}
	judge := judgeEachOnce("of two events whose numbers differ in the last digit only one had an effect")
	f := judge(h)
	if f.verdict != Fail || len(order) <= exactNumbers {
		return f
	}
	exact := *h
	exact.sightings = nil
	for _, s := range h.sightings {
		if slices.Contains(order[:exactNumbers], s.Delivery) {
			exact.sightings = append(exact.sightings, s)
		}
	}
	if judge(&exact).verdict == Pass {
		f.verdict = Warn
		f.because = "of two events whose numbers differ in the last digit only one had an effect, where these are above 2⁵³; no source says that the provider sends such, so this is advice"
	}
	return f
}

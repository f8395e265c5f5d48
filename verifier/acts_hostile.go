package verifier

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/mockserver"
)

// This file sends what could bring a receiver down. All of it is rightly signed,
// so that it gets as far as it can.

// ownConnection lets a request have a connection of its own where there are
// any: an answer that comes before the body is read in full is heard then.
func (s *session) ownConnection() *mockserver.Wire {
	if hasConnections(s) != "" {
		return nil
	}
	return new(mockserver.Wire)
}

// heavy sends an event whose body becomes another text, on a connection of its
// own.
func (s *session) heavy(ctx context.Context, name string, ev contracts.Event, body []byte, change func(*contracts.Request)) error {
	return s.mishandled(ctx, mockserver.Tamper{Name: name, Wire: s.ownConnection()}, ev, body, change)
}

// hugeBodies are far above what any provider sends.
func hugeBodies(ctx context.Context, s *session) error {
	for _, megabytes := range []int{4, 16, 64} {
		ev := s.event()
		text := `"` + strings.Repeat("x", megabytes<<20) + `"`
		if err := s.heavy(ctx, fmt.Sprintf("%d MiB", megabytes), ev, asMember(text)(ev.Body), nil); err != nil {
			return err
		}
	}
	return nil
}

func extremeNesting(ctx context.Context, s *session) error {
	for _, levels := range []int{10_001, 100_000} {
		ev := s.event()
		if err := s.heavy(ctx, fmt.Sprintf("%d levels", levels), ev, asMember(deep(levels))(ev.Body), nil); err != nil {
			return err
		}
	}
	return nil
}

// headerFloods are heads that no receiver needs to bear, and each has to
// survive.
func headerFloods(ctx context.Context, s *session) error {
	for _, flood := range []struct{ headers, bytes int }{{1000, 10}, {3, 20 << 10}} {
		name := fmt.Sprintf("%d headers of %d bytes", flood.headers, flood.bytes)
		err := s.send(ctx, roleProbe, s.event(), sending{tamper: mockserver.Tamper{
			Name: name, Wire: s.ownConnection(), Request: func(_ int, r *contracts.Request) {
				for i := range flood.headers {
					r.Header.Set(fmt.Sprintf("X-Hookrig-Flood-%d", i), strings.Repeat("x", flood.bytes))
				}
			},
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

// bombSize is what the bomb becomes; it is some sixty kilobytes on the way.
const bombSize = 64 << 20

func bomb(ctx context.Context, s *session) error {
	ev := s.event()
	packed, err := pack(ev.Body, bombSize)
	if err != nil {
		return err
	}
	return s.heavy(ctx, "64 MiB packed", ev, packed, func(r *contracts.Request) { r.Header.Set("Content-Encoding", "gzip") })
}

// pack is a text with so many blanks behind it, in whole megabytes, as gzip. One
// megabyte of them is packed, and its block repeated: it refers to nothing
// before it.
func pack(text []byte, blanks int) ([]byte, error) {
	var head, block bytes.Buffer
	megabyte := bytes.Repeat([]byte(" "), 1<<20)
	begin := gzip.NewWriter(&head)
	repeat, err := flate.NewWriter(&block, flate.DefaultCompression)
	if err != nil {
		return nil, err
	}
	_, one := begin.Write(text)
	_, other := repeat.Write(megabyte)
	if err := errors.Join(one, other, begin.Flush(), repeat.Flush()); err != nil {
		return nil, err
	}
	sum := crc32.ChecksumIEEE(text)
	packed := head.Bytes()
	for range blanks / len(megabyte) {
		sum = crc32.Update(sum, crc32.IEEETable, megabyte)
		packed = append(packed, block.Bytes()...)
	}
	packed = append(packed, 1, 0, 0, 0xff, 0xff) // the last block holds nothing (RFC 1951, 3.2.4)
	packed = binary.LittleEndian.AppendUint32(packed, sum)
	return binary.LittleEndian.AppendUint32(packed, uint32(len(text)+blanks/len(megabyte)*len(megabyte))), nil
}

// oddLengths are requests that leave it to the reader where the body ends.
func oddLengths(ctx context.Context, s *session) error {
	for _, length := range []mockserver.Length{mockserver.TwoLengths, mockserver.LengthAndChunks, mockserver.ShortLength} {
		if err := byHand(string(length), mockserver.Wire{Length: length})(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// judgeLengths lets a receiver take only what RFC 9112, section 6.3, lets it
// take: chunks go before a length, and two lengths are an error. Whoever closes
// the connection under it is as well: a reset may overtake the answer.
func judgeLengths(h *hearing) finding {
	var worst finding
	for _, x := range h.of(roleProbe) {
		r := rating{what: "a request with " + nameOf(x), pass: append([]class{cutOff}, refusals...), sort: classOfHostile, expected: "400"}
		switch nameOf(x) {
		case string(mockserver.LengthAndChunks):
			r.pass, r.expected = append([]class{took}, r.pass...), "400, or the chunks read"
		case string(mockserver.ShortLength):
			r.what = "half a body, as announced,"
		}
		f := r.finding(x, false)
		f.verdict, f.proof = r.verdict(r.class(x)), []*exchange{x}
		if worst.verdict == "" || graver(f.verdict, worst.verdict) {
			worst = f
		}
	}
	if worst.verdict == "" {
		return nothingSent
	}
	if worst.verdict == Pass {
		worst.because, worst.proof = "nothing was taken for more or less than it was", nil
	}
	return worst
}

// The ways in which a connection ends under a hostile request.
const (
	cutOff  class = "was cut off without an answer"
	tooSlow class = "could not be sent in the time that the provider gives"
)

// classOfHostile is kinder than classOf: whoever closes the connection on a
// request that is out of all bounds defends himself.
func classOfHostile(r rule, a *mockserver.Attempt) class {
	switch {
	case a.Failure == "reset", a.Failure == "eof":
		return cutOff
	case a.Failure == "timeout" && !a.Sent:
		return tooSlow
	}
	return classOf(r, a)
}

// survived may be accepted or refused in any way, as long as the receiver lives.
func survived(what string) func(*hearing) finding {
	return (&rating{
		what: what, pass: append([]class{took, misspoke}, refusals...), warn: []class{cutOff, tooSlow, redirected},
		sort: classOfHostile, expected: "a refusal such as 413, 431, 400 or 415, or success",
	}).judge
}

// slowSenders is how many connections are held at once.
const slowSenders = 16

// slowSending holds connections with bodies that trickle in, while valid events
// come beside them.
func slowSending(ctx context.Context, s *session) error {
	drip := min(3*time.Second, s.subject().Policy().Timeout*3/4)
	var held []*mockserver.Delivery
	for i := range slowSenders {
		held = append(held, s.dispatch(roleProbe, s.event(), sending{copy: i + 1, tamper: mockserver.Tamper{
			Name: "a slow sender", Wire: &mockserver.Wire{Drip: drip},
		}}))
	}
	s.wait(ctx, drip/5)
	for range 5 {
		if err := s.send(ctx, roleValid, s.event(), sending{}); err != nil {
			return err
		}
	}
	for _, d := range held {
		if err := s.await(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// judgeSlowSenders wants valid events to be answered beside slow senders; what
// becomes of these is the receiver's to say.
func judgeSlowSenders(h *hearing) finding {
	f := accepted(h, roleValid)
	if f.verdict != Pass {
		f.because = "while slow senders held connections: " + f.because
		return f
	}
	if broken := survived("a slow sender")(h); broken.verdict == Fail {
		return broken
	}
	f.because = fmt.Sprintf("valid events were answered beside %d slow senders", slowSenders)
	var slowest *exchange
	for _, x := range h.of(roleValid) {
		if slowest == nil || x.attempt.Took > slowest.attempt.Took {
			slowest = x
		}
	}
	if slowest.attempt.Took > niceLatency {
		f.verdict, f.because, f.basis = Warn, "valid events wait for slow senders", ByPractice
		f.received, f.proof = answer(slowest.attempt), []*exchange{slowest}
	}
	return f
}

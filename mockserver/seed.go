package mockserver

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strconv"
)

// seed makes delivery ids and jitter. Each value depends on its own name only,
// not on what was drawn before, so that concurrent deliveries do not disturb
// each other.
type seed [32]byte

func newSeed(n uint64) seed {
	var s seed
	if n == 0 {
		rand.Read(s[:]) // never fails: see crypto/rand
		return s
	}
	return sha256.Sum256(binary.BigEndian.AppendUint64([]byte("hookrig mockserver "), n))
}

func (s seed) draw(name string, n uint64) [32]byte {
	var short [128]byte
	b := append(append(short[:0], s[:]...), name...)
	return sha256.Sum256(binary.BigEndian.AppendUint64(b, n))
}

var idSpelling = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// id is the n-th delivery's of a run: 80 bits, not to be guessed without the
// seed. The salt tells runs of one journal apart.
func (s seed) id(salt, n uint64) string {
	name := "id"
	if salt > 0 {
		name += " " + strconv.FormatUint(salt, 10)
	}
	sum := s.draw(name, n)
	var spelled [20]byte
	return string(idSpelling.AppendEncode(append(spelled[:0], "dlv_"...), sum[:10]))
}

// fraction is in [0,1), for the jitter after the n-th attempt of a delivery.
func (s seed) fraction(delivery string, n int) float64 {
	sum := s.draw("jitter "+delivery, uint64(n))
	return float64(binary.BigEndian.Uint64(sum[:8])>>11) / (1 << 53)
}

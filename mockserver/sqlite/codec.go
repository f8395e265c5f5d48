package sqlite

import (
	"encoding/binary"
	"errors"
	"math"
	"net/http"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

// coder writes a value down, or reads it back. One description of a type serves
// both directions, so that they cannot disagree: each method takes a pointer,
// and appends what stands there, or puts there what it reads. Writing changes
// nothing but the coder; reading needs zero values.
type coder struct {
	reading bool
	buf     []byte // writing: what was written; reading: what is left
	words   *words
	err     error // of reading; from then on everything reads as zero
}

var errShort = errors.New("it ends too early")

// head is what the index needs of an entry. Behind is how far back the entry
// before it of the same delivery stands, 0 if there is none.
func (c *coder) head(e *mockserver.Entry, behind *uint64) {
	c.uint(behind)
	c.time(&e.At)
	c.word(&e.Kind)
	c.word(&e.Delivery)
	c.word((*string)(&e.State))
	c.word(&e.Provider)
	c.word(&e.Event)
	c.word(&e.Endpoint)
	c.word(&e.Label)
}

// rest is everything else. Its fields in their order are the format: one more
// field is one more version of it.
func (c *coder) rest(e *mockserver.Entry) {
	c.bytes(&e.Body)
	c.float(&e.Speed)
	c.word(&e.Reason)
	c.word(&e.Then)
	if some(c, &e.Route) {
		c.route(e.Route)
	}
	if some(c, &e.Attempt) {
		c.attempt(e.Attempt)
		c.later(e.Attempt)
	}
}

// later is what came after the format: it stands at the end, and only where
// there is some, so that entries without it read as they always did.
func (c *coder) later(a *mockserver.Attempt) {
	if c.reading && len(c.buf) == 0 || !c.reading && a.Connection == nil {
		return
	}
	if some(c, &a.Connection) {
		c.connection(a.Connection)
	}
}

func (c *coder) connection(o *mockserver.Connection) {
	c.word(&o.Remote)
	c.bool(&o.Reused)
	c.span(&o.Connect)
	c.word(&o.Protocol)
	c.word(&o.TLS)
	c.word(&o.Cipher)
	c.time(&o.Expires)
	c.int(&o.Missing)
}

func (c *coder) route(r *mockserver.Route) {
	c.word(&r.Name)
	c.word(&r.Ref)
	c.word(&r.URL)
	c.bool(&r.Hidden)
	c.word(&r.Key)
	c.bool(&r.Once)
	c.time(&r.Time)
	c.time(&r.Due)
	c.word(&r.Tamper)
}

func (c *coder) attempt(a *mockserver.Attempt) {
	c.int(&a.Number)
	c.time(&a.Started)
	c.span(&a.Took)
	c.word(&a.Request.Method)
	c.word(&a.Request.URL)
	c.header(&a.Request.Header)
	c.int(&a.Status)
	c.header(&a.Header)
	c.bytes(&a.Body)
	c.bool(&a.Sent)
	c.word(&a.Failure)
	c.word(&a.Detail)
	c.bool(&a.Ours)
	c.word(&a.Reason)
	c.word(&a.Tamper)
	c.span(&a.Wait)
	c.time(&a.Next)
	c.time(&a.Due)
}

// some codes whether there is a value at all. Reading, it makes one.
func some[T any](c *coder, p **T) bool {
	there := *p != nil
	c.bool(&there)
	if there && c.reading {
		*p = new(T)
	}
	return there
}

func (c *coder) uint(v *uint64) {
	if !c.reading {
		c.buf = binary.AppendUvarint(c.buf, *v)
		return
	}
	n, size := binary.Uvarint(c.buf)
	if size <= 0 {
		c.fail()
		size, n = 0, 0
	}
	*v, c.buf = n, c.buf[size:]
}

func (c *coder) signed(v *int64) {
	u := uint64(*v)<<1 ^ uint64(*v>>63)
	if c.uint(&u); c.reading {
		*v = int64(u>>1) ^ -int64(u&1)
	}
}

func (c *coder) int(v *int) {
	n := int64(*v)
	if c.signed(&n); c.reading {
		*v = int(n)
	}
}

func (c *coder) span(v *time.Duration) { c.signed((*int64)(v)) }

func (c *coder) bool(v *bool) {
	var n uint64
	if *v {
		n = 1
	}
	if c.uint(&n); c.reading {
		*v = n == 1
	}
}

func (c *coder) float(v *float64) {
	bits := math.Float64bits(*v)
	if c.uint(&bits); c.reading {
		*v = math.Float64frombits(bits)
	}
}

// time keeps the instant, to the nanosecond, and not the zone.
func (c *coder) time(v *time.Time) {
	there := !v.IsZero()
	if c.bool(&there); !there {
		return
	}
	sec, nsec := v.Unix(), uint64(v.Nanosecond())
	c.signed(&sec)
	c.uint(&nsec)
	if c.reading {
		*v = time.Unix(sec, int64(nsec%1e9)).UTC()
	}
}

// bytes reads nothing as nil.
func (c *coder) bytes(v *[]byte) {
	n := uint64(len(*v))
	c.uint(&n)
	if !c.reading {
		c.buf = append(c.buf, *v...)
		return
	}
	if raw := c.take(n); n > 0 {
		*v = append([]byte(nil), raw...)
	}
}

// word is text that other entries nearby are likely to repeat.
func (c *coder) word(v *string) {
	if !c.reading {
		c.buf = binary.AppendUvarint(c.buf, c.words.number(*v))
		return
	}
	var n uint64
	c.uint(&n)
	w, ok := c.words.at(n)
	if !ok {
		c.fail()
	}
	*v = w
}

func (c *coder) header(h *http.Header) {
	n := uint64(len(*h))
	c.uint(&n)
	if !c.reading {
		for name, values := range *h {
			c.word(&name)
			c.values(&values)
		}
		return
	}
	if n > 0 && c.err == nil {
		*h = http.Header{}
	}
	for range n {
		var name string
		var values []string
		c.word(&name)
		c.values(&values)
		if c.err != nil {
			return
		}
		(*h)[name] = values
	}
}

func (c *coder) values(list *[]string) {
	n := uint64(len(*list))
	c.uint(&n)
	if c.reading {
		if n > uint64(len(c.buf)) { // each takes a byte at least
			c.fail()
			return
		}
		*list = make([]string, n)
	}
	for i := range *list {
		c.word(&(*list)[i])
	}
}

// take is the next n bytes, not copied.
func (c *coder) take(n uint64) []byte {
	if n > uint64(len(c.buf)) {
		c.fail()
		return nil
	}
	raw := c.buf[:n]
	c.buf = c.buf[n:]
	return raw
}

func (c *coder) fail() {
	if c.err == nil {
		c.err = errShort
	}
	c.buf = nil
}

// words are the texts of a chunk, each kept once. Number 0 is "".
type words struct {
	numbers map[string]uint64 // writing
	list    []string          // writing: number n stands at n-1
	lately  [64]lately        // writing

	raw  [][]byte // reading
	made []string // reading: "" until it is asked for
}

// lately is a word that came a moment ago. Most come again at once, with the same
// memory, which is seen without looking at their letters.
type lately struct {
	text   string
	number uint64
}

func (w *words) number(text string) uint64 {
	if text == "" {
		return 0
	}
	l := &w.lately[(len(text)*7+int(text[0])+int(text[len(text)-1])*5)%len(w.lately)]
	if l.text == text {
		return l.number
	}
	n, ok := w.numbers[text]
	if !ok {
		w.list = append(w.list, text)
		n = uint64(len(w.list))
		w.numbers[text] = n
	}
	*l = lately{text, n}
	return n
}

func (w *words) reset() {
	clear(w.numbers)
	clear(w.list)
	w.list = w.list[:0]
	w.lately = [64]lately{}
}

// at makes a string of its own for each word, so that who keeps one does not
// keep the whole chunk.
func (w *words) at(n uint64) (string, bool) {
	switch {
	case n == 0:
		return "", true
	case n > uint64(len(w.raw)):
		return "", false
	}
	if w.made[n-1] == "" {
		w.made[n-1] = string(w.raw[n-1])
	}
	return w.made[n-1], true
}

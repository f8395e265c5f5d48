package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/hookrig/hookrig/mockserver"
)

// A chunk is some entries of one commit, in one row:
//
//	version   1 byte
//	words     their number, then length and bytes of each
//	entries   their number, then for each: how far its Seq is from the one before, its length, its fields
//	checksum  4 bytes: CRC-32C of the row's key and of everything before
//
// Numbers are varints. SQLite itself keeps no checksums: without ours, a bit
// that flipped on the disk would pass as what a receiver had answered.

const chunkVersion = 1

// A chunk is full at either limit. Reading one entry means reading its chunk.
const (
	chunkEntries = 64
	chunkBytes   = 32 << 10
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(first uint64, data []byte) uint32 {
	key := binary.BigEndian.AppendUint64(nil, first)
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, data)
}

// packer makes chunks, one after the other, in the same memory.
type packer struct {
	first, last uint64 // Seq of the first and the last entry
	n           uint64
	words       words
	entries     coder
	scratch     coder
	out         []byte
}

func newPacker() *packer {
	p := &packer{words: words{numbers: map[string]uint64{}}}
	p.entries.words, p.scratch.words = &p.words, &p.words
	return p
}

// add takes an entry's number from seq, which is greater than that of the entry
// before.
func (p *packer) add(e *mockserver.Entry, seq, behind uint64) {
	if p.n == 0 {
		p.first, p.last = seq, seq
	}
	ahead := seq - p.last
	p.last = seq
	p.n++
	p.scratch.buf = p.scratch.buf[:0]
	p.scratch.head(e, &behind)
	p.scratch.rest(e)
	p.entries.uint(&ahead)
	p.entries.bytes(&p.scratch.buf)
}

func (p *packer) full() bool {
	return p.n >= chunkEntries || len(p.entries.buf) >= chunkBytes
}

// pack returns the chunk, good until the next call, and begins a new one.
func (p *packer) pack() (first uint64, data []byte) {
	b := p.out[:0]
	b = append(b, chunkVersion)
	b = binary.AppendUvarint(b, uint64(len(p.words.list)))
	for _, w := range p.words.list {
		b = binary.AppendUvarint(b, uint64(len(w)))
		b = append(b, w...)
	}
	b = binary.AppendUvarint(b, p.n)
	b = append(b, p.entries.buf...)
	p.out = binary.LittleEndian.AppendUint32(b, checksum(p.first, b))
	p.reset()
	return p.first, p.out
}

func (p *packer) reset() {
	p.n = 0
	p.entries.buf = p.entries.buf[:0]
	p.words.reset()
}

// chunk is one that was read.
type chunk struct {
	first, last uint64 // Seq of the first and the last entry
	words       words
	entries     []packed
}

// packed is an entry that was not read yet.
type packed struct {
	seq  uint64
	data []byte
}

var (
	errChecksum = errors.New("its checksum is wrong")
	errVersion  = errors.New("a newer version wrote it")
)

// unpack takes a chunk apart. It keeps data.
func unpack(first uint64, data []byte) (*chunk, error) {
	end := len(data) - 4
	if end < 1 || binary.LittleEndian.Uint32(data[end:]) != checksum(first, data[:end]) {
		return nil, errChecksum
	}
	if data[0] != chunkVersion {
		return nil, errVersion
	}
	c := coder{reading: true, buf: data[1:end]}
	k := &chunk{first: first, last: first}
	k.words.raw = make([][]byte, c.count())
	k.words.made = make([]string, len(k.words.raw))
	for i := range k.words.raw {
		k.words.raw[i] = c.field()
	}
	k.entries = make([]packed, c.count())
	for i := range k.entries {
		var ahead uint64
		c.uint(&ahead)
		if k.last += ahead; i > 0 && ahead == 0 {
			c.fail()
		}
		k.entries[i] = packed{seq: k.last, data: c.field()}
	}
	if c.err == nil && len(c.buf) > 0 {
		c.err = fmt.Errorf("%d bytes too many", len(c.buf))
	}
	return k, c.err
}

// count is a number of things that take a byte each at least.
func (c *coder) count() uint64 {
	var n uint64
	if c.uint(&n); n > uint64(len(c.buf)) {
		c.fail()
		return 0
	}
	return n
}

func (c *coder) field() []byte {
	var n uint64
	c.uint(&n)
	return c.take(n)
}

// head reads what the index needs of an entry.
func (k *chunk) head(p packed) (e mockserver.Entry, behind uint64, err error) {
	c := coder{reading: true, buf: p.data, words: &k.words}
	c.head(&e, &behind)
	e.Seq = p.seq
	return e, behind, c.err
}

// entry reads all of it.
func (k *chunk) entry(p packed) (e mockserver.Entry, behind uint64, err error) {
	c := coder{reading: true, buf: p.data, words: &k.words}
	c.head(&e, &behind)
	c.rest(&e)
	if c.err == nil && len(c.buf) > 0 {
		c.err = fmt.Errorf("%d bytes too many", len(c.buf))
	}
	e.Seq = p.seq
	return e, behind, c.err
}

package sqlite

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// SQLite reads its write-ahead log up to the first frame that is not right and
// drops the rest in silence: after a power cut that is what was not yet
// confirmed. After a bit that flipped it is what was. The two can be told apart,
// since every commit is on the disk before the next one begins: where more than
// one lies behind the first wrong frame, the log is damaged.
//
// Format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log

const (
	walHeader   = 32
	frameHeader = 24
)

// inspectWAL reads a log before SQLite does. Lost is how many commits are there
// that SQLite will not see: 0, or 1 after a power cut. More of them are a
// *DamagedError.
func inspectWAL(path string) (lost int, err error) {
	f, err := os.Open(path + "-wal")
	if err != nil {
		return 0, fmt.Errorf("journal: %w", err)
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1<<16)
	var head [walHeader]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, endOfWAL(err) // shorter than its head: nothing was written into it
	}
	w := walReader{salts: string(head[16:24])}
	switch binary.BigEndian.Uint32(head[:]) {
	case 0x377f0682:
		w.order = binary.LittleEndian
	case 0x377f0683:
		w.order = binary.BigEndian
	}
	if w.order != nil {
		w.sum(head[:24])
	}
	pageSize := binary.BigEndian.Uint32(head[8:])
	if w.order == nil || !w.agrees(head[24:]) || pageSize < 512 || pageSize > 65536 {
		if _, err := r.ReadByte(); err != nil {
			return 0, endOfWAL(err)
		}
		return 0, &DamagedError{Path: path, Problem: "the head of its write-ahead log is wrong, and without it nothing in the log can be read"}
	}
	lost, err = w.frames(r, make([]byte, frameHeader+pageSize))
	if err == nil && lost > 1 {
		err = &DamagedError{Path: path, Problem: fmt.Sprintf("frame %d of its write-ahead log is wrong, and behind it are %d commits that cannot be read", w.wrong, lost)}
	}
	return lost, err
}

func endOfWAL(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return fmt.Errorf("journal: write-ahead log: %w", err)
}

type walReader struct {
	order  binary.ByteOrder // of the words that are summed
	salts  string           // of this generation; older frames behind it have others
	s1, s2 uint32           // sum of everything so far
	wrong  int              // the first frame that is, from 1; 0: none yet
}

// frames counts the commits of this generation from the first wrong frame on.
func (w *walReader) frames(r io.Reader, frame []byte) (commits int, err error) {
	for n := 1; ; n++ {
		if _, err := io.ReadFull(r, frame); err != nil {
			return commits, endOfWAL(err)
		}
		ours := string(frame[8:16]) == w.salts
		if w.wrong == 0 {
			w.sum(frame[:8])
			w.sum(frame[frameHeader:])
			if !ours || !w.agrees(frame[16:24]) {
				w.wrong = n
			}
		}
		if commit := binary.BigEndian.Uint32(frame[4:]) != 0; commit && ours && w.wrong > 0 {
			commits++
		}
	}
}

func (w *walReader) sum(b []byte) {
	for ; len(b) >= 8; b = b[8:] {
		w.s1 += w.order.Uint32(b) + w.s2
		w.s2 += w.order.Uint32(b[4:]) + w.s1
	}
}

func (w *walReader) agrees(sum []byte) bool {
	return binary.BigEndian.Uint32(sum) == w.s1 && binary.BigEndian.Uint32(sum[4:]) == w.s2
}

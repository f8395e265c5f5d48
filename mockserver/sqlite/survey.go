package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// survey reads all chunks in order, and knows which entries are missing.
type survey struct {
	path      string
	skip      func(error) // told of what cannot be read, which is then passed over; nil: it is the end
	last      uint64      // Seq of the last entry there ever was
	forgotten uint64      // entries that retention took out
	seen      uint64
	missing   []Range // of these some were forgotten, unless all is well
	gaps      uint64  // entries in missing
	next      uint64
}

// asked is a database, or a transaction in one.
type asked interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func (s *survey) read(ctx context.Context, db asked, use func(*chunk) error) error {
	err := db.QueryRowContext(ctx, `SELECT last, forgotten FROM tally WHERE id = 1`).Scan(&s.last, &s.forgotten)
	if errors.Is(err, sql.ErrNoRows) {
		return s.damaged("its tally is gone", nil)
	}
	if err != nil {
		return explain(s.path, err)
	}
	rows, err := db.QueryContext(ctx, `SELECT first, data FROM chunk ORDER BY first`)
	if err != nil {
		return explain(s.path, err)
	}
	defer letGo(rows)
	s.next = 1
	for rows.Next() {
		var first int64
		var data sql.RawBytes
		if err := rows.Scan(&first, &data); err != nil {
			return explain(s.path, err)
		}
		if err := s.chunk(uint64(first), data, use); err != nil {
			if s.skip == nil {
				return err
			}
			s.skip(err)
		}
	}
	if err := rows.Err(); err != nil && ctx.Err() != nil {
		return err
	} else if err != nil {
		err = s.damaged(fmt.Sprintf("the entries from %d on cannot be read", s.next), err)
		if s.skip == nil {
			return err
		}
		s.skip(err)
	}
	if s.next <= s.last {
		s.gap(s.last + 1)
	}
	return nil
}

func (s *survey) chunk(first uint64, data []byte, use func(*chunk) error) error {
	if first < s.next { // and it would go round in circles
		return s.damaged(fmt.Sprintf("entry %d stands behind entry %d", first, s.next-1), nil)
	}
	k, err := unpack(first, data)
	if errors.Is(err, errVersion) {
		return &ForeignError{Path: s.path, Problem: fmt.Sprintf("the entries from %d on are of a newer version", first), Newer: true}
	}
	if err == nil {
		for _, p := range k.entries {
			if p.seq > s.next {
				s.gap(p.seq)
			}
			s.next = p.seq + 1
		}
		s.seen += uint64(len(k.entries))
		err = use(k)
	}
	if err != nil {
		return s.damaged(fmt.Sprintf("the entries from %d on cannot be read", first), err)
	}
	return nil
}

func (s *survey) gap(to uint64) {
	const most = 1000 // of those that are listed
	if len(s.missing) < most {
		s.missing = append(s.missing, Range{s.next, to - 1})
	}
	s.gaps += to - s.next
	s.next = to
}

// complete is nil if every entry is there that was not forgotten.
func (s *survey) complete() error {
	switch {
	case s.next > s.last+1:
		return s.damaged(fmt.Sprintf("it says that its last entry is %d, and there is %d", s.last, s.next-1), nil)
	case s.gaps != s.forgotten:
		e := &DamagedError{Path: s.path, Problem: fmt.Sprintf("%d entries are missing and %d were forgotten", s.gaps, s.forgotten), Missing: s.missing}
		return e
	}
	return nil
}

func (s *survey) damaged(problem string, err error) error {
	return &DamagedError{Path: s.path, Problem: problem, Err: err}
}

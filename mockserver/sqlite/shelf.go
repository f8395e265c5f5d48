package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"hash/crc32"
	"iter"

	"github.com/hookrig/hookrig/mockserver"
)

// Put implements [mockserver.Shelf].
func (j *Journal) Put(ctx context.Context, kind, name string, doc []byte) error {
	if doc == nil {
		doc = []byte{}
	}
	return j.change(ctx, `INSERT INTO document VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET doc = excluded.doc, sum = excluded.sum`,
		kind, name, doc, int64(crc32.Checksum(doc, castagnoli)))
}

// Delete implements [mockserver.Shelf].
func (j *Journal) Delete(ctx context.Context, kind, name string) error {
	return j.change(ctx, `DELETE FROM document WHERE kind = ? AND name = ?`, kind, name)
}

func (j *Journal) change(ctx context.Context, query string, args ...any) error {
	return j.writer.do(ctx, &request{change: func(ctx context.Context, c *sql.Conn) error {
		_, err := c.ExecContext(ctx, query, args...)
		return err
	}})
}

// All implements [mockserver.Shelf]. The documents are those of one moment.
func (j *Journal) All(ctx context.Context, kind string) iter.Seq2[mockserver.Document, error] {
	return func(yield func(mockserver.Document, error) bool) {
		list, err := j.documents(ctx, kind)
		for _, d := range list {
			if !yield(d, nil) {
				return
			}
		}
		if err != nil {
			yield(mockserver.Document{}, err)
		}
	}
}

func (j *Journal) documents(ctx context.Context, kind string) (list []mockserver.Document, err error) {
	if err := j.begin(); err != nil {
		return nil, err
	}
	defer j.reading.Done()
	rows, err := j.readers.QueryContext(ctx, `SELECT name, doc, sum FROM document WHERE kind = ? ORDER BY name`, kind)
	if err != nil {
		return nil, j.explain(err)
	}
	defer letGo(rows)
	for rows.Next() {
		var d mockserver.Document
		var sum int64
		if err := rows.Scan(&d.Name, &d.Doc, &sum); err != nil {
			return list, j.explain(err)
		}
		if sum != int64(crc32.Checksum(d.Doc, castagnoli)) {
			return list, &DamagedError{Path: j.path, Problem: fmt.Sprintf("the %s %q cannot be read", kind, d.Name), Err: errChecksum}
		}
		list = append(list, d)
	}
	return list, j.explain(rows.Err())
}

// readShelf reads every document. Those that are not as they were put go to spoilt.
func readShelf(ctx context.Context, db asked, spoilt func(kind, name string) error) error {
	rows, err := db.QueryContext(ctx, `SELECT kind, name, doc, sum FROM document`)
	if err != nil {
		return err
	}
	defer letGo(rows)
	for rows.Next() {
		var kind, name string
		var doc sql.RawBytes
		var sum int64
		if err := rows.Scan(&kind, &name, &doc, &sum); err != nil {
			return err
		}
		if sum != int64(crc32.Checksum(doc, castagnoli)) {
			if err := spoilt(kind, name); err != nil {
				return err
			}
		}
	}
	return rows.Err()
}

package api

import (
	"bufio"
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

// excerpt says which entries a request is about.
type excerpt struct {
	after        uint64
	label        string
	since, until time.Time
}

func excerptIn(in url.Values) (x excerpt, err error) {
	x.after, x.label = uint64(number(in.Get("after"), 0)), in.Get("label")
	for name, to := range map[string]*time.Time{"since": &x.since, "until": &x.until} {
		if text := in.Get(name); text != "" {
			if *to, err = time.Parse(time.RFC3339, text); err != nil {
				return x, flawed(http.StatusBadRequest, flaw{In: "query", Parameter: name, Detail: "it is no time like 2026-01-31T17:00:00Z"})
			}
		}
	}
	return x, nil
}

func (x *excerpt) has(e *mockserver.Entry) bool {
	return (x.label == "" || e.Label == x.label) &&
		(x.since.IsZero() || !e.At.Before(x.since)) && (x.until.IsZero() || e.At.Before(x.until))
}

// entries are those of an excerpt, as they stand there now.
func (a *api) entries(ctx context.Context, x excerpt) iter.Seq2[mockserver.Entry, error] {
	return func(yield func(mockserver.Entry, error) bool) {
		for e, err := range a.journal.Entries(ctx, x.after) {
			if err != nil || x.has(&e) {
				if !yield(e, err) {
					return
				}
			}
		}
	}
}

// exportEntries sends an excerpt as a file. The journal is read as it is sent.
func (a *api) exportEntries(w http.ResponseWriter, r *http.Request, x excerpt, format string) error {
	var write func(*download) error
	contentType := "application/x-ndjson"
	switch format {
	case "jsonl":
		write = func(d *download) error { return a.writeLines(r.Context(), d, x) }
	case "har":
		contentType = "application/har+json"
		write = func(d *download) error { return a.writeHAR(r.Context(), d, x) }
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="hookrig.%s"`, format))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	d := newDownload(w)
	err := write(d)
	if err == nil {
		err = d.Flush()
	}
	if err == nil {
		return nil
	}
	if r.Context().Err() == nil && d.failed == nil {
		a.log.Error("an export ended early", "error", err)
	}
	panic(http.ErrAbortHandler) // whoever reads it must not take the part for the whole
}

func (a *api) writeLines(ctx context.Context, d *download, x excerpt) error {
	for e, err := range a.entries(ctx, x) {
		if err != nil {
			return err
		}
		line, err := encode(e)
		if err != nil {
			return err
		}
		if _, err := d.Write(line); err != nil {
			return err
		}
	}
	return nil
}

// download is a long answer to a client that must go on reading.
type download struct {
	*bufio.Writer
	w       http.ResponseWriter
	control *http.ResponseController
	failed  error // of the client
}

func newDownload(w http.ResponseWriter) *download {
	d := &download{w: w, control: http.NewResponseController(w)}
	d.Writer = bufio.NewWriterSize(writerFunc(d.send), 64<<10)
	return d
}

func (d *download) send(p []byte) (int, error) {
	// Where there are no deadlines, as in tests, there is no network either.
	_ = d.control.SetWriteDeadline(time.Now().Add(patience))
	n, err := d.w.Write(p)
	d.failed = err
	return n, err
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

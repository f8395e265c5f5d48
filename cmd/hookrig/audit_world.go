package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/faker/audit"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/sqlite"
	"github.com/hookrig/hookrig/verifier"
)

// storyViolation is something in a stream that makes no sense.
type storyViolation struct {
	Type    string    `json:"type"` // "violation"
	At      time.Time `json:"at"`
	File    string    `json:"file"`
	Line    int       `json:"line,omitempty"`
	Entry   uint64    `json:"entry,omitempty"` // of a journal
	Event   string    `json:"event"`           // with its provider
	Rule    string    `json:"rule"`
	Entity  string    `json:"entity,omitempty"`
	Message string    `json:"message"`
}

// storySummary is the last row of "hookrig audit --world".
type storySummary struct {
	Type       string         `json:"type"` // "summary"
	Sound      bool           `json:"sound"`
	Events     int            `json:"events"`              // that were judged
	Repeated   int            `json:"repeated,omitempty"`  // the same bytes again
	Untold     int            `json:"untold,omitempty"`    // of no cause: the world does not know them
	Forgotten  int            `json:"forgotten,omitempty"` // entities, of the oldest: 200,000 are remembered
	Violations int            `json:"violations"`
	Rules      map[string]int `json:"rules,omitempty"` // how often each was broken
}

// storyEvent is an event of a recorded stream.
type storyEvent struct {
	provider, event, action string
	at                      time.Time // zero: nobody wrote down when, in the shop's time
	body                    []byte
	line                    int
	entry                   uint64
}

// storyAudit judges a stream.
type storyAudit struct {
	console *console
	world   *faker.World
	known   []*contracts.Contract
	auditor *audit.Auditor
	file    string
	latest  int64 // the latest moment that bodies have named, in milliseconds since 1970
	seen    recent
	told    int // violations that were told
	sum     storySummary
}

// recent are the events that were seen last, by their hash.
type recent struct {
	sums map[[sha256.Size]byte]bool
	ring [][sha256.Size]byte
	at   int
}

// mostRecent is how many events are remembered to tell those that come again.
const mostRecent = 200_000

// before reports whether the same bytes came a while ago, and remembers them.
func (r *recent) before(e *storyEvent) bool {
	sum := sha256.New()
	_, _ = io.WriteString(sum, e.provider+"\n"+e.event+"\n") // a hash takes everything
	_, _ = sum.Write(e.body)
	key := [sha256.Size]byte(sum.Sum(nil))
	if r.sums[key] {
		return true
	}
	if r.sums == nil {
		r.sums = map[[sha256.Size]byte]bool{}
	}
	if r.sums[key] = true; len(r.ring) < mostRecent {
		r.ring = append(r.ring, key)
		return false
	}
	delete(r.sums, r.ring[r.at])
	r.ring[r.at] = key
	r.at = (r.at + 1) % mostRecent
	return false
}

// auditStory judges streams, each as one of its own.
func (c *console) auditStory(ctx context.Context, files, more []string) error {
	known, err := builtIns()
	if err != nil {
		return err
	}
	for _, file := range more {
		if known, err = c.serveContract(known, file); err != nil {
			return err
		}
	}
	world, err := faker.NewWorld(known, faker.WorldOptions{})
	if err != nil {
		return worldError(err)
	}
	sum := storySummary{Type: "summary", Rules: map[string]int{}}
	for _, file := range files {
		a := &storyAudit{
			console: c, world: world, known: known, auditor: audit.New(0), file: inputName(file),
			sum: storySummary{Rules: sum.Rules},
		}
		if err := a.read(ctx, file); err != nil {
			return err
		}
		sum.Events += a.sum.Events
		sum.Repeated += a.sum.Repeated
		sum.Untold += a.sum.Untold
		sum.Forgotten += a.auditor.Forgotten()
		sum.Violations += a.auditor.Count()
	}
	if sum.Events == 0 {
		return unjudged("hookrig fake --world --meta -n 1000", errors.New("there is no event of a world in it"))
	}
	sum.Sound = sum.Violations == 0
	c.printStory(&sum)
	if !sum.Sound {
		return errBroken
	}
	return nil
}

func (c *console) printStory(sum *storySummary) {
	if c.json() {
		c.row(sum)
		return
	}
	verdict := c.green("it makes sense")
	if !sum.Sound {
		verdict = c.red(plural(sum.Violations, "violation"))
	}
	c.printf("%s: %s\n", plural(sum.Events, "event"), verdict)
	var rows [][]string
	for _, rule := range sortedNames(sum.Rules) {
		rows = append(rows, []string{"  " + rule, plural(sum.Rules[rule], "time")})
	}
	if sum.Repeated > 0 {
		rows = append(rows, []string{"  repeated", plural(sum.Repeated, "event") + ", the same bytes again"})
	}
	if sum.Untold > 0 {
		rows = append(rows, []string{"  passed over", plural(sum.Untold, "event") + " without a cause in their contracts"})
	}
	if sum.Forgotten > 0 {
		rows = append(rows, []string{"  forgotten", strconv.Itoa(sum.Forgotten) + " entities that nothing was told of for long; what comes of them later is not held against it"})
	}
	c.table(rows)
}

// read reads a stream: a journal's file, or lines.
func (a *storyAudit) read(ctx context.Context, file string) error {
	if file == "-" {
		return a.lines(a.console.in)
	}
	f, err := os.Open(file)
	if err != nil {
		return unreadable(file, err)
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 64<<10)
	if head, _ := in.Peek(len(journalMagic)); string(head) == journalMagic {
		return a.journal(ctx, file)
	}
	return a.lines(in)
}

// journalMagic begins each file of SQLite (https://sqlite.org/fileformat.html).
const journalMagic = "SQLite format 3\x00"

// journal reads what was queued, in that order.
func (a *storyAudit) journal(ctx context.Context, path string) (err error) {
	s, err := a.console.openStore(path, sqlite.Retain{}, nil, "hookrig journal --server "+localServer+" | hookrig audit --world -")
	if err != nil {
		return err
	}
	defer closing(s, &err)
	for e, err := range s.Entries(ctx, 0) {
		if err != nil {
			return err
		}
		if err := a.entry(&e, 0); err != nil {
			return err
		}
	}
	return nil
}

// entry judges an entry of a journal.
func (a *storyAudit) entry(e *mockserver.Entry, line int) error {
	if e.Kind != mockserver.EntryQueued || len(e.Body) == 0 {
		return nil
	}
	return a.see(&storyEvent{provider: e.Provider, event: e.Event, body: e.Body, line: line, entry: e.Seq})
}

// lines reads the rows of "fake --world --meta", or the entries of a journal.
func (a *storyAudit) lines(in io.Reader) error {
	lines := &lineReader{from: bufio.NewReaderSize(in, 64<<10), file: a.file}
	for n := 1; ; n++ {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		text := bytes.TrimSpace(line)
		if len(text) == 0 {
			continue
		}
		if err := a.line(n, text); err != nil {
			return err
		}
	}
}

func (a *storyAudit) line(n int, text []byte) error {
	if bytes.Contains(text, []byte(`"seq":`)) {
		var e mockserver.Entry
		if json.Unmarshal(text, &e) == nil && e.Seq > 0 && e.Delivery != "" {
			return a.entry(&e, n)
		}
	}
	var row struct {
		Provider string          `json:"provider"`
		Event    string          `json:"event"`
		Action   string          `json:"action"`
		Index    *uint64         `json:"index"`
		Time     time.Time       `json:"time"`
		Body     json.RawMessage `json:"body"`
	}
	if json.Unmarshal(text, &row) != nil || row.Provider == "" || row.Event == "" || row.Body == nil {
		return usagef("hookrig fake --world --meta -n 1000 | hookrig audit --world -",
			"%s: it is no row of fake --world --meta and no entry of a journal", lineOf(a.file, n))
	}
	if n == 1 && row.Action != "" && row.Index != nil && *row.Index == 0 {
		a.auditor.FromTheStart(a.world.Heralds())
	}
	return a.see(&storyEvent{provider: row.Provider, event: row.Event, action: row.Action, at: row.Time, body: row.Body, line: n})
}

// see judges an event and tells what is wrong.
func (a *storyAudit) see(e *storyEvent) error {
	t, err := a.eventType(e)
	if err != nil {
		return err
	}
	if a.seen.before(e) {
		a.sum.Repeated++
		return nil
	}
	s := a.world.Sighting(contracts.Event{Type: t, Body: e.body}, e.action, e.at)
	if s == nil {
		a.sum.Untold++
		return nil
	}
	a.sum.Events++
	s.Nth = max(uint64(e.line), e.entry)
	if e.at.IsZero() {
		s.At = a.moment(s.Facts...)
	}
	a.auditor.See(s)
	found := a.auditor.Violations()
	for _, v := range found[a.told:] {
		a.sum.Rules[v.Rule]++
		about := *e // or an event before it, of which one can only tell now
		if e.line > 0 {
			about.line = int(v.Nth)
		} else {
			about.entry = v.Nth
		}
		a.tell(&about, v)
	}
	a.told = len(found)
	return nil
}

func (a *storyAudit) eventType(e *storyEvent) (*contracts.EventType, error) {
	for _, c := range a.known {
		if c.Provider() == e.provider {
			t, err := c.EventType(e.event)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", a.where(e), err)
			}
			return t, nil
		}
	}
	return nil, usagef("--contract FILE", "%s: no contract of the provider %q is known", a.where(e), e.provider)
}

// moment is when an event happened of which only the bodies tell: a journal
// says when something was queued, and a shop may live faster than that. Events
// that say nothing happen at the moment of the one before.
func (a *storyAudit) moment(facts ...*audit.Fact) int64 {
	for _, f := range facts {
		if f == nil {
			continue
		}
		for name, v := range f.Values {
			if name == "at" || strings.HasSuffix(name, "At") { // such moments have been
				a.latest = max(a.latest, v.Int)
			}
		}
		for _, one := range f.Ones {
			a.moment(one)
		}
		for _, list := range f.Lists {
			a.moment(list...)
		}
	}
	return a.latest
}

func (a *storyAudit) where(e *storyEvent) string {
	if e.line > 0 {
		return lineOf(a.file, e.line)
	}
	return a.file + ": entry " + strconv.FormatUint(e.entry, 10)
}

func (a *storyAudit) tell(e *storyEvent, v audit.Violation) {
	if c := a.console; !c.json() {
		c.printf("%s: %s\n", a.where(e), verifier.Printable(v.String()))
		return
	}
	row := storyViolation{
		Type: "violation", At: time.UnixMilli(v.At).UTC(), File: a.file, Line: e.line, Entry: e.entry,
		Event: v.Where, Rule: v.Rule, Entity: v.Entity, Message: v.Message,
	}
	a.console.row(row)
}

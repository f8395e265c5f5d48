package faker

import (
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The times of an event lie on one line: each kind of moment (created,
// confirmed, shipped, updated …) has a slot of its own in the span before the
// event's moment, in the order in which such things happen. So times agree
// with each other although each is drawn alone.

// slots are the words of moments, in their order; the slot of a name is that
// of its last word that has one.
var slots = [...][]string{
	{"registered", "registration", "birth", "begin", "from", "valid", "since", "first"},
	{"created", "create", "creation", "added", "opened", "placed", "ordered", "order", "issued", "submitted", "minimum", "min", "earliest"},
	{"started", "start", "requested", "reserved", "received"},
	{"confirmed", "approved", "accepted", "paid", "authorized", "released", "verified"},
	{"processed", "packed", "picked", "prepared", "assigned", "imported", "fetched", "generated"},
	{"shipped", "dispatched", "sent", "shipment", "dispatch", "exported", "synchronized"},
	{"invoiced", "billed", "captured", "invoice"},
	{"delivered", "delivery", "arrived", "collected"},
	{"returned", "refunded", "canceled", "cancelled", "rejected", "failed"},
	{"finished", "completed", "closed", "ended", "executed", "resolved", "archived", "settled"},
	{"updated", "modified", "changed", "update", "edited", "maximum", "max", "latest"},
	{"deleted", "removed", "anonymized", "last", "viewed", "login", "logout", "seen", "visited"},
	{"expires", "expiry", "expired", "until", "to", "end", "due", "expiration", "deadline"},
	{"occurred", "occured", "timestamp", "time", "event", "date", "now", "emitted", "triggered"},
}

const (
	createdSlot = 1
	updatedSlot = 10
	lastSlot    = len(slots) - 1
	hour        = int64(3600)
	day         = 24 * hour
)

// slotOf finds the slot of a member's name; unknown moments lie in the middle.
func slotOf(member string) int {
	words := tokens(member)
	if slices.Contains(words, "event") {
		return lastSlot
	}
	for i := len(words) - 1; i >= 0; i-- {
		for s := range slots {
			if s != lastSlot && slices.Contains(slots[s], words[i]) {
				return s
			}
		}
	}
	for _, w := range words {
		if slices.Contains(slots[lastSlot], w) {
			return lastSlot
		}
	}
	return 4
}

// A moment is when something happened, relative to the event.
type moment struct {
	from, width int64 // seconds from the event's moment, and how many
}

// momentOf places a member on the line of its span. What a list holds is
// created after and changed before what holds the list.
func momentOf(span string, at *place, after string) moment {
	slot := slotOf(at.member())
	if after != "" {
		slot = min(lastSlot, max(slot, slotOf(after)+1))
	}
	line := func(from, length int64) moment {
		width := length / int64(len(slots))
		m := moment{from + int64(slot)*width, width}
		if slot == createdSlot || slot == updatedSlot {
			m.width /= 2
			if at.listed() == (slot == createdSlot) {
				m.from += m.width
			}
		}
		return m
	}
	switch span {
	case "birth":
		return moment{-70 * 365 * day, 50 * 365 * day}
	case "past":
		return line(-365*day, 363*day)
	case "future":
		return line(day, 30*day)
	}
	if slot == lastSlot {
		return moment{-60, 60}
	}
	return line(-2*day, 2*day-hour)
}

// second draws the moment, in seconds since 1970.
func (m moment) second(g *gen, k key) int64 { return g.at + m.from + int64(k.below(uint64(m.width))) }

// spanOf corrects a guessed span: what a shop's customers and products were
// created with lies further back than an order.
func spanOf(span string, at *place) string {
	if span != "recent" || at.up == nil {
		return span
	}
	for _, w := range tokens(at.up.name) {
		switch w {
		case "customer", "user", "product", "variant", "category", "shop", "account", "member":
			return "past"
		}
	}
	return span
}

const rfc3339 = "2006-01-02T15:04:05Z07:00"

// layoutOf is the layout of a string: asked for, or what its format means.
func layoutOf(f *form, span string, h *hint) string {
	if l := h.str("layout", ""); l != "" {
		return l
	}
	for _, format := range f.text.formats {
		switch format {
		case "date-time":
			return rfc3339
		case "date":
			return "2006-01-02"
		case "time":
			return "15:04:05Z07:00"
		}
	}
	if span == "birth" {
		return "2006-01-02"
	}
	return rfc3339
}

// times makes strings of a span of time.
func times(span string) making {
	return func(p *planner, f *form, at *place, h *hint) maker {
		layout := layoutOf(f, span, h)
		m := momentOf(spanOf(span, at), at, h.str("after", ""))
		zone := zoneOf(h.str("zone", ""))
		c := &composed{form: layoutExpr(layout, zone), formats: layoutFormats(layout)}
		switch {
		case layout == rfc3339 && zone == time.UTC:
			c.write = func(g *gen, dst []byte, k key) []byte { return g.appendRFC3339(dst, m.second(g, k)) }
		case layout == "2006-01-02" && zone == time.UTC:
			c.write = func(g *gen, dst []byte, k key) []byte { return g.appendDay(dst, m.second(g, k)) }
		case layout == "unix":
			c.write = func(g *gen, dst []byte, k key) []byte { return appendInt(dst, m.second(g, k)) }
		case layout == "unixMilli":
			c.write = func(g *gen, dst []byte, k key) []byte { return appendInt(dst, m.second(g, k)*1000) }
		default:
			c.write = func(g *gen, dst []byte, k key) []byte {
				return time.Unix(m.second(g, k), 0).In(zone).AppendFormat(dst, layout)
			}
		}
		return p.fit(f, c)
	}
}

// timeNumber makes seconds or milliseconds since 1970.
func timeNumber(span string) making {
	return func(p *planner, f *form, at *place, h *hint) maker {
		m := momentOf(spanOf(span, at), at, h.str("after", ""))
		unit := int64(1)
		if h.str("layout", "") == "unixMilli" {
			unit = 1000
		}
		from := (p.setting.at + m.from) * unit
		return p.ranged(f, big.NewRat(from, 1), big.NewRat(from+(m.width-1)*unit, 1), nil)
	}
}

// isZone reports whether an offset is written as zoneOf reads it. Nothing at all
// is UTC.
func isZone(s string) bool { return s == "" || zoneSpelling.MatchString(s) }

var zoneSpelling = regexp.MustCompile(`^[+-]([01][0-9]|2[0-3]):?[0-5][0-9]$`)

// zoneOf reads "+0100" and "+01:00".
func zoneOf(s string) *time.Location {
	s = strings.ReplaceAll(s, ":", "")
	if s == "" || s[1:] == "0000" {
		return time.UTC
	}
	minutes, _ := strconv.Atoi(s[1:])
	seconds := minutes/100*3600 + minutes%100*60
	if s[0] == '-' {
		seconds = -seconds
	}
	return time.FixedZone(s, seconds)
}

// layoutExpr is a pattern for all that a layout writes in a zone, "" where the
// layout has parts that we do not describe.
func layoutExpr(layout string, zone *time.Location) string {
	switch layout {
	case "unix":
		return `[0-9]{9,11}`
	case "unixMilli":
		return `[0-9]{12,14}`
	}
	offset := func(l string) string { return quoteMeta(time.Unix(0, 0).In(zone).Format(l)) }
	parts := []struct{ std, expr string }{
		{"2006", `(19|20)[0-9][0-9]`}, {"Z07:00", offset("Z07:00")}, {"-07:00", offset("-07:00")}, {"-0700", offset("-0700")},
		{"01", `(0[1-9]|1[0-2])`}, {"02", `(0[1-9]|[12][0-9]|3[01])`}, {"15", `([01][0-9]|2[0-3])`}, {"04", `[0-5][0-9]`}, {"05", `[0-5][0-9]`},
		{".000000", `\.000000`}, {".000", `\.000`},
	}
	var b strings.Builder
next:
	for layout != "" {
		for _, p := range parts {
			if rest, ok := strings.CutPrefix(layout, p.std); ok {
				b.WriteString(p.expr)
				layout = rest
				continue next
			}
		}
		if c := layout[0]; c != 'T' && c != 'Z' && strings.IndexByte("-/.:, ", c) < 0 {
			return ""
		}
		b.WriteString(quoteMeta(layout[:1]))
		layout = layout[1:]
	}
	return b.String()
}

// layoutFormats are the formats that each text of the layout has.
func layoutFormats(layout string) []string {
	switch layout {
	case rfc3339, "2006-01-02T15:04:05-07:00", "2006-01-02T15:04:05Z", "2006-01-02T15:04:05.000Z07:00":
		return []string{"date-time"}
	case "2006-01-02":
		return []string{"date"}
	case "15:04:05Z07:00", "15:04:05-07:00", "15:04:05Z":
		return []string{"time"}
	}
	return nil
}

// calendar is the dates around the event's moment, spelled.
type calendar struct {
	first int64 // day since 1970
	days  [][10]byte
}

const (
	calendarPast   = 400
	calendarFuture = 60
)

func newCalendar(at int64) calendar {
	c := calendar{first: floorDiv(at, day) - calendarPast}
	for d := range int64(calendarPast + calendarFuture) {
		c.days = append(c.days, [10]byte(appendDate(nil, (c.first+d)*day)))
	}
	return c
}

// appendDay writes the day of a second in UTC.
func (w *setting) appendDay(dst []byte, s int64) []byte {
	if d := floorDiv(s, day) - w.calendar.first; d >= 0 && d < int64(len(w.calendar.days)) {
		return append(dst, w.calendar.days[d][:]...)
	}
	return appendDate(dst, s)
}

// appendRFC3339 writes a second in UTC.
func (w *setting) appendRFC3339(dst []byte, s int64) []byte {
	dst = w.appendDay(dst, s)
	r := uint(s - floorDiv(s, day)*day)
	h, m, c := r/3600, r/60%60, r%60
	return append(dst, 'T', '0'+byte(h/10), '0'+byte(h%10), ':', '0'+byte(m/10), '0'+byte(m%10), ':', '0'+byte(c/10), '0'+byte(c%10), 'Z')
}

// appendDate writes the day of a second in UTC; the civil calendar from a day
// count, with years that begin in March.
func appendDate(dst []byte, s int64) []byte {
	z := floorDiv(s, day) + 719468
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d := doy - (153*mp+2)/5 + 1
	m := mp + 3
	y := yoe + era*400
	if m > 12 {
		m -= 12
		y++
	}
	dst = appendDigits(dst, uint64(y), 4)
	return append(dst, '-', '0'+byte(m/10), '0'+byte(m%10), '-', '0'+byte(d/10), '0'+byte(d%10))
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// member is the name that the place is known by: its own, or its list's.
func (p *place) member() string {
	for ; p != nil; p = p.up {
		if p.name != "" {
			return p.name
		}
	}
	return ""
}

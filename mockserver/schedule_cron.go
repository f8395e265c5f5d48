package mockserver

import (
	"fmt"
	"strings"
	"time"

	"github.com/netresearch/go-cron"
)

// calendar is a cron line in a time zone.
//
// The library reads the line and counts on a clock that never changes. What the
// changes of a zone's clock mean is decided here, since implementations differ:
//
//   - A line with fixed hours fires once for each time that it names. A time that
//     the clock skips in spring fires at the moment of the change, and one that the
//     clock shows twice in autumn fires the first time.
//   - A line for every hour ("*/15 * * * *") fires whenever the clock shows a time
//     that it names: through the doubled hour twice, in the skipped one never.
//
// So does Vixie's cron, for the same reason: the backup of each night runs each
// night and once, and what runs four times an hour runs four times in each hour
// that passes.
type calendar struct {
	line   *cron.SpecSchedule // counts in UTC
	zone   *time.Location
	hourly bool
}

// cronYears is how far ahead a line may fire next: a February 29 on one weekday
// comes after 40 years at most.
const cronYears = 40

var cronParser = cron.MustNewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor | cron.DowOrDom).
	WithMaxSearchYears(cronYears)

func newCalendar(line, zone string) (*calendar, error) {
	if strings.Contains(line, "=") {
		return nil, scheduleError("/cron", "a cron line names no time zone", "write the zone beside it: zone: Europe/Prague")
	}
	parsed, err := cronParser.Parse(line)
	if err != nil {
		return nil, scheduleError("/cron", fmt.Sprintf("%q is no cron line: %v", clip(line), err),
			`write five fields, minute hour day month weekday, as "30 8 * * 1-5", or @hourly, @daily, @weekly, @monthly`)
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, scheduleError("/cron", fmt.Sprintf("%q is an interval", clip(line)), "write every: 10m")
	}
	c := &calendar{line: spec}
	spec.Location = time.UTC
	const everyHour = 1<<24 - 1
	c.hourly = spec.Hour&everyHour == everyHour
	if spec.Next(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, scheduleError("/cron", fmt.Sprintf("%q never fires", clip(line)), "no month has such a day")
	}
	if zone == "Local" {
		return nil, scheduleError("/zone", `"Local" is another zone on each machine`, "write its name: Europe/Prague, or UTC")
	}
	if c.zone, err = time.LoadLocation(zone); err != nil {
		return nil, scheduleError("/zone", fmt.Sprintf("%q is no time zone that is known here", clip(zone)), "write a name such as Europe/Prague or America/New_York, or UTC")
	}
	return c, nil
}

// next is the first time later than after at which the line fires; zero: never.
func (c *calendar) next(after time.Time) time.Time {
	at := after.Round(0).In(c.zone) // an instant in the stretch of equal offset that is looked at
	low := at                       // only what is later counts
	for range 4 * cronYears {       // stretches: two or so a year
		from, until := at.ZoneBounds()
		shown := clockFace(low, at)
		if !c.hourly && !from.IsZero() {
			// What the clock showed before it was set back has fired.
			if before := clockFace(from, from.Add(-1)).Add(-1); before.After(shown) {
				shown = before
			}
		}
		face := c.line.Next(shown)
		if face.IsZero() {
			return time.Time{}
		}
		fires := instant(face, at)
		if until.IsZero() || fires.Before(until) {
			return fires.In(c.zone)
		}
		if !c.hourly && face.Before(clockFace(until, until)) {
			return until // skipped by the clock
		}
		at, low = until, until.Add(-1)
	}
	return time.Time{}
}

// clockFace is what a clock shows at t, as a time in UTC, with the offset that
// the zone has at other.
func clockFace(t, other time.Time) time.Time {
	_, offset := other.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// instant is when a clock with the offset of other shows face.
func instant(face, other time.Time) time.Time {
	_, offset := other.Zone()
	return face.Add(-time.Duration(offset) * time.Second)
}

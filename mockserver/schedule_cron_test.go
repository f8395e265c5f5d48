package mockserver

import (
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // zones on machines that have none

	"pgregory.net/rapid"
)

// firings are the times of a cron line from a moment on, before another one.
func firings(t *testing.T, line, zone, from, until string) []string {
	t.Helper()
	moment := func(s string) time.Time {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	p := Pattern{Cron: line, Zone: zone}
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, at := range p.Times(moment(from), 0, 0) {
		if !at.Before(moment(until)) {
			return all
		}
		all = append(all, at.In(location).Format("02 15:04 -0700"))
	}
	return all
}

func TestCronAcrossChangesOfTheClock(t *testing.T) {
	const prague, newYork, lordHowe, cairo = "Europe/Prague", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"
	for _, row := range []struct {
		name, line, zone, from, until string
		want                          []string
	}{
		{"a skipped time fires when the clock jumps", "30 2 * * *", prague, "2026-03-28T00:00:00+01:00", "2026-03-31T00:00:00+02:00",
			[]string{"28 02:30 +0100", "29 03:00 +0200", "30 02:30 +0200"}},
		{"several skipped times fire once", "*/15 2 * * *", prague, "2026-03-29T00:00:00+01:00", "2026-03-30T02:10:00+02:00",
			[]string{"29 03:00 +0200", "30 02:00 +0200"}},
		{"a skipped time and the one after the jump are one", "0 2,3 * * *", prague, "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00",
			[]string{"29 03:00 +0200"}},
		{"a doubled time fires once, the first time", "30 2 * * *", prague, "2026-10-24T00:00:00+02:00", "2026-10-27T00:00:00+01:00",
			[]string{"24 02:30 +0200", "25 02:30 +0200", "26 02:30 +0100"}},
		{"the second hour is passed over whole", "*/30 1-3 * * *", prague, "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00",
			[]string{"25 01:00 +0200", "25 01:30 +0200", "25 02:00 +0200", "25 02:30 +0200", "25 03:00 +0100", "25 03:30 +0100"}},
		{"who starts in the second hour waits for the next day", "30 2 * * *", prague, "2026-10-25T02:10:00+01:00", "2026-10-27T00:00:00+01:00",
			[]string{"26 02:30 +0100"}},
		{"hourly skips nothing that exists in spring", "30 * * * *", prague, "2026-03-29T01:00:00+01:00", "2026-03-29T05:00:00+02:00",
			[]string{"29 01:30 +0100", "29 03:30 +0200", "29 04:30 +0200"}},
		{"hourly runs in both hours of autumn", "@hourly", prague, "2026-10-25T01:00:00+02:00", "2026-10-25T04:00:00+01:00",
			[]string{"25 01:00 +0200", "25 02:00 +0200", "25 02:00 +0100", "25 03:00 +0100"}},
		{"every quarter of both hours", "*/15 * * * *", prague, "2026-10-25T02:30:00+02:00", "2026-10-25T02:40:00+01:00",
			[]string{"25 02:30 +0200", "25 02:45 +0200", "25 02:00 +0100", "25 02:15 +0100", "25 02:30 +0100"}},
		{"all hours spelt out are every hour", "0 0-23 * * *", prague, "2026-10-25T02:00:00+02:00", "2026-10-25T04:00:00+01:00",
			[]string{"25 02:00 +0200", "25 02:00 +0100", "25 03:00 +0100"}},
		{"every second hour names hours", "0 */2 * * *", prague, "2026-10-25T00:00:00+02:00", "2026-10-25T05:00:00+01:00",
			[]string{"25 00:00 +0200", "25 02:00 +0200", "25 04:00 +0100"}},

		{"New York, spring", "30 2 * * *", newYork, "2026-03-07T00:00:00-05:00", "2026-03-10T00:00:00-04:00",
			[]string{"07 02:30 -0500", "08 03:00 -0400", "09 02:30 -0400"}},
		{"New York, autumn", "30 1 * * *", newYork, "2026-10-31T00:00:00-04:00", "2026-11-03T00:00:00-05:00",
			[]string{"31 01:30 -0400", "01 01:30 -0400", "02 01:30 -0500"}},

		{"half an hour is skipped on Lord Howe", "15,45 2 * * *", lordHowe, "2026-10-03T00:00:00+10:30", "2026-10-05T00:00:00+11:00",
			[]string{"03 02:15 +1030", "03 02:45 +1030", "04 02:30 +1100", "04 02:45 +1100"}},
		{"half an hour is doubled on Lord Howe", "15,45 1 * * *", lordHowe, "2026-04-04T00:00:00+11:00", "2026-04-06T00:00:00+10:30",
			[]string{"04 01:15 +1100", "04 01:45 +1100", "05 01:15 +1100", "05 01:45 +1100"}},
		{"hourly in the doubled half hour", "45 * * * *", lordHowe, "2026-04-05T00:00:00+11:00", "2026-04-05T03:00:00+10:30",
			[]string{"05 00:45 +1100", "05 01:45 +1100", "05 01:45 +1030", "05 02:45 +1030"}},

		{"a day without midnight", "@daily", cairo, "2026-04-23T00:00:00+02:00", "2026-04-26T00:00:00+03:00",
			[]string{"23 00:00 +0200", "24 01:00 +0300", "25 00:00 +0300"}},
		{"a day whose last hour is doubled", "30 0,23 * * *", cairo, "2026-10-29T12:00:00+03:00", "2026-10-31T12:00:00+02:00",
			[]string{"29 23:30 +0300", "30 00:30 +0200", "30 23:30 +0200", "31 00:30 +0200"}},

		{"a day that never was", "0 12 * * *", "Pacific/Apia", "2011-12-29T00:00:00-10:00", "2012-01-01T00:00:00+14:00",
			[]string{"29 12:00 -1000", "31 00:00 +1400", "31 12:00 +1400"}},
		{"no changes in UTC", "30 2 * * *", "", "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z",
			[]string{"29 02:30 +0000", "30 02:30 +0000"}},
		{"either day, where both are given", "0 0 13 * 5", "", "2026-02-01T00:00:00Z", "2026-02-16T00:00:00Z",
			[]string{"06 00:00 +0000", "13 00:00 +0000"}},
		{"the start itself counts", "0 8 * * *", prague, "2026-01-01T08:00:00+01:00", "2026-01-02T08:00:00+01:00",
			[]string{"01 08:00 +0100"}},
		{"leap days", "0 0 29 2 *", "", "2096-01-01T00:00:00Z", "2105-01-01T00:00:00Z",
			[]string{"29 00:00 +0000", "29 00:00 +0000"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := firings(t, row.line, row.zone, row.from, row.until); !slices.Equal(got, row.want) {
				t.Errorf("%q fires\n     %q\nwant %q", row.line, got, row.want)
			}
		})
	}
}

// What a line of fixed hours promises, in any zone and year: one firing for each
// time that the line names, in order. The model walks over every minute.
func TestCronFiresOncePerNamedTime(t *testing.T) {
	zones := []string{"UTC", "Europe/Prague", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Africa/Casablanca", "America/Santiago", "Asia/Kathmandu"}
	lines := []string{"30 2 * * *", "0 0 * * *", "*/7 1-3 * * *", "59 23 * * *", "5,35 0,1 * * *", "*/20 * * * *", "17 * * * *"}
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		line := rapid.SampledFrom(lines).Draw(t, "line")
		start := time.Date(2026, 1, 1, 0, rapid.IntRange(0, 365*24*60).Draw(t, "minute"), 0, 0, time.UTC)
		// Land near a change of the clock, where there is one.
		if _, change := start.In(zone).ZoneBounds(); !change.IsZero() {
			start = change.UTC().Add(-12 * time.Hour).Truncate(time.Minute)
		}
		c, err := newCalendar(line, zone.String())
		if err != nil {
			t.Fatal(err)
		}
		var want []time.Time
		last := time.Time{} // what the clock showed at most, as UTC
		if c.hourly {
			for m := range 24 * 60 {
				if at := start.Add(time.Duration(m) * time.Minute); names(c, clockFace(at, at.In(zone))) {
					want = append(want, at)
				}
			}
		} else {
			for m := -24 * 60; m < 24*60; m++ {
				at := start.Add(time.Duration(m) * time.Minute)
				face := clockFace(at, at.In(zone))
				hit := false
				for f := last.Add(time.Minute); !f.After(face) && !last.IsZero(); f = f.Add(time.Minute) {
					hit = hit || names(c, f)
				}
				if hit && m >= 0 {
					want = append(want, at)
				}
				if last.IsZero() || face.After(last) {
					last = face
				}
			}
		}
		var got []time.Time
		for at := c.next(start.Add(-1)); at.Before(start.Add(24 * time.Hour)); at = c.next(at) {
			got = append(got, at)
		}
		if !slices.EqualFunc(got, want, time.Time.Equal) {
			t.Errorf("%q in %v from %v:\n     %v\nwant %v", line, zone, start, got, want)
		}
	})
}

// names reports whether the line names what a clock shows.
func names(c *calendar, face time.Time) bool { return c.line.Next(face.Add(-1)).Equal(face) }

func BenchmarkCron(b *testing.B) {
	c, err := newCalendar("* * * * *", "Europe/Prague")
	if err != nil {
		b.Fatal(err)
	}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for b.Loop() {
		at = c.next(at)
	}
}

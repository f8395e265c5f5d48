package mockserver

import (
	"math"
	"time"
)

// clock is the server's only source of time. It is the machine's, or a test
// bubble's (testing/synctest), with waits divided by speed.
type clock struct{ speed float64 }

func newClock(speed float64) clock {
	if !(speed > 0) || math.IsInf(speed, 0) { // also NaN
		speed = 1
	}
	return clock{speed}
}

// times is a clock on which waits are so much shorter again; 0 is as they are.
func (c clock) times(speed float64) clock {
	if speed == 0 {
		return c
	}
	return newClock(c.speed * speed)
}

func (c clock) now() time.Time { return time.Now() }

// shorten is the real time that a policy's wait takes.
func (c clock) shorten(wait time.Duration) time.Duration {
	if c.speed == 1 {
		return wait
	}
	return time.Duration(min(float64(wait)/c.speed, 1<<62))
}

// mark is the speed as it stands in the journal: 0 where time is real.
func (c clock) mark() float64 {
	if c.speed == 1 {
		return 0
	}
	return c.speed
}

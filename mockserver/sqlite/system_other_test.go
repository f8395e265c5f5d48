//go:build !linux

package sqlite

import (
	"testing"
	"time"
)

func smallDisk(t *testing.T) (dir, ballast string) {
	t.Skip("no small disk can be mounted here")
	return "", ""
}

func cpuTime() time.Duration { return 0 }

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

func limitFiles(t *testing.T, _ uint64) (lift func()) {
	t.Skip("files cannot be limited here")
	return nil
}

func cpuTime() time.Duration { return 0 }

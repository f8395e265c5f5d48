//go:build !linux

package sqlite

import "testing"

func smallDisk(t *testing.T) (dir, ballast string) {
	t.Skip("no small disk can be mounted here")
	return "", ""
}

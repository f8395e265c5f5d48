package main

import (
	"net/url"

	"github.com/hookrig/hookrig/internal/egress"
)

// exampleTarget stands in hints where no better address is known.
const exampleTarget = "http://localhost:8080/hooks"

// target reads the address that a flag gives.
func target(flag, raw string) (*url.URL, error) {
	u, err := egress.CheckURL(raw)
	if err == nil {
		return u, nil
	}
	meant := exampleTarget
	if flag == "--server" {
		meant = localServer
	}
	if withScheme := "http://" + raw; !secretive([]string{raw}) {
		if _, err := egress.CheckURL(withScheme); err == nil {
			meant = withScheme
		}
	}
	return nil, usagef(flag+" "+shellWord(meant), "%s: %w", flag, err)
}

package registration

import (
	"cmp"
	"regexp"
	"strconv"
)

// semver is a semantic version (semver.org) as far as its order matters here:
// pre-releases of one version are compared as texts, builds not at all.
type semver struct {
	numbers [3]uint64
	before  string // the pre-release; "" comes after all of them
}

var semverPattern = regexp.MustCompile(`^(\d{1,18})\.(\d{1,18})\.(\d{1,18})(?:-([0-9A-Za-z.-]{1,100}))?(?:\+[0-9A-Za-z.-]{1,100})?$`)

func parseSemver(text string) (v semver, ok bool) {
	parts := semverPattern.FindStringSubmatch(text)
	if parts == nil {
		return v, false
	}
	for i := range v.numbers {
		v.numbers[i], _ = strconv.ParseUint(parts[i+1], 10, 64) // 18 digits fit
	}
	v.before = parts[4]
	return v, true
}

func (v semver) compare(o semver) int {
	for i := range v.numbers {
		if c := cmp.Compare(v.numbers[i], o.numbers[i]); c != 0 {
			return c
		}
	}
	if (v.before == "") != (o.before == "") {
		if v.before == "" {
			return 1
		}
		return -1
	}
	return cmp.Compare(v.before, o.before)
}

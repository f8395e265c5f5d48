package schema

import (
	"cmp"
	"slices"
	"strings"
)

// Nearest returns the candidates most like name, best first, at most three:
// what "did you mean" prints. Case does not matter, and a candidate that name
// begins, or the reverse, is like it. Nothing like it gives nil.
func Nearest(name string, candidates []string) []string {
	type scored struct {
		candidate string
		distance  int
	}
	var near []scored
	folded := strings.ToLower(name)
	for _, c := range candidates {
		if d, ok := likeness(folded, strings.ToLower(c)); ok {
			near = append(near, scored{c, d})
		}
	}
	slices.SortStableFunc(near, func(a, b scored) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.candidate, b.candidate))
	})
	var names []string
	for _, s := range near {
		if !slices.Contains(names, s.candidate) && len(names) < 3 {
			names = append(names, s.candidate)
		}
	}
	return names
}

// likeness is the distance of two names, and whether they are alike at all:
// one edit in four characters at most, or one begins the other.
func likeness(a, b string) (distance int, alike bool) {
	ra, rb := []rune(cut(a)), []rune(cut(b))
	distance = editDistance(ra, rb)
	short, long := min(len(ra), len(rb)), max(len(ra), len(rb))
	if short > 1 && (strings.HasPrefix(b, a) || strings.HasPrefix(a, b)) {
		return min(distance, 2), true
	}
	return distance, distance <= max(1, long/4) && distance < long
}

// editDistance counts the insertions, deletions, replacements and swaps of
// neighbours that turn a into b.
func editDistance(a, b []rune) int {
	var before []int
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

// didYouMean is the hint that names the nearest candidates, or lists them all
// where they are few and none is near.
func didYouMean(name string, candidates []string) string {
	near := Nearest(name, candidates)
	if len(near) == 0 {
		if len(candidates) == 0 || len(candidates) > 12 {
			return ""
		}
		return "one of " + quoteAll(candidates, ", ")
	}
	return "did you mean " + quoteAll(near, " or ") + "?"
}

func quoteAll(names []string, separator string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = quote(name)
	}
	return strings.Join(quoted, separator)
}

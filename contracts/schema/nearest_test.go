package schema

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNearest(t *testing.T) {
	events := []string{"order:create", "order:update", "order:cancel", "order:delete", "customer:create", "stock:movement", "ab", "x"}
	for name, want := range map[string][]string{
		"order:create":  {"order:create"},
		"order:craete":  {"order:create"},
		"ORDER:CREATE":  {"order:create"},
		"order":         {"order:cancel", "order:create", "order:delete"},
		"order:creates": {"order:create"},
		"order.create":  {"order:create"},
		"oder:update":   {"order:update"},
		"stok:movment":  {"stock:movement"},
		"invoice:paid":  nil,
		"ba":            {"ab"},
		"":              nil,
		"y":             nil,
	} {
		got := Nearest(name, events)
		if len(got) > 0 && len(want) > 0 && got[0] != want[0] || len(want) != 1 && !slices.Equal(got, want) || len(got) == 0 && want != nil {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestNearestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		candidates := rapid.SliceOf(rapid.StringMatching("[a-zé]{0,10}")).Draw(t, "candidates")
		name := rapid.String().Draw(t, "name")
		near := Nearest(name, candidates)
		if len(near) > 3 {
			t.Errorf("%d names", len(near))
		}
		for i, n := range near {
			if !slices.Contains(candidates, n) || slices.Contains(near[:i], n) {
				t.Errorf("%q is none of the candidates, or twice there", n)
			}
		}
		reversed := slices.Clone(candidates)
		slices.Reverse(reversed)
		if again := Nearest(name, reversed); !slices.Equal(near, again) {
			t.Errorf("the order of the candidates matters: %q, %q", near, again)
		}
		if len(candidates) > 0 && len(candidates[0]) > 1 {
			if near := Nearest(strings.ToUpper(candidates[0]), candidates); len(near) == 0 || near[0] != candidates[0] {
				t.Errorf("%q is not nearest to itself: %q", candidates[0], near)
			}
		}
	})
}

func TestPointers(t *testing.T) {
	if got := Escape("a/b~c"); got != "a~1b~0c" {
		t.Error(got)
	}
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOf(rapid.String()).Draw(t, "names")
		back, ok := split(join(names))
		if !ok || !slices.Equal(names, back) {
			t.Errorf("%q became %q", names, back)
		}
	})
}

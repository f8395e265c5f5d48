package receivers

import (
	"net/http"
	"regexp"
	"strings"
)

// How receivers miss that a provider's events change, each at one member alone:
// the rest of the body is read with care.
const (
	RefusesItemFields  Defect = "refuses-item-fields"  // 422 for members that it does not know in the items of a list
	BreaksOnLateNull   Defect = "breaks-on-late-null"  // one member of many is not looked at before it is used
	BreaksOnLateEnum   Defect = "breaks-on-late-enum"  // one of several enumerations throws
	NarrowInnerInteger Defect = "narrow-inner-integer" // one of several numbers has 32 bits
)

var evolutionBugs = []bug{
	{RefusesItemFields, habit{stumble: when(http.StatusUnprocessableEntity, func(_ *Receiver, d *delivery) bool {
		return undocumentedAt(d, inItems)
	})}},
	{BreaksOnLateNull, bodyHas(matches(`"company":\s*null`))},
	{BreaksOnLateEnum, habit{stumble: when(broken, func(_ *Receiver, d *delivery) bool { return breaksLater(d, "enum") })}},
	{NarrowInnerInteger, bodyHas(matches(`"shopCountry":\{"id":\d{10,}`))},
}

var inItems = regexp.MustCompile(`/[0-9]+/`)

// undocumentedAt reports whether a body has members that the contract does not
// name in such places.
func undocumentedAt(d *delivery, place *regexp.Regexp) bool {
	for _, ev := range d.opened.Events {
		s, err := ev.Type.Schema()
		if err != nil {
			continue
		}
		for _, v := range s.Undocumented(ev.Body) {
			if place.MatchString(v.Pointer) {
				return true
			}
		}
	}
	return false
}

// breaksLater reports whether a body breaks a rule somewhere else than in the
// first object.
func breaksLater(d *delivery, rule string) bool {
	for _, ev := range d.opened.Events {
		violations, _ := ev.Type.Validate(ev.Body)
		for _, v := range violations {
			if v.Rule == rule && strings.Count(v.Pointer, "/") > 2 {
				return true
			}
		}
	}
	return false
}

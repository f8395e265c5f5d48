package receivers

import (
	"net/http"
	"time"

	"github.com/hookrig/hookrig/contracts"
)

// What receivers do wrong with the order of events and with time that passes.
const (
	LastWriteWins      Defect = "last-write-wins"      // stores whatever comes last
	RefusesUnknown     Defect = "refuses-unknown"      // 404 for a change of what it does not know
	CreateOverwrites   Defect = "create-overwrites"    // creating replaces what is there, however new
	ResurrectsDeleted  Defect = "resurrects-deleted"   // a late change brings a deleted record back
	ForgetsWithinHour  Defect = "forgets-within-hour"  // keeps what was done for half an hour
	ForgetsWithinDay   Defect = "forgets-within-day"   // keeps what was done for a day
	ForgetsWithinWeek  Defect = "forgets-within-week"  // keeps what was done for a week
	ForgetsWhenStarted Defect = "forgets-when-started" // keeps what was done in memory alone
)

var orderBugs = []bug{
	{LastWriteWins, habit{keep: func(was, news record) bool { return !was.erased || newestWins(was, news) }}},
	{RefusesUnknown, habit{stumble: when(http.StatusNotFound, func(r *Receiver, d *delivery) bool {
		for _, ev := range d.opened.Events {
			if _, stage := ev.Type.Contract().EntityOf(ev.Type); stage != nil && stage.Phase != contracts.Begins && !r.knownRecord(ev) {
				return true
			}
		}
		return false
	})}},
	{CreateOverwrites, habit{keep: func(was, news record) bool { return news.phase == contracts.Begins || newestWins(was, news) }}},
	{ResurrectsDeleted, habit{keep: func(was, news record) bool { return was.erased || newestWins(was, news) }}},
	{ForgetsWithinHour, habit{forgets: 30 * time.Minute}},
	{ForgetsWithinDay, habit{forgets: 24 * time.Hour}},
	{ForgetsWithinWeek, habit{forgets: 7 * 24 * time.Hour}},
	{ForgetsWhenStarted, habit{volatile: true}},
}

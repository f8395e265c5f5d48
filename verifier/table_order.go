package verifier

import "github.com/hookrig/hookrig/contracts"

// orderChecks are those that send sequences: what has to come out whatever the
// order, the repetitions and the time between them.
var orderChecks = []*check{
	{
		name: "state/newest-wins", severity: high, basis: ByPractice,
		why:    "Events overtake each other; who writes whatever comes last has yesterday's price and the status of an hour ago.",
		source: sourceOrder,
		fix:    "Compare the event's time or version with that of what is stored, and leave out what is older.",
		act:    sendSequence, judge: judgeSequence, strict: true,
		sequence: ordered("no record of the scope begins and changes twice with a time or version",
			[]contracts.Phase{contracts.Begins, contracts.Changes, contracts.Changes}, 1, 3, 2),
	},
	{
		name: "state/update-before-create", severity: high, basis: ByPractice,
		why:    "A change may come before the event that begins its record; who refuses it, or lets the beginning overwrite it, loses the change.",
		source: sourceOrder,
		fix:    "Create the record from whichever event comes first, and let an older one add nothing.",
		act:    sendSequence, judge: judgeSequence, strict: true,
		sequence: ordered("no record of the scope begins and changes with a time or version",
			[]contracts.Phase{contracts.Begins, contracts.Changes}, 2, 1),
	},
	{
		name: "state/stays-deleted", severity: high, basis: ByPractice,
		why:    "A change that comes after the deletion brings a record back that the provider no longer has, and nothing ever deletes it again.",
		source: sourceOrder,
		fix:    "Remember what was deleted, with its time or version, and leave out what is older.",
		act:    sendSequence, judge: judgeSequence, strict: true,
		sequence: ordered("no record of the scope begins, changes and ends with a time or version",
			[]contracts.Phase{contracts.Begins, contracts.Changes, contracts.Ends}, 1, 3, 2),
	},
	{
		name: "state/any-sequence", severity: critical, basis: ByPractice, oracle: true,
		why:    "Real days bring duplicates, lost answers, late events and several at once, all together; each fault has its own mixture that shows it.",
		source: sourceAtLeast + "; the order is not guaranteed",
		fix:    "Send the sequence again with the reproduce command, and look at its last delivery first.",
		act:    sendSequence, judge: judgeSequence, sequence: anySequence,
	},
	{
		name: "state/duplicate-after-hour", severity: high, basis: ByPractice, oracle: true,
		bases: basesOfRetries("1h"), applies: takesDays,
		why:    whyLate,
		source: sourceAtLeast, fix: fixLate,
		act: sendSequence, judge: judgeLate("1h"), sequence: late("1h"),
	},
	{
		name: "state/duplicate-after-day", severity: high, basis: ByPractice, oracle: true,
		bases: basesOfRetries("25h"), applies: takesDays,
		why:    whyLate,
		source: sourceAtLeast, fix: fixLate,
		act: sendSequence, judge: judgeLate("25h"), sequence: late("25h"),
	},
	{
		name: "state/duplicate-after-week", severity: medium, basis: ByPractice, oracle: true,
		bases: basesOfRetries("8d"), applies: takesDays,
		why:    whyLate,
		source: sourceAtLeast, fix: fixLate,
		act: sendSequence, judge: judgeLate("8d"), sequence: late("8d"),
	},
	{
		name: "state/duplicate-after-restart", severity: critical, basis: ByPractice, oracle: true, applies: canRestart,
		why:    "Receivers are restarted on every release, often because they hang and answers are lost: just then the provider sends again what is done.",
		source: sourceAtLeast,
		fix:    "Keep what was done where it outlives the process, best in one transaction with the effect.",
		act:    sendSequence, judge: judgeSequence, sequence: afterRestart,
	},
}

const (
	sourceOrder = "Shopify's and Stripe's documentation: the order is not guaranteed"
	whyLate     = "Providers retry for hours or days; who forgets sooner what was done does it again."
	fixLate     = "Keep what was done for longer than the provider retries, or know it by the record itself."
)

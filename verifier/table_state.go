package verifier

const fixOnce = "Remember what was done, under the event's identity, in the same transaction as the effect."

var state = []*check{
	{
		name: "state/duplicate-accepted", severity: high, basis: ByContract,
		why:    "A provider that missed your answer sends the delivery again; an error makes it try for ever.",
		source: "the contract's success codes; " + sourceAtLeast,
		fix:    "Acknowledge a delivery that you have seen before like a new one.",
		bases:  basesOfSuccess, act: duplicate, judge: func(h *hearing) finding { return accepted(h, roleValid, roleRepeated) },
	},
	{
		name: "state/parallel-duplicates-accepted", severity: high, basis: ByPractice, hostile: true,
		why:    "A retry may overtake the first attempt; the one that comes second must not run into a lock or a unique key.",
		source: sourceAtLeast + "; providers deliver in parallel",
		fix:    "Take a violated unique key for what it says: somebody is at it, acknowledge.",
		act:    duplicatesAtOnce,
		judge:  (&rating{many: "deliveries of one event at once", pass: []class{took}, warn: []class{refused, misspoke}}).judge,
	},
	{
		name: "state/older-event-accepted", severity: high, basis: ByPractice,
		why:    "Events overtake each other; one that is refused for being old is sent again for ever.",
		source: "Shopify's and Stripe's documentation: the order is not guaranteed",
		fix:    "Acknowledge what is older than what you know, and ignore it.",
		act:    olderEvent, judge: tolerated("an event that is older than the one before"),
	},
	{
		name: "state/duplicate-once", severity: critical, basis: ByPractice, oracle: true,
		why:    "The same delivery twice must not ship, charge or refund twice.",
		source: sourceAtLeast + "; " + sourceStandard,
		fix:    fixOnce,
		act:    duplicateAndLook, judge: judgeOnce,
	},
	{
		name: "state/parallel-duplicates-once", severity: critical, basis: ByPractice, oracle: true,
		why:    "Looking first and writing afterwards lets two deliveries look at the same moment.",
		source: sourceAtLeast + "; the race between check and insert",
		fix:    "Let a unique key decide, in the transaction of the effect.",
		act:    duplicatesAtOnceAndLook, judge: judgeOnce,
	},
	{
		name: "state/signed-anew-once", severity: critical, basis: ByPractice, oracle: true,
		why:     "A later attempt carries the same event under a newer signature: who knows events by their signature does them twice.",
		source:  sourceAtLeast + "; " + sourceStandard + ": attempts are signed anew",
		fix:     "Know an event by its identity in the body, not by the headers of an attempt.",
		applies: signsTime, act: signedAnew, judge: judgeOnce,
	},
	{
		name: "state/lost-answer", severity: critical, basis: ByPractice, oracle: true,
		why:    "The usual way to a double effect: the work is done, the answer is lost, the provider sends the delivery again.",
		source: sourceAtLeast,
		fix:    fixOnce,
		act:    lostAnswer, judge: judgeOnce,
	},
	{
		name: "state/after-forgery", severity: critical, basis: ByPractice, hostile: true, oracle: true,
		why:     "Who remembers a delivery before checking it lets a stranger make the real one look like a duplicate.",
		source:  sourceOWASP + "; verify before anything is written",
		fix:     "Write nothing down before the signature was checked.",
		applies: signs, act: afterForgery, judge: judgeEachOnce("a valid event had no effect after a forgery of it was refused"),
	},
	{
		name: "state/all-acknowledged-done", severity: critical, basis: ByPractice, oracle: true,
		why:    "An event that was acknowledged is never sent again: if it waits in memory, or a full queue drops it, it is lost.",
		source: sourceAtLeast + "; acknowledge after the event is safe",
		fix:    "Write the event down before you acknowledge it, and refuse it with 503 where that fails.",
		act:    manyAtOnceAndLook, judge: judgeAllDone,
	},
	{
		name: "state/same-record-done", severity: high, basis: ByPractice, oracle: true,
		why:    "Two changes of one record are two events; who tells events apart by the record alone loses the second.",
		source: "the contract's identity; a common choice of the wrong key",
		fix:    "Let the key have everything that tells two events apart, their time above all.",
		act:    sameRecord, judge: judgeEachOnce("of two events of one record only one had an effect"),
	},
	{
		name: "state/near-numbers-done", severity: high, basis: ByPractice, oracle: true,
		why:    "Long numbers become equal where they are printed with few digits, and beyond 2⁵³ where they are read as floats: one of two events is taken for a duplicate.",
		source: sourceRFC8259 + ", section 6",
		fix:    "Read ids as 64-bit integers, or as text.",
		act:    nearIDs, judge: judgeNearNumbers,
	},
	{
		name: "state/same-id-once", severity: medium, basis: ByPractice, oracle: true,
		why:    "What the contract calls the same event must not be done twice because its text differs.",
		source: "the contract's identity",
		fix:    "Know events by the identity that the provider documents.",
		act:    sameID, judge: judgeOnce,
	},
}

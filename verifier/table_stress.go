package verifier

// stressChecks load a receiver: see Stress.
var stressChecks = []*check{
	{
		name: "acknowledgement/in-a-row", severity: high, basis: ByPractice, tier: Stress, hostile: true,
		why:    "One answer in time says little: pauses, pools that run dry and caches that fill show in a row of events.",
		source: "receivers' reports of time-outs; one second as good practice",
		fix:    "Put the event into a queue, answer, and work afterwards.",
		bases:  basesOfTimeout, act: longRow, judge: judgeRow(roleValid),
	},
	{
		name: "acknowledgement/sustained", severity: high, basis: ByPractice, tier: Stress, hostile: true,
		why:    "Events come at their own rate and not at the receiver's; a slow type or a large body holds up all others.",
		source: "providers do not wait for one answer before they send the next event",
		fix:    "Let the time of an answer depend neither on the type nor on the size of an event.",
		bases:  basesOfTimeout, act: sustained, judge: judgeRow(roleProbe),
	},
	{
		name: "http/burst", severity: high, basis: ByPractice, tier: Stress, hostile: true,
		why:    "A sale, an import or the end of an outage brings hundreds of events at once.",
		source: "CloudEvents webhook specification, section 4; " + sourceRFC9110 + ", section 10.2.3",
		fix:    "Take what you can into a queue, and answer the rest with 429 and Retry-After.",
		act:    bursts, judge: loaded("events at once"),
	},
	{
		name: "state/retry-storm-accepted", severity: high, basis: ByPractice, tier: Stress, hostile: true,
		why:    "After an outage everything comes at once, and much of it twice; who breaks then has the next outage.",
		source: sourceStandard + ": backlogs; CloudEvents webhook specification, section 4",
		fix:    "Acknowledge what you know already before any other work, and ask for time with 429 and Retry-After.",
		act:    retryStorm,
		judge: func(h *hearing) finding {
			return loaded("deliveries after an outage")(&hearing{own: asProbes(append(h.of(roleProbe), h.of(roleRepeated)...))})
		},
	},
	{
		name: "state/retry-storm-once", severity: critical, basis: ByPractice, tier: Stress, hostile: true, oracle: true,
		why:    "A memory of the last few events is too short for a backlog: what comes again after a hundred others is done twice.",
		source: sourceAtLeast,
		fix:    fixOnce,
		act:    retryStormAndLook, judge: judgeEachOnce("events of a storm of retries were acknowledged and had no effect"),
	},
}

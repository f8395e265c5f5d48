package verifier

const baseline = "acknowledgement/valid-event"

// table is the suite. The order is that of the run: the baseline first, checks
// that only read what the others sent last.
var table = []*check{
	{
		name: baseline, severity: critical, basis: ByContract,
		why:    "An event that is not acknowledged as the provider expects is sent again, and at some point the registration is switched off.",
		source: "the contract's success codes",
		fix:    "Answer a valid delivery with a code that the provider takes for success, before any slow work.",
		act:    threeValid, judge: func(h *hearing) finding { return accepted(h, roleValid) },
	},
	{
		name: "acknowledgement/each-event", severity: high, basis: ByContract,
		why:    "A subscription delivers every event of its kind; one that the receiver stumbles over is retried and holds up the rest.",
		source: "the contract's events",
		fix:    "Acknowledge every event that is subscribed to, also those that you ignore; or narrow the run with --event.",
		act:    everyEvent, judge: judgeEachEvent,
	},
	{
		name: "authenticity/missing-signature", severity: critical, basis: ByPractice, hostile: true,
		why:     "Whoever learns the URL can send orders, refunds and deletions.",
		source:  "OWASP webhook guidance; providers such as Shopify and Discord test for it",
		fix:     "Refuse with 401 before reading the body if the signature header is absent.",
		applies: signs, act: withoutSignature, judge: onProbe(judgeForged),
	},
	{
		name: "authenticity/empty-signature", severity: critical, basis: ByPractice, hostile: true,
		why:     "A comparison with an empty value that counts as equal lets everyone in.",
		source:  "a bug of several webhook libraries",
		fix:     "Treat an empty signature as a missing one.",
		applies: signs, act: emptySignature, judge: onProbe(judgeForged),
	},
	{
		name: "authenticity/truncated-signature", severity: critical, basis: ByPractice, hostile: true,
		why:     "A comparison that stops at the shorter value can be guessed byte by byte.",
		source:  "a bug of several webhook libraries",
		fix:     "Compare the whole value in constant time.",
		applies: signs, act: truncatedSignature, judge: onProbe(judgeForged),
	},
	{
		name: "authenticity/wrong-key", severity: critical, basis: ByPractice, hostile: true,
		why:     "A signature that is not checked against the shared secret protects nothing.",
		source:  "OWASP webhook guidance; Standard Webhooks",
		fix:     "Compute the signature over the received bytes with your secret and compare.",
		applies: signs, act: wrongKey, judge: onProbe(judgeForged),
	},
	{
		name: "authenticity/altered-body", severity: critical, basis: ByPractice, hostile: true,
		why:     "An amount or an address changed on the way must not be believed.",
		source:  "OWASP webhook guidance",
		fix:     "Compute the signature over the bytes as received.",
		applies: coversBody, act: alteredBody, judge: onProbe(judgeForged),
	},
	{
		name: "authenticity/raw-body", severity: high, basis: ByPractice,
		why:     "A receiver that parses and writes the JSON again before it checks the signature refuses real events as soon as a space or an escape differs.",
		source:  "a common bug of framework users; Standard Webhooks",
		fix:     "Keep the raw bytes of the request for the signature, parse afterwards.",
		applies: coversBody, act: respelledBody, judge: func(h *hearing) finding { return practical(accepted(h, roleProbe)) },
	},
	{
		name: "authenticity/stale-timestamp", severity: high, basis: ByPractice, hostile: true,
		why:     "A recorded delivery can be replayed for ever if its time is not looked at.",
		source:  "Standard Webhooks",
		fix:     "Refuse deliveries whose signed time is further away than some minutes, wide enough for the provider's retries.",
		applies: signsTime, act: staleTimestamp, judge: onProbe(judgeStale),
	},
	{
		name: "authenticity/no-effect", severity: critical, basis: ByPractice, hostile: true, oracle: true,
		why:     "A receiver that acts first and checks later has done the damage when it answers 401.",
		source:  "OWASP webhook guidance",
		fix:     "Check the signature before anything else.",
		applies: signs, act: forgedAndLook, judge: judgeNoEffect,
	},
	{
		name: "payload/malformed-json", severity: high, basis: ByPractice, hostile: true,
		why:     "A cut-off body must be told from a good one, and must not take the receiver down.",
		source:  "RFC 9110, section 15.5.1",
		fix:     "Answer 400 when the body does not parse.",
		applies: canSendMalformed, act: malformedJSON, judge: onProbe(judgeMalformed),
	},
	{
		name: "payload/unknown-event", severity: high, basis: ByPractice, hostile: true,
		why:     "Providers add events; an error makes them send it again until they give up on the whole registration.",
		source:  "Standard Webhooks; GitHub's note that new events are added",
		fix:     "Acknowledge events that you do not know and ignore them.",
		applies: namesEvents, act: unknownEvent, judge: onProbe(judgeUnknownEvent),
	},
	{
		name: "payload/unknown-field", severity: high, basis: ByPractice,
		why:    "Providers add members to bodies without notice; strict parsing breaks on that day.",
		source: "Standard Webhooks; common versioning practice",
		fix:    "Ignore members that you do not know.",
		act:    unknownField, judge: func(h *hearing) finding { return practical(accepted(h, roleProbe)) },
	},
	{
		name: "state/duplicate-accepted", severity: high, basis: ByContract,
		why:    "A provider that missed your answer sends the delivery again; an error makes it try for ever.",
		source: "the contract's success codes; at-least-once delivery",
		fix:    "Acknowledge a delivery that you have seen before like a new one.",
		act:    duplicate, judge: func(h *hearing) finding { return accepted(h, roleValid, roleRepeated) },
	},
	{
		name: "state/duplicate-once", severity: critical, basis: ByPractice, oracle: true,
		why:    "The same delivery twice must not ship, charge or refund twice.",
		source: "at-least-once delivery; Standard Webhooks",
		fix:    "Remember what was done, under the event's identity, in the same transaction as the effect.",
		act:    duplicateAndLook, judge: judgeOnce,
	},
	{
		name: "state/lost-answer", severity: critical, basis: ByPractice, oracle: true,
		why:    "The usual way to a double effect: the work is done, the answer is lost, the provider sends the delivery again.",
		source: "at-least-once delivery",
		fix:    "Remember what was done, under the event's identity, in the same transaction as the effect.",
		act:    lostAnswer, judge: judgeOnce,
	},
	{
		name: "http/redirect", severity: high, basis: ByPractice,
		why:    "Providers do not follow redirects: what is answered with one is lost.",
		source: "Standard Webhooks; CloudEvents webhook specification",
		fix:    "Register the final URL, with the right scheme and trailing slash.",
		judge:  judgeRedirect,
	},
	{
		name: "acknowledgement/latency", severity: high, basis: ByContract,
		why:    "An answer after the provider's time-out counts as none, although the work is done.",
		source: "the contract's time-out; one second as good practice",
		fix:    "Put the event into a queue, answer, and work afterwards.",
		judge:  judgeLatency,
	},
}

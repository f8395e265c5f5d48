package verifier

// hostileChecks could bring a receiver down: see Hostile.
var hostileChecks = []*check{
	{
		name: "payload/huge-body", severity: high, basis: ByPractice, tier: Hostile, hostile: true,
		why:     "Whoever reads a body into memory without a limit can be stopped by one request of a stranger.",
		source:  "OWASP, denial of service; " + sourceRFC9110 + ", section 15.5.14",
		fix:     "Stop reading at a limit of a few megabytes and answer 413.",
		applies: canSendMalformed, act: hugeBodies, judge: survived("a body far beyond any event's"),
	},
	{
		name: "payload/extreme-nesting", severity: high, basis: ByPractice, tier: Hostile, hostile: true,
		why:     "A parser that calls itself for every bracket runs out of stack, and with it the whole process.",
		source:  sourceRFC8259 + ", section 9; CVEs of several parsers",
		fix:     "Use a parser with a limit of depth, and answer 400 beyond it.",
		applies: canSendMalformed, act: extremeNesting, judge: survived("a body nested beyond all use"),
	},
	{
		name: "http/header-flood", severity: medium, basis: ByPractice, tier: Hostile, hostile: true,
		why:    "Heads are read before anything is checked, and fill memory or a fixed table.",
		source: "RFC 6585, section 5; " + sourceRFC9110 + ", section 5.4",
		fix:    "Keep the web server's limits on heads, and answer 431.",
		act:    headerFloods, judge: survived("a request with a flood of headers"),
	},
	{
		name: "http/compression-bomb", severity: high, basis: ByPractice, tier: Hostile, hostile: true,
		why:     "Sixty kilobytes become sixty megabytes, or a thousand times more, where a body is unpacked without a limit.",
		source:  "OWASP, denial of service; a bug of several frameworks' middleware",
		fix:     "Refuse compressed bodies with 415, or limit what is unpacked.",
		applies: canSendMalformed, act: bomb, judge: survived("a small body that unpacks to 64 MiB"),
	},
	{
		name: "http/odd-lengths", severity: high, basis: ByPractice, tier: Hostile, hostile: true,
		why:     "Where a proxy and the receiver disagree on where a body ends, a second request can be hidden in it.",
		source:  sourceRFC9112 + ", sections 6.3 and 11.2",
		fix:     "Answer 400 to a request with two lengths, and close its connection; let a maintained web server read HTTP.",
		applies: hasConnections, act: oddLengths, judge: judgeLengths,
	},
	{
		name: "transport/slow-senders", severity: high, basis: ByPractice, tier: Hostile, hostile: true,
		why:     "A few connections that send a byte now and then stop a receiver that has one worker for each, or a lock around reading.",
		source:  "OWASP, denial of service: slow HTTP attacks",
		fix:     "Set a time-out for reading, and hold no lock or worker of the others meanwhile.",
		applies: hasConnections, act: slowSending, judge: judgeSlowSenders,
	},
}

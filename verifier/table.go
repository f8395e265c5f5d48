package verifier

import "slices"

// The checks that others rest on.
const (
	baseline  = "acknowledgement/valid-event"
	eachEvent = "acknowledgement/each-event"
)

// table is the suite, in the order of the run. The baseline is the first.
var table = slices.Concat(acknowledgement, authenticity, payload, evolutionChecks, state, orderChecks, overHTTP, transport, hostileChecks, stressChecks)

// Sources that several rules share.
const (
	sourceOWASP     = "OWASP webhook guidance"
	sourceStandard  = "Standard Webhooks"
	sourceLibraries = "a bug of several webhook libraries"
	sourceAtLeast   = "at-least-once delivery"
	sourceRFC9110   = "RFC 9110"
	sourceRFC9112   = "RFC 9112"
	sourceRFC8259   = "RFC 8259"
	sourceVersions  = "common versioning practice"
)

var acknowledgement = []*check{
	{
		name: baseline, severity: critical, basis: ByContract,
		why:    "An event that is not acknowledged as the provider expects is sent again, and at some point the registration is switched off.",
		source: "the contract's success codes",
		fix:    "Answer a valid delivery with a code that the provider takes for success, before any slow work.",
		act:    threeValid, judge: judgeBaseline,
	},
	{
		name: eachEvent, severity: high, basis: ByContract,
		why:    "A subscription delivers every event of its kind; one that the receiver stumbles over is retried and holds up the rest.",
		source: "the contract's events",
		fix:    "Acknowledge every event that is subscribed to, also those that you ignore; or narrow the run with --event.",
		bases:  basesOfSuccess, act: everyEvent, judge: judgeEachEvent,
	},
	{
		name: "acknowledgement/latency", severity: high, basis: ByContract,
		why:    "An answer after the provider's time-out counts as none, although the work is done.",
		source: "the contract's time-out; one second as good practice",
		fix:    "Put the event into a queue, answer, and work afterwards.",
		bases:  basesOfTimeout, judge: judgeLatency,
	},
	{
		name: "acknowledgement/web-page", severity: high, basis: ByPractice,
		why:    "A login or error page with status 200 looks like success to the provider, and the event never reached the receiver.",
		source: "CloudEvents webhook specification, section 2.2; a common fault of gateways and frameworks",
		fix:    "Take the route out of the login, and answer with no body or a short JSON text.",
		judge:  lookAt(false, "no acknowledgement is a web page", webPage),
	},
	{
		name: "acknowledgement/error-in-body", severity: medium, basis: ByPractice,
		why:    "Providers read the status and not the body: an error that is told with 200 is never repaired by a retry.",
		source: "CloudEvents webhook specification, section 2.2",
		fix:    "Answer with an error status where the event could not be taken.",
		judge:  lookAt(false, "status and body say the same", trouble),
	},
	{
		name: "acknowledgement/body-size", severity: low, basis: ByPractice,
		why:    "Providers read a few kilobytes of an answer at most; the rest costs time, and some count it as a failure.",
		source: "hookrig: no provider states a limit, so this is advice",
		fix:    "Answer with no body or a short one.",
		judge:  lookAt(false, "acknowledgements are short", tooLong),
	},
	{
		name: "acknowledgement/cookie", severity: low, basis: ByPractice,
		why:    "A cookie shows that the route runs through a browser's session: each delivery opens a new one, and a check for forged forms will refuse them.",
		source: sourceOWASP + "; webhook routes are exempt from sessions and CSRF tokens",
		fix:    "Take the route out of the session and CSRF middleware.",
		judge:  lookAt(false, "no answer sets a cookie", cookie),
	},
	{
		name: "acknowledgement/stack-trace", severity: high, basis: ByPractice,
		why:    "Paths, versions and queries in an error's text are a map for an attacker, and the provider shows them to its users.",
		source: "OWASP, improper error handling",
		fix:    "Log the details, and answer with the status and one neutral line.",
		judge:  lookAt(true, "no answer shows the program from within", stackTrace),
	},
	{
		name: "acknowledgement/version-banner", severity: low, basis: ByPractice,
		why:    "A version in a header tells which known holes to try.",
		source: "OWASP, fingerprinting of web servers",
		fix:    "Switch the version off (server_tokens, expose_php, ServerTokens).",
		judge:  lookAt(true, "no header tells a version", banner),
	},
	{
		name: "acknowledgement/retry-after", severity: medium, basis: ByPractice,
		why:    "A provider that is asked to slow down and not told for how long comes back at once, or too late.",
		source: "CloudEvents webhook specification, section 2.2; " + sourceRFC9110 + ", section 10.2.3",
		fix:    "Send Retry-After with every 429 and 503.",
		judge:  judgeWaiting,
	},
}

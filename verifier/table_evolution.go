package verifier

import "github.com/hookrig/hookrig/contracts/diff"

// evolutionChecks are those of a next version of the contract. The changes that
// any provider may make are among the checks of payloads.
var evolutionChecks = []*check{
	{
		name: "payload/next-version-additions", severity: high, basis: ByPractice, hostile: true,
		why:     "What the next version adds will be in bodies on the day that it is switched on, for receivers that were not told as well.",
		source:  "the difference to the version given with --against; " + sourceStandard,
		fix:     "Ignore members that you do not know, at every level.",
		applies: hasNext, act: nextVersion(diff.Compatible), judge: toleratedAt("an event with what the next version adds"),
	},
	{
		name: "payload/next-version-changes", severity: high, basis: ByPractice, hostile: true,
		why:     "What the next version changes meets a receiver of this one: it should refuse in good order what it cannot take, and stay up.",
		source:  "the difference to the version given with --against; " + sourceVersions,
		fix:     "Prepare for the member that is named before the provider switches over.",
		applies: hasNext, act: nextVersion(diff.Breaking), judge: preferredAt("an event as the next version has it"),
	},
}

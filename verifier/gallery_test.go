package verifier_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

// galleryContracts are those of the catalogue, and one with all that they lack:
// a documented identity, several signatures.
func galleryContract(t *testing.T, name string) *contracts.Contract {
	t.Helper()
	if name == "shop" {
		return shop(t)
	}
	return provider(t, name)
}

var galleryNames = append([]string{"shop"}, catalog.Names...)

// full is the long form of the gallery's tests: 100 seeds, and every defect at
// every provider.
var full = os.Getenv("HOOKRIG_FULL") != ""

func TestCorrectReceiversAreConformant(t *testing.T) {
	seeds := uint64(1)
	if full {
		seeds = 100
	}
	for i, name := range galleryNames {
		if !sample(i) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range seeds {
				virtual(t, func(t *testing.T) {
					c := galleryContract(t, name)
					receiver := receivers.New(c, receivers.None, secretsOf(c)...)
					o := inTime(options(c, receiver), receiver)
					if o.Seed = seed; name != "shop" {
						o = slim(o)
					}
					r := run(t, o)
					tell("right", "", name, "", found(r))
					for _, f := range r.Checks {
						if f.Verdict != verifier.Pass && f.Verdict != verifier.Skip {
							t.Errorf("seed %d: %s %s: %s (%s)", seed, f.Verdict, f.Name, f.Because, f.Received)
						}
					}
				})
			}
		})
	}
}

// gallery says of each defect at which provider it is looked for, and what is
// found there: the check that is meant for it first, then those that cannot but
// see it too. A warning has a ~ before its name.
var gallery = map[receivers.Defect]struct {
	at    string
	found []string
}{
	receivers.AnswersNoContent:       {"shoptet", []string{"acknowledgement/valid-event"}},
	receivers.StumblesOverOneEvent:   {"shoptet", []string{"acknowledgement/each-event"}},
	receivers.SlowToAnswer:           {"shoptet", []string{"~acknowledgement/latency"}},
	receivers.RedirectsToSlash:       {"shoptet", []string{"http/redirect", "acknowledgement/valid-event"}},
	receivers.AnswersLoginPage:       {"shoptet", []string{"acknowledgement/web-page"}},
	receivers.AnswersAppPage:         {"shoptet", []string{"~acknowledgement/web-page"}},
	receivers.HidesErrors:            {"shoptet", []string{"acknowledgement/error-in-body"}},
	receivers.AnswersAtLength:        {"shoptet", []string{"~acknowledgement/body-size"}},
	receivers.StartsSessions:         {"shoptet", []string{"~acknowledgement/cookie"}},
	receivers.ShowsTraces:            {"shoptet", []string{"acknowledgement/stack-trace"}},
	receivers.ShowsVersions:          {"shoptet", []string{"~acknowledgement/version-banner"}},
	receivers.ThrottlesInSilence:     {"shoptet", []string{"~acknowledgement/retry-after", "~state/parallel-duplicates-accepted", "~http/parallel"}},
	receivers.NoSignatureCheck:       {"xentral", []string{"authenticity/wrong-key", "authenticity/missing-signature", "authenticity/empty-signature", "authenticity/truncated-signature", "authenticity/garbled-signature", "authenticity/weaker-algorithm", "authenticity/altered-body", "authenticity/reused-signature", "authenticity/changed-timestamp", "authenticity/missing-timestamp", "authenticity/garbled-timestamp", "~authenticity/stale-timestamp", "~authenticity/future-timestamp", "~authenticity/before-parsing", "authenticity/no-effect"}},
	receivers.MissingMeansTrusted:    {"shoptet", []string{"authenticity/missing-signature", "~authenticity/before-parsing"}},
	receivers.EmptyMeansTrusted:      {"shoptet", []string{"authenticity/empty-signature"}},
	receivers.PrefixCompare:          {"shoptet", []string{"authenticity/truncated-signature"}},
	receivers.BreaksOnOtherLength:    {"shoptet", []string{"authenticity/truncated-signature"}},
	receivers.BreaksOnGarbled:        {"shoptet", []string{"authenticity/garbled-signature"}},
	receivers.BreaksOnTwoLines:       {"shoptet", []string{"authenticity/two-signatures"}},
	receivers.BelievesTheFirst:       {"shoptet", []string{"~authenticity/two-signatures"}},
	receivers.TakesWeakerAlgorithm:   {"xentral", []string{"authenticity/weaker-algorithm"}},
	receivers.BelievesAlgNone:        {"ergonode", []string{"authenticity/unsigned-token"}},
	receivers.DecodesTokens:          {"ergonode", []string{"authenticity/wrong-key", "authenticity/truncated-signature", "authenticity/garbled-signature", "authenticity/no-effect"}},
	receivers.ChecksUserAlone:        {"scayle", []string{"authenticity/other-password"}},
	receivers.KeepsGoodSignatures:    {"xentral", []string{"authenticity/reused-signature", "authenticity/changed-timestamp"}},
	receivers.KeepsGoodBodies:        {"xentral", []string{"authenticity/changed-timestamp"}},
	receivers.BreaksWithoutTime:      {"xentral", []string{"authenticity/missing-timestamp"}},
	receivers.BreaksOnGarbledTime:    {"xentral", []string{"authenticity/garbled-timestamp"}},
	receivers.NoTimeCheck:            {"xentral", []string{"~authenticity/stale-timestamp", "~authenticity/future-timestamp"}},
	receivers.OneSidedClock:          {"xentral", []string{"~authenticity/future-timestamp"}},
	receivers.KnowsOneSignature:      {"shop", []string{"authenticity/two-secrets"}},
	receivers.RefusesUnknownVersions: {"shop", []string{"authenticity/unknown-version"}},
	receivers.ReserialisesBody:       {"shoptet", []string{"authenticity/raw-body"}},
	receivers.HashesCharacters:       {"shoptet", []string{"authenticity/multibyte-body", "payload/invalid-text", "payload/other-charset", "payload/byte-order-mark", "payload/emoji", "http/compressed"}},
	receivers.ParsesBeforeCheck:      {"shoptet", []string{"~authenticity/before-parsing"}},
	receivers.EffectBeforeCheck:      {"shoptet", []string{"authenticity/no-effect"}},
	receivers.TellsExpectedSignature: {"shoptet", []string{"authenticity/tells-signature"}},
	receivers.TellsSecret:            {"shoptet", []string{"authenticity/tells-secret"}},
	receivers.AcceptsMalformed:       {"shoptet", []string{"payload/malformed-json", "payload/empty-body", "payload/trailing-garbage", "payload/trailing-comma", "payload/not-a-number", "~payload/other-root", "~payload/invalid-text"}},
	receivers.BreaksOnMalformed:      {"shoptet", []string{"payload/malformed-json", "payload/empty-body", "payload/trailing-garbage", "payload/trailing-comma", "payload/not-a-number", "payload/other-root", "payload/invalid-text", "payload/other-charset", "payload/byte-order-mark", "~http/other-content-type", "http/compressed"}},
	receivers.BreaksOnEmptyBody:      {"shoptet", []string{"payload/empty-body"}},
	receivers.ReadsFirstValue:        {"shoptet", []string{"payload/trailing-garbage"}},
	receivers.ForgivesCommas:         {"shoptet", []string{"payload/trailing-comma"}},
	receivers.AcceptsNaN:             {"ergonode", []string{"payload/not-a-number"}},
	receivers.BreaksOnOtherRoots:     {"shoptet", []string{"payload/other-root", "~payload/invalid-text"}},
	receivers.AcceptsInvalidUTF8:     {"shoptet", []string{"~payload/invalid-text"}},
	receivers.BreaksOnInvalidUTF8:    {"shoptet", []string{"payload/invalid-text"}},
	receivers.BreaksOnCharsets:       {"shoptet", []string{"payload/other-charset"}},
	receivers.StripsMark:             {"shoptet", []string{"payload/byte-order-mark"}},
	receivers.BreaksOnMark:           {"sellercenter", []string{"payload/byte-order-mark"}},
	receivers.BreaksOnTwins:          {"shoptet", []string{"payload/duplicate-member"}},
	receivers.BreaksOnDepth:          {"scayle", []string{"payload/deep-nesting"}},
	receivers.LimitsTo100KB:          {"scayle", []string{"~payload/size"}},
	receivers.CutsAt100KB:            {"shoptet", []string{"payload/size"}},
	receivers.BreaksOnUnknownEvent:   {"shoptet", []string{"payload/unknown-event"}},
	receivers.RefusesUnknownFields:   {"ergonode", []string{"payload/unknown-field", "~payload/size", "payload/unknown-nested-field"}},
	receivers.RefusesInnerFields:     {"ergonode", []string{"payload/unknown-nested-field"}},
	receivers.BreaksOnUnknownEnum:    {"ergonode", []string{"payload/unknown-enum"}},
	receivers.BreaksOnNull:           {"scayle", []string{"payload/null-member"}},
	receivers.NeedsOptionalMembers:   {"sellercenter", []string{"payload/absent-member"}},
	receivers.BreaksOnEmptyList:      {"ergonode", []string{"payload/empty-list"}},
	receivers.NeedsFirstMember:       {"shoptet", []string{"payload/member-order"}},
	receivers.ShortColumns:           {"shoptet", []string{"payload/long-text"}},
	receivers.NarrowIntegers:         {"shoptet", []string{"payload/big-number"}},
	receivers.ThreeByteText:          {"shoptet", []string{"payload/emoji"}},
	receivers.BreaksOnNUL:            {"shoptet", []string{"payload/escaped-nul"}},
	receivers.BreaksOnSurrogate:      {"shoptet", []string{"payload/lone-surrogate"}},
	receivers.BuildsQueries:          {"shoptet", []string{"payload/quotes"}},
	receivers.EchoesAsHTML:           {"shoptet", []string{"payload/reflection"}},
	receivers.KnowsOneTimeFormat:     {"xentral", []string{"payload/time-spelling"}},
	receivers.RefusesItemFields:      {"ergonode", []string{"payload/unknown-nested-field"}},
	receivers.BreaksOnLateNull:       {"scayle", []string{"payload/null-member"}},
	receivers.BreaksOnLateEnum:       {"ergonode", []string{"payload/unknown-enum"}},
	receivers.NarrowInnerInteger:     {"scayle", []string{"payload/big-number"}},
	receivers.DoubleEffect:           {"xentral", []string{"state/duplicate-once", "state/parallel-duplicates-once", "state/signed-anew-once", "state/lost-answer", "state/any-sequence", "state/duplicate-after-restart", "~state/duplicate-after-hour", "~state/duplicate-after-day", "~state/duplicate-after-week"}},
	receivers.RefusesDuplicates:      {"sellercenter", []string{"state/duplicate-accepted", "~state/parallel-duplicates-accepted"}},
	receivers.BreaksOnUniqueKey:      {"shoptet", []string{"state/parallel-duplicates-accepted"}},
	receivers.RefusesOlderEvents:     {"shoptet", []string{"state/older-event-accepted", "state/newest-wins"}},
	receivers.LooksThenWrites:        {"shoptet", []string{"state/parallel-duplicates-once", "state/any-sequence"}},
	receivers.KnowsBySignature:       {"xentral", []string{"state/signed-anew-once", "state/any-sequence", "~state/duplicate-after-hour", "~state/duplicate-after-day", "~state/duplicate-after-week"}},
	receivers.KnowsByRecord:          {"shoptet", []string{"state/same-record-done"}},
	receivers.KnowsByBytes:           {"shop", []string{"state/same-id-once"}},
	receivers.ReadsFloats:            {"shoptet", []string{"~state/near-numbers-done"}},
	receivers.RemembersBeforeCheck:   {"shoptet", []string{"state/after-forgery", "state/any-sequence"}},
	receivers.LastWriteWins:          {"shoptet", []string{"state/newest-wins", "state/update-before-create"}},
	receivers.RefusesUnknown:         {"shoptet", []string{"state/update-before-create", "acknowledgement/each-event"}},
	receivers.CreateOverwrites:       {"shoptet", []string{"state/update-before-create"}},
	receivers.ResurrectsDeleted:      {"shoptet", []string{"state/stays-deleted"}},
	receivers.ForgetsWithinHour:      {"sellercenter", []string{"state/duplicate-after-hour", "state/duplicate-after-day", "state/duplicate-after-week"}},
	receivers.ForgetsWithinDay:       {"sellercenter", []string{"state/duplicate-after-day", "state/duplicate-after-week"}},
	receivers.ForgetsWithinWeek:      {"sellercenter", []string{"state/duplicate-after-week"}},
	receivers.ForgetsWhenStarted:     {"shoptet", []string{"state/duplicate-after-restart"}},
	receivers.DropsWhenBusy:          {"scayle", []string{"state/all-acknowledged-done"}},
	receivers.ComparesStoredText:     {"scayle", []string{"state/any-sequence"}},
	receivers.OneAtATime:             {"ergonode", []string{"http/parallel", "state/parallel-duplicates-accepted"}},
	receivers.ComparesContentType:    {"shoptet", []string{"http/charset"}},
	receivers.BreaksOnOtherTypes:     {"shoptet", []string{"http/other-content-type"}},
	receivers.BreaksWithoutType:      {"shoptet", []string{"http/no-content-type"}},
	receivers.BreaksOnCompressed:     {"shoptet", []string{"http/compressed"}},
	receivers.TakesEveryMethod:       {"shoptet", []string{"~http/wrong-method"}},
	receivers.BreaksOnOtherMethods:   {"shoptet", []string{"http/wrong-method"}},
	receivers.BreaksOnLooking:        {"shoptet", []string{"http/looking"}},
	receivers.BreaksOnManyHeaders:    {"shoptet", []string{"http/headers"}},
	receivers.RefusesRobots:          {"shoptet", []string{"http/user-agent"}},
	receivers.NeedsLength:            {"shoptet", []string{"http/chunked"}},
	receivers.RefusesExpect:          {"shoptet", []string{"~http/expect-continue"}},
	receivers.ReadsOnce:              {"shoptet", []string{"transport/slow-body", "http/chunked"}},
	receivers.KeepsLockOnCut:         {"shoptet", []string{"transport/cut-body"}},
	receivers.KeepsLockOnReset:       {"shoptet", []string{"transport/reset"}},
	receivers.ReadsCanonicalNames:    {"shoptet", []string{"http/header-case"}},
	receivers.ClosesConnections:      {"shoptet", []string{"~http/keep-alive"}},
	receivers.DropsUsedConnections:   {"shoptet", []string{"http/keep-alive"}},
	receivers.OnlyHTTP2:              {"shoptet", []string{"http/versions", "http/chunked", "http/expect-continue", "transport/slow-body"}},
	receivers.SpeaksOldTLS:           {"shoptet", []string{"transport/tls-version"}},
	receivers.SpeaksNoNewTLS:         {"shoptet", []string{"~transport/tls-version"}},
	receivers.ConnectsSlowly:         {"shoptet", []string{"~transport/connect-time"}},
	receivers.ServesWithoutTLS:       {"shoptet", []string{"transport/https"}},
	receivers.WantsTokenInURL:        {"shoptet", []string{"~transport/token-in-url"}},
	receivers.LetsCertificateEnd:     {"shoptet", []string{"~transport/certificate"}},
}

// registered are the addresses of receivers whose defect is in their address.
var registered = map[receivers.Defect]string{
	receivers.ServesWithoutTLS: "http://shop.example/hooks",
	receivers.WantsTokenInURL:  "https://shop.example/hooks?token=canary",
}

// found are the findings of a report, warnings marked.
func found(r *verifier.Report) []string {
	out := findings(r, verifier.Fail)
	for _, name := range findings(r, verifier.Warn) {
		out = append(out, "~"+name)
	}
	return out
}

// galleryRun judges one receiver under virtual time. Four events are enough:
// the first three, which often tell of one record, and the last.
func galleryRun(t *testing.T, defect receivers.Defect, name string) *verifier.Report {
	t.Helper()
	c := galleryContract(t, name)
	receiver := receivers.New(c, defect, secretsOf(c)...)
	o := inTime(options(c, receiver), receiver)
	types := c.EventTypes()
	o.Events = []string{types[len(types)-1].Name()}
	for _, first := range types[:min(3, len(types))] {
		o.Events = append(o.Events, first.Name())
	}
	o.URL = cmp.Or(registered[defect], o.URL)
	for _, slow := range []string{"payload/size", "state/any-sequence"} { // and seldom what a defect shows in
		if !full && !slices.ContainsFunc(gallery[defect].found, func(name string) bool { return strings.HasSuffix(name, slow) }) {
			o.Skip = append(o.Skip, slow)
		}
	}
	return run(t, o)
}

func TestEachDefectIsCaughtByItsOwnChecks(t *testing.T) {
	for i, defect := range receivers.Defects {
		if _, ok := tierGallery[defect]; ok {
			continue
		}
		row, ok := gallery[defect]
		if !ok {
			t.Errorf("no row says what %q must fail", defect)
		}
		if _, ok := onNetwork[defect]; ok || !sample(i) {
			continue
		}
		virtualRun(t, string(defect), func(t *testing.T) {
			r := galleryRun(t, defect, row.at)
			compare(t, string(defect), row.at, found(r), row.found)
			if fails := len(findings(r, verifier.Fail)) > 0; fails != (r.Verdict == verifier.NotConformant) {
				t.Errorf("the verdict is %q", r.Verdict)
			}
		})
	}
}

// TestGalleryMatrix is every defect at every provider.
func TestGalleryMatrix(t *testing.T) {
	if !full {
		t.Skip("set HOOKRIG_FULL=1 to run every defect at every provider")
	}
	var matrix strings.Builder
	for _, defect := range receivers.Defects {
		if _, ok := onNetwork[defect]; ok {
			continue
		}
		for _, name := range galleryNames {
			virtual(t, func(t *testing.T) {
				if got := found(galleryRun(t, defect, name)); len(got) > 0 {
					fmt.Fprintf(&matrix, "%-26s %-13s %s\n", defect, name, strings.Join(got, " "))
				}
			})
		}
	}
	golden(t, "gallery.txt", []byte(matrix.String()))
}

func same(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

// A provider without a known success rule is judged by practice: 204 is well.
func TestAnAssumedSuccessRuleIsNotHeldAgainstTheReceiver(t *testing.T) {
	c := provider(t, "xentral")
	o := options(c, receivers.New(c, receivers.AnswersNoContent, secretsOf(c)...))
	o.Only = []string{"acknowledgement/valid-event"}
	r := timeless(t, o)
	if r.Verdict != verifier.Conformant || r.Checks[0].Basis != verifier.ByPractice || r.Checks[0].Provenance.Level != contracts.Assumed {
		t.Errorf("%+v", r.Checks[0])
	}
}

func TestWithoutAnOracleNothingIsPassedThatWasNotSeen(t *testing.T) {
	c := provider(t, "shoptet")
	o := options(c, receivers.New(c, receivers.DoubleEffect, secretsOf(c)...))
	o.Oracle = nil
	r := timeless(t, slim(o))
	want := []string{
		"authenticity/no-effect", "state/duplicate-once", "state/parallel-duplicates-once", "state/lost-answer", "state/after-forgery",
		"state/all-acknowledged-done", "state/same-record-done", "state/near-numbers-done", "state/same-id-once", "state/any-sequence",
	}
	if got := findings(r, verifier.Inconclusive); !same(got, want) {
		t.Errorf("inconclusive are %q, want %q", got, want)
	}
	var text bytes.Buffer
	if err := r.Text(&text, false); err != nil || !strings.Contains(text.String(), r.OracleHint) || r.OracleHint == "" {
		t.Errorf("the report does not say how to give an oracle: %v", err)
	}
}

// What an oracle can be asked by is what the contract says tells events apart.
func TestTheHintForAnOracleFitsTheContract(t *testing.T) {
	text, err := os.ReadFile("testdata/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	identified := func(by string) *contracts.Contract {
		c, err := contracts.Load(fstest.MapFS{"shop.yaml": {Data: bytes.Replace(text, []byte("  identity: {members: [/id]}\n"), []byte(by), 1)}}, "shop.yaml")
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, row := range []struct {
		c        *contracts.Contract
		arg      string
		contains string
	}{
		{shop(t), "shop.yaml", "--oracle 'http://host/effects?id={/id}#/count'"},
		{identified("  identity: {members: [/type, /id]}\n"), "shop.yaml", "--oracle 'http://host/effects?type={/type}&id={/id}#/count'"},
		{identified("  identity: {header: X-Delivery}\n"), "shop.yaml", "--oracle 'http://host/effects?id={id}#/count'"},
		{identified(""), "shop.yaml", "--oracle 'http://host/effects?event={/…}#/count'"},
		{provider(t, "shoptet"), "shoptet", "eventInstance={/eventInstance}&"},
		{provider(t, "sellercenter"), "sellercenter", "payload={/payload/…}#/count'"},
		{shop(t), "", "verifier.Options{Oracle: …} counts the effects of an event by /id"},
		{identified("  identity: {header: X-Delivery}\n"), "", "by the delivery's id"},
	} {
		o := options(row.c, receivers.New(row.c, receivers.None, secretsOf(row.c)...))
		o.Oracle, o.ContractArg, o.Only = nil, row.arg, []string{"state"}
		if got := timeless(t, o).OracleHint; !strings.Contains(got, row.contains) {
			t.Errorf("%q does not say %q", got, row.contains)
		}
		o = options(row.c, receivers.New(row.c, receivers.None, secretsOf(row.c)...))
		o.Only = []string{"state"}
		if got := timeless(t, o).OracleHint; got != "" {
			t.Errorf("a hint where an oracle was given: %q", got)
		}
	}
}

// From Go a finding is repeated in Go: nobody knows how a command line would
// name the contract.
func TestReproduceInGo(t *testing.T) {
	c := shop(t)
	o := options(c, receivers.New(c, receivers.AcceptsMalformed, secretsOf(c)...))
	o.Seed = 9
	for _, row := range []struct{ arg, want string }{
		{"", `verifier.Options{Seed: 9, Only: []string{"payload/malformed-json"}, Events: []string{"sold"}}`},
		{"my shop.yaml", `hookrig verify 'my shop.yaml' --to http://receiver.test/hooks --seed 9 --only payload/malformed-json --event sold --secret-env HOOKRIG_SECRET`},
	} {
		o.ContractArg, o.Only = row.arg, []string{"payload/malformed-json"}
		found := false
		for _, f := range timeless(t, o).Checks {
			if f.Verdict == verifier.Fail {
				if found = true; f.Reproduce != row.want {
					t.Errorf("%s: %s, want %s", f.Name, f.Reproduce, row.want)
				}
			}
		}
		if !found {
			t.Error("nothing was found")
		}
	}
}

func TestAnOracleThatFailsIsNotTheReceiversFault(t *testing.T) {
	c := provider(t, "shoptet")
	o := options(c, receivers.New(c, receivers.None, secretsOf(c)...))
	asked := 0
	o.Oracle = verifier.OracleFunc(func(context.Context, contracts.Event, string) (int, error) {
		if asked++; asked == 1 { // the trial before the run
			return 0, nil
		}
		return 0, errors.New("oracle down")
	})
	r := timeless(t, slim(o))
	if r.Counts.Fail > 0 || r.Counts.Inconclusive != 12 {
		t.Errorf("%+v", r.Counts)
	}
}

// An oracle that cannot be asked at all is no reason for a green verdict.
func TestABrokenOracleEndsTheRunBeforeItStarts(t *testing.T) {
	c := shop(t)
	receiver := receivers.New(c, receivers.None, secretsOf(c)...)
	sent := 0
	o := options(c, receiver)
	o.Transport = mockserver.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent++
		receiver.ServeHTTP(w, r)
	}))
	down := errors.New("oracle down")
	o.Oracle = verifier.OracleFunc(func(context.Context, contracts.Event, string) (int, error) { return 0, down })
	r, err := verifier.Run(t.Context(), o)
	var broken *verifier.OracleError
	if r != nil || !errors.As(err, &broken) || !errors.Is(err, down) || broken.Event != "sold" {
		t.Errorf("report %v, error %v", r, err)
	}
	if sent > 0 {
		t.Errorf("%d deliveries were sent nevertheless", sent)
	}
	ctx, cancel := context.WithCancel(t.Context())
	o.Oracle = verifier.OracleFunc(func(context.Context, contracts.Event, string) (int, error) { cancel(); return 0, down })
	if _, err := verifier.Run(ctx, o); !errors.Is(err, context.Canceled) || errors.As(err, &broken) {
		t.Errorf("an interruption is taken for the oracle's fault: %v", err)
	}
}

// The headline is not greener than what was seen.
func TestHeadline(t *testing.T) {
	c := shop(t)
	for _, row := range []struct {
		oracle bool
		only   []string
		events []string
		want   string
	}{
		{true, nil, nil, "\nconformant: shop, all 2 events\n"},
		{false, nil, nil, "\nconformant, as far as seen: 11 checks not judged; shop, all 2 events\n"},
		{false, []string{"state/lost-answer"}, []string{"sold"}, "\nconformant, as far as seen: 1 check not judged; shop, 1 of its events (sold)\n"},
		{false, []string{"payload"}, []string{"sold"}, "\nconformant: shop, 1 of its events (sold)\n"},
	} {
		virtual(t, func(t *testing.T) {
			o := options(c, receivers.New(c, receivers.None, secretsOf(c)...))
			if o.Only, o.Events = row.only, row.events; !row.oracle {
				o.Oracle = nil
			}
			r := run(t, slim(o))
			var text bytes.Buffer
			if err := r.Text(&text, false); err != nil || !strings.Contains(text.String(), row.want) || r.Verdict != verifier.Conformant {
				t.Errorf("%v %q, want %q in\n%s", err, r.Verdict, row.want, text.String())
			}
		})
	}
}

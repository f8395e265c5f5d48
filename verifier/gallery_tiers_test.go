package verifier_test

import (
	"context"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/verifier"
)

// tierGallery says of each defect that shows in the hostile or stress tier alone
// at which provider it is looked for, and what is found there; the check that is
// meant for it first.
var tierGallery = map[receivers.Defect]struct {
	at      string
	found   []string
	network bool // it needs connections to show
}{
	receivers.BuffersHugeBodies:  {"shoptet", []string{"payload/huge-body"}, false},
	receivers.RecursesUnbounded:  {"shoptet", []string{"payload/extreme-nesting"}, false},
	receivers.FixedHeaderTable:   {"shoptet", []string{"http/header-flood"}, false},
	receivers.UnpacksBombs:       {"shoptet", []string{"http/compression-bomb"}, false},
	receivers.TakesTwoLengths:    {"shoptet", []string{"http/odd-lengths"}, true},
	receivers.LocksWhileReading:  {"shoptet", []string{"~transport/slow-senders"}, true},
	receivers.PausesNowAndThen:   {"shoptet", []string{"~acknowledgement/in-a-row", "~acknowledgement/sustained", "~acknowledgement/latency"}, false},
	receivers.SlowOnLargeBodies:  {"shoptet", []string{"~acknowledgement/sustained"}, false},
	receivers.BreaksUnderBurst:   {"shoptet", []string{"http/burst"}, false},
	receivers.BreaksUnderBacklog: {"shoptet", []string{"state/retry-storm-accepted"}, false},
	receivers.ShortMemory:        {"shoptet", []string{"state/retry-storm-once"}, false},
}

// tiered are the checks of the two tiers, and what judges their answers.
func tiered() (names []string) {
	for _, c := range verifier.Checks() {
		if c.Tier != verifier.Functional {
			names = append(names, c.Name)
		}
	}
	return append(names, "acknowledgement/latency", "acknowledgement/retry-after")
}

func tierOptions(o verifier.Options) verifier.Options {
	o.Only, o.Hostile, o.Stress = tiered(), true, true
	o.Events = []string{o.Contract.EventTypes()[0].Name()}
	return o
}

func TestEachDefectIsCaughtInItsTier(t *testing.T) {
	for i, defect := range receivers.Defects {
		row, ok := tierGallery[defect]
		if !ok || !sample(i) && !row.network {
			continue
		}
		if row.network {
			t.Run(string(defect), func(t *testing.T) {
				t.Parallel()
				tierOverNetwork(t, defect, row.at, row.found)
			})
			continue
		}
		virtualRun(t, string(defect), func(t *testing.T) {
			c := galleryContract(t, row.at)
			o := tierOptions(options(c, receivers.New(c, defect, secretsOf(c)...)))
			for _, check := range []string{"payload/huge-body", "http/compression-bomb"} { // 64 MiB are much for a test
				if row.found[0] != check {
					o.Skip = append(o.Skip, check)
				}
			}
			compare(t, string(defect), row.at, found(run(t, o)), row.found)
		})
	}
}

func tierOverNetwork(t *testing.T, defect receivers.Defect, name string, want []string) {
	t.Helper()
	c := galleryContract(t, name)
	receiver := receivers.New(c, defect, secretsOf(c)...)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- receiver.Serve(ctx, l, nil) }()
	o := tierOptions(options(c, receiver))
	o.Transport, o.URL = nil, "http://"+l.Addr().String()+"/hooks"
	if c.Provider() == "scayle" {
		o.URL = strings.Replace(o.URL, "http://", "http://shop:canary-secret-of-the-tests@", 1)
	}
	o.Only = []string{"http/odd-lengths", "http/compression-bomb", "http/header-flood", "transport/slow-senders", "payload/extreme-nesting"}
	if defect == receivers.None {
		o.Only = append(o.Only, "payload/huge-body")
	}
	o.Stress = false
	got := found(run(t, o))
	// A busy machine is slow too, and a reset may overtake the 413. What the checks
	// say of it where nothing is slow, the runs without a network show.
	got = slices.DeleteFunc(got, func(name string) bool {
		return name == "~transport/slow-senders" && defect != receivers.LocksWhileReading || name == "~payload/huge-body"
	})
	compare(t, string(defect), name, got, want)
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// A right receiver bears both tiers.
func TestCorrectReceiversBearTheTiers(t *testing.T) {
	for _, name := range few(galleryNames, "shop", "scayle") {
		virtualRun(t, name, func(t *testing.T) {
			c := galleryContract(t, name)
			o := tierOptions(options(c, receivers.New(c, receivers.None, secretsOf(c)...)))
			if !full {
				o.Skip = []string{"payload/huge-body"}
			}
			r := run(t, o)
			tell("right", "under load", name, "", found(r))
			for _, f := range r.Checks {
				if f.Verdict != verifier.Pass && f.Verdict != verifier.Skip {
					t.Errorf("%s %s: %s (%s)", f.Verdict, f.Name, f.Because, f.Received)
				}
			}
		})
	}
	t.Run("over a network", func(t *testing.T) {
		t.Parallel()
		tierOverNetwork(t, receivers.None, "shoptet", nil)
	})
}

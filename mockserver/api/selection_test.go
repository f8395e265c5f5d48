package api

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

// everyBulkOperation is for TestEveryOperation.
func (g *rig) everyBulkOperation() {
	g.t.Helper()
	g.do("GET", "/api/v1/deliveries/counts?label=none", "").is(200)
	g.do("POST", "/api/v1/deliveries/resend", `{"label":"none"}`).is(202)
	g.do("POST", "/api/v1/deliveries/cancel", `{"label":"none"}`).is(202)
	g.do("DELETE", "/api/v1/labels/none", "").is(200)
}

func (g *rig) counts(query string) (c counts) {
	g.t.Helper()
	g.do("GET", "/api/v1/deliveries/counts"+query, "").is(200).into(&c)
	return c
}

// at is a time that a query takes.
func at(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func TestSelecting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, answers(200, 500, 200))
		g.do("PUT", "/api/v1/endpoints/shop", `{"url":"http://shop.test"}`).is(200)
		var ids []string
		var times []time.Time
		for i := range 4 {
			time.Sleep(time.Minute)
			times = append(times, time.Now())
			to := `"to":"http://other.test"`
			if i%2 == 0 {
				to = `"endpoint":"shop"`
			}
			ids = append(ids, g.do("POST", "/api/v1/deliveries", `{"provider":"bravo","event":"ping",`+to+fmt.Sprintf(`,"label":"a/b %d"}`, i/2)).ids()[0])
			synctest.Wait()
		}
		ids = append(ids, g.do("POST", "/api/v1/deliveries", ping+`,"label":"later","delay":"1h"}`).ids()[0])
		for query, want := range map[string][]string{
			"?since=" + at(times[2]):                                      {ids[4], ids[3], ids[2]},
			"?until=" + at(times[2]):                                      {ids[1], ids[0]},
			"?since=" + at(times[1]) + "&until=" + at(times[3]):           {ids[2], ids[1]},
			"?endpoint=shop":                                              {ids[2], ids[0]},
			"?endpoint=http://other.test&label=a/b%201":                   {ids[3]},
			"?since=" + strings.ReplaceAll(at(times[2]), "Z", "%2B00:00"): {ids[4], ids[3], ids[2]},
		} {
			got := []string{}
			for _, d := range g.list(query).Deliveries {
				got = append(got, d.ID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", query, got, want)
			}
			if c := g.counts(query); c.Total != len(want) {
				t.Errorf("%s: %+v, want %d", query, c, len(want))
			}
		}
		if c := g.counts(""); c != (counts{Waiting: 1, Delivered: 3, Exhausted: 1, Total: 5}) {
			t.Errorf("%+v", c)
		}
		for _, query := range []string{"?since=yesterday", "?until=2026-01-31", "?since=2026-13-01T00:00:00Z", "?state=gone", "?since="} {
			g.do("GET", "/api/v1/deliveries"+query, "").problem(400)
			g.do("GET", "/api/v1/deliveries/counts"+query, "").problem(400)
		}

		var sentAgain, cancelled many
		g.do("POST", "/api/v1/deliveries/resend", `{"state":"exhausted","since":"`+at(times[0])+`"}`).is(202).into(&sentAgain)
		if !slices.Equal(sentAgain.IDs, ids[1:2]) || sentAgain.Failed != "" {
			t.Errorf("%+v", sentAgain)
		}
		g.do("POST", "/api/v1/deliveries/resend", `{"label":"a/b 1"}`).is(202).into(&sentAgain)
		if !slices.Equal(sentAgain.IDs, ids[2:4]) {
			t.Errorf("not the oldest first: %+v", sentAgain)
		}
		synctest.Wait()
		if c := g.counts("?label=a/b%200"); c != (counts{Delivered: 2, Total: 2}) {
			t.Errorf("%+v", c)
		}
		g.do("POST", "/api/v1/deliveries/cancel", `{"provider":"bravo"}`).is(202).into(&cancelled)
		if !slices.Equal(cancelled.IDs, ids[4:]) {
			t.Errorf("%+v", cancelled)
		}
		for _, body := range []string{`{}`, `{"since":"now"}`, `{"state":"gone"}`, `{"limit":3}`, `{"label":""}`} {
			g.do("POST", "/api/v1/deliveries/resend", body).problem(422)
			g.do("POST", "/api/v1/deliveries/cancel", body).problem(422)
		}
	})
}

// A label that was reset begins anew, and does so after a restart; the journal
// has forgotten nothing.
func TestResettingALabel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		label := "a/b c%"
		send := func(g *rig, more string) string {
			return g.do("POST", "/api/v1/deliveries", ping+fmt.Sprintf(`,"label":%q`, label)+more+`}`).ids()[0]
		}
		d.boot(t, answers(200), func(g *rig) {
			send(g, "")
			live := send(g, `,"delay":"1h"`)
			other := g.do("POST", "/api/v1/deliveries", ping+`,"delay":"1h","label":"a"}`).ids()[0]
			synctest.Wait()
			time.Sleep(time.Minute)
			var answer struct {
				Label     string
				Cancelled int
				Since     time.Time
			}
			g.do("DELETE", "/api/v1/labels/a/b%20c%25", "").is(200).into(&answer)
			if answer.Label != label || answer.Cancelled != 1 || !answer.Since.Equal(time.Now()) {
				t.Errorf("%+v", answer)
			}
			if a, b := g.detail(live), g.list("?label=a").Deliveries; a.State != mockserver.Cancelled || b[0].ID != other || b[0].State != mockserver.Waiting {
				t.Errorf("%+v, %+v", a, b)
			}
			g.do("POST", "/api/v1/deliveries/cancel", `{"label":"a"}`).is(202)
		})
		d.boot(t, answers(200), func(g *rig) {
			query := "?label=a/b%20c%25"
			if got := g.list(query); len(got.Deliveries) != 0 || g.counts(query) != (counts{}) {
				t.Errorf("%+v", got)
			}
			var again many
			g.do("POST", "/api/v1/deliveries/resend", fmt.Sprintf(`{"label":%q}`, label)).is(202).into(&again)
			if len(again.IDs) != 0 {
				t.Errorf("%+v", again)
			}
			id := send(g, "")
			if got := g.list(query + "&since=2000-01-01T00:00:00Z").Deliveries; len(got) != 1 || got[0].ID != id {
				t.Errorf("%+v", got)
			}
			if all := g.list("").Deliveries; len(all) != 4 {
				t.Errorf("%d deliveries are left", len(all))
			}
		})
	})
}

func TestMarksAreBounded(t *testing.T) {
	g := newRig(t, answers(200))
	now := time.Now()
	for i := range most {
		g.api.labels.put(fmt.Sprint("l", i), labelMark{now.Add(time.Duration(i) * time.Second)})
	}
	g.do("DELETE", "/api/v1/labels/new", "").is(200)
	_, oldest := g.api.labels.get("l0")
	_, second := g.api.labels.get("l1")
	if _, fresh := g.api.labels.get("new"); oldest || !second || !fresh {
		t.Error(oldest, second, fresh)
	}
}

// What is too much for one request is refused before anything is sent.
func TestTooMuchToResend(t *testing.T) {
	g := newRig(t, answers(200))
	for range 2 {
		g.do("POST", "/api/v1/deliveries", ping+`,"count":6000}`).ids()
	}
	if err := g.server.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := g.server.Stats().Sent
	if p := g.do("POST", "/api/v1/deliveries/resend", `{"provider":"bravo"}`).problem(422); p.Hint == "" || !strings.Contains(p.Detail, "12000") {
		t.Errorf("%+v", p)
	}
	if g.server.Stats().Sent != before {
		t.Error("something was sent")
	}
}

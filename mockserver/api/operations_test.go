package api

// everyOtherOperation calls what is about subscriptions, schedules, runs, exports
// and metrics, for TestEveryOperation.
func (g *rig) everyOtherOperation() {
	g.t.Helper()
	id := g.subscribe(`{"provider":"acme","events":["order.created"],"url":"http://shop.test/hooks"}`)
	g.do("GET", "/api/v1/subscriptions", "").is(200)
	g.do("GET", "/api/v1/subscriptions/"+id, "").is(200)
	g.do("PATCH", "/api/v1/subscriptions/"+id, `{"active":false}`).is(200)
	g.do("DELETE", "/api/v1/subscriptions/"+id, "").is(204)

	g.do("PUT", "/api/v1/schedules/nightly", `{"every":"1h","provider":"bravo","event":"ping","to":"http://shop.test/hooks"}`).is(200)
	g.do("GET", "/api/v1/schedules", "").is(200)
	g.do("POST", "/api/v1/schedules/nightly/start", "").is(202)
	g.do("GET", "/api/v1/schedules/nightly", "").is(200)
	g.do("GET", "/api/v1/runs", "").is(200)
	g.do("GET", "/api/v1/runs/nightly-1", "").is(200)
	g.do("POST", "/api/v1/runs/nightly-1/pause", "").is(202)
	g.do("DELETE", "/api/v1/schedules/nightly", "").is(204)
	g.do("POST", "/api/v1/runs", `{"name":"once","rate":10,"count":3,"provider":"bravo","event":"ping","to":"http://shop.test/hooks"}`).is(202)
	g.do("GET", "/api/v1/journal?format=jsonl", "").is(200)
	g.do("GET", "/api/v1/journal?format=har", "").is(200)
	g.do("GET", "/api/v1/journal/audit", "").is(409) // in memory; TestAudit has a file
	g.do("GET", "/metrics", "").is(200)

	g.do("GET", "/api/v1/scenarios", "").is(200)
	g.do("PUT", "/api/v1/secrets/story", `{"value":"whsec_`+canary+`"}`).is(204)
	g.do("POST", "/api/v1/scenarios/runs", `{"name":"story","scenario":{"name":"s","providers":["acme"],"steps":["order placed"]},"to":"http://shop.test/hooks","secret":"story"}`).is(202)
	g.do("GET", "/api/v1/scenarios/runs/story?wait=1m", "").is(200)
	g.do("GET", "/api/v1/scenarios/runs", "").is(200)
	g.do("GET", "/api/v1/scenarios/runs/story/events", "").is(200)
	g.do("GET", "/api/v1/scenarios/runs/story/report", "").is(200)
	g.do("POST", "/api/v1/scenarios/runs/story/stop", "").is(409)
}

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
}

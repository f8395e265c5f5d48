package faker_test

import (
	"strings"
	"time"
)

// papers keeps the last word on each document.
type papers map[paperKey]map[string]bool

func (p papers) had(group string, id int64, verb string) bool { return p[paperKey{group, id}][verb] }

func (p papers) learn(e *erpEvent) {
	g, id := e.paper()
	if g == "" {
		return
	}
	k := paperKey{g, id}
	if p[k] == nil {
		p[k] = map[string]bool{}
	}
	p[k][e.verb] = true
}

// overPapers judges events of documents by what was said of them before.
func overPapers(says string, judge func(e *erpEvent, known papers, group string, id int64) string) law {
	return law{says, func() func(e *erpEvent) string {
		known := papers{}
		return func(e *erpEvent) string {
			g, id := e.paper()
			v := judge(e, known, g, id)
			known.learn(e)
			return v
		}
	}}
}

func paperLaws() []law {
	return []law{
		overPapers("a document is created once, and before anything else is said of it", func(e *erpEvent, known papers, g string, id int64) string {
			switch {
			case g == "":
				return ""
			case e.verb == "created":
				return right(known[paperKey{g, id}] == nil, "it is there already")
			}
			return right(known.had(g, id, "created"), "it was never created")
		}),
		overPapers("nothing is said of a document after its deletion, and it is only filed or deleted after its cancellation", func(e *erpEvent, known papers, g string, id int64) string {
			switch {
			case g == "":
				return ""
			case known.had(g, id, "deleted"):
				return "it is deleted"
			case known.had(g, id, "canceled"):
				return right(e.verb == "protocolCreated" || e.verb == "archived" || e.verb == "deleted", "it is canceled")
			}
			return ok
		}),
		overPapers("what is sent was released, but for the confirmation of a sales order", func(e *erpEvent, known papers, g string, id int64) string {
			if g == "" || g == "salesOrder" || e.verb != "sent" {
				return ""
			}
			return right(known.had(g, id, "released"), "it was not released")
		}),
		overPapers("a production is released, started and completed", func(e *erpEvent, known papers, g string, id int64) string {
			switch {
			case g != "production":
			case e.verb == "started":
				return right(known.had(g, id, "released"), "not released")
			case e.verb == "completed":
				return right(known.had(g, id, "started"), "not started")
			}
			return ""
		}),
		overPapers("a sales order is released, dispatched, auto-shipped and archived in this order", func(e *erpEvent, known papers, g string, id int64) string {
			if g != "salesOrder" {
				return ""
			}
			before := map[string]string{"dispatched": "released", "autoshipmentProcessed": "dispatched", "archived": "released"}
			if known.had(g, id, "archived") && e.verb != "protocolCreated" {
				return "it is archived"
			}
			if b := before[e.verb]; b != "" {
				return right(known.had(g, id, b) && !known.had(g, id, e.verb), "it was not "+b+", or it is twice")
			}
			return ""
		}),
		overPapers("goods come of what was ordered or is to come back, and no more once all are there", func(e *erpEvent, known papers, g string, id int64) string {
			if e.verb != "goodsReceived" {
				return ""
			}
			isFull, _ := e.body[g+"FullyReceived"].(bool)
			if isFull {
				defer func() { known[paperKey{g, id}]["full"] = true }()
			}
			return right(known.had(g, id, "released") && !known.had(g, id, "full"), "it was not released, or all came before")
		}),
		overPapers("what is split off a sales order are documents of their own", func(e *erpEvent, known papers, _ string, _ int64) string {
			if !strings.HasPrefix(e.name, "dropshipping") {
				return ""
			}
			for _, child := range e.ids("childSalesOrderIds") {
				if child == e.id("originSalesOrderId") || !known.had("salesOrder", child, "created") {
					return "a child is no sales order"
				}
			}
			for _, p := range e.ids("purchaseOrderIds") {
				if !known.had("purchaseOrder", p, "created") {
					return "there is no such purchase order"
				}
			}
			return right(len(e.ids("childSalesOrderIds")) > 0 && known.had("salesOrder", e.id("originSalesOrderId"), "created"), "it is split off nothing")
		}),
		overPapers("a transfer hands over a document that there is", func(e *erpEvent, known papers, _ string, _ int64) string {
			if e.group != "transfer" {
				return ""
			}
			kind, _ := e.body["doctype"].(string)
			return right(known.had(kind, e.id("doctypeId"), "created") && !known.had(kind, e.id("doctypeId"), "deleted"), "there is none")
		}),
		overPapers("the auto-shipment lists sales orders that it has processed", func(e *erpEvent, known papers, _ string, _ int64) string {
			if e.group != "autoshipment" {
				return ""
			}
			for _, id := range e.ids("salesOrderIds") {
				if !known.had("salesOrder", id, "autoshipmentProcessed") {
					return "one was not processed"
				}
			}
			return right(len(e.ids("salesOrderIds")) > 0, "none is listed")
		}),
		{"a new sales order has a position and a protocol entry within seconds, in this order", newOrders},
		{"ids of positions and of protocol entries are never used again", entries},
		{"the time in an event is that of its delivery, or some seconds before", times},
		{"a shipment has a delivery note, gets its number with the label, and goes through the dispatch center then", shipments},
	}
}

func newOrders() func(e *erpEvent) string {
	type state struct {
		at     time.Time
		placed bool
	}
	fresh := map[int64]*state{}
	return func(e *erpEvent) string {
		for id, s := range fresh {
			if e.at.Sub(s.at) > 5*time.Second {
				delete(fresh, id)
				return "one got none"
			}
		}
		id := e.id("salesOrderId")
		switch e.name {
		case "salesOrder.created":
			fresh[id] = &state{at: e.at}
		case "salesOrder.positionCreated":
			if fresh[id] == nil {
				return "the order is not new"
			}
			fresh[id].placed = true
		case "salesOrder.protocolCreated":
			if s := fresh[id]; s != nil {
				delete(fresh, id)
				return right(s.placed, "no position yet")
			}
		case "dropshippingWarehouse.orderCreated", "dropshippingSupplier.orderCreated":
			for _, child := range e.ids("childSalesOrderIds") {
				delete(fresh, child)
			}
		}
		return ""
	}
}

func entries() func(e *erpEvent) string {
	type entry struct {
		member string
		id     int64
	}
	used := map[entry]bool{}
	return func(e *erpEvent) string {
		member := e.group + "ProtocolId"
		if e.verb == "positionCreated" {
			member = "salesOrderPositionId"
		}
		k := entry{member, e.id(member)}
		if k.id == 0 {
			return ""
		}
		was := used[k]
		used[k] = true
		return right(!was, "it was used before")
	}
}

func times() func(e *erpEvent) string {
	return func(e *erpEvent) string {
		for _, member := range []string{"createdAt", "updatedAt", "exportedAt", "viewedAt"} {
			text, _ := e.body[member].(string)
			if text == "" {
				continue
			}
			at, err := time.Parse("2006-01-02T15:04:05-07:00", text)
			if early := e.at.Sub(at); err != nil || early < 0 || early > 5*time.Second {
				return member + " is another time"
			}
			return ok
		}
		return ""
	}
}

func shipments() func(e *erpEvent) string {
	type shipment struct {
		note    int64
		carrier any
	}
	known, notes, labeled := map[int64]shipment{}, papers{}, map[int64]bool{}
	return func(e *erpEvent) string {
		defer notes.learn(e)
		s := shipment{e.id("deliveryNoteId"), e.body["carrier"]}
		switch e.name {
		case "shipment.created":
			known[e.id("shipmentId")] = s
			return right(notes.had("deliveryNote", s.note, "released") && e.body["trackingNumber"] == nil, "no note was released, or it has a number")
		case "shipment.labelCreationSuccessful":
			labeled[s.note] = true
			released := notes.had("salesOrder", e.id("salesOrderId"), "released")
			return right(known[e.id("shipmentId")] == s && e.body["trackingNumber"] != nil && released, "it is not the shipment that was created")
		case "dispatchCenter.orderProcessed":
			return right(labeled[s.note], "it has no label")
		}
		return ""
	}
}

func goodsLaws() []law {
	return []law{
		{"a product that was deleted is never named again", func() func(e *erpEvent) string {
			gone := map[int64]bool{}
			return func(e *erpEvent) string {
				named := max(e.id("productId"), e.refers("product"))
				if _, isPart := e.body["product"]; e.group == "product" && !isPart {
					named = e.id("id")
				}
				if named == 0 {
					return ""
				}
				was := gone[named] || gone[e.id("variantOf")]
				gone[named] = e.name == "product.deleted"
				return right(!was, "it is gone")
			}
		}},
		{"a variant is a new product, of one that is no variant", func() func(e *erpEvent) string {
			variants := map[int64]bool{}
			return func(e *erpEvent) string {
				if e.name != "product.variantCreated" {
					return ""
				}
				id, of := e.id("id"), e.id("variantOf")
				was := variants[id]
				variants[id] = true
				return right(!was && !variants[of] && id != of, "it is not")
			}
		}},
		{"an article number is that of one product", func() func(e *erpEvent) string {
			of := map[string]int64{}
			return func(e *erpEvent) string {
				number, _ := e.body["number"].(string)
				if number == "" {
					return ""
				}
				was := of[number]
				of[number] = e.id("id")
				return right(was == 0 || was == e.id("id"), "it was another's")
			}
		}},
		{"a price stays with its product, and is deleted once", func() func(e *erpEvent) string {
			of := map[paperKey]int64{}
			return func(e *erpEvent) string {
				if e.group != "salesPrice" && e.group != "purchasePrice" {
					return ""
				}
				k := paperKey{e.group, e.id("id")}
				if e.verb == "deleted" {
					was := of[k]
					of[k] = -1
					return right(was > 0, "there was none")
				}
				was := of[k]
				of[k] = e.refers("product")
				return right(was == 0 || was == of[k], "it was another's")
			}
		}},
		{"a pick list is created, then generated", func() func(e *erpEvent) string {
			known := map[int64]bool{}
			return func(e *erpEvent) string {
				if e.group != "picklist" {
					return ""
				}
				if e.verb == "created" {
					known[e.id("pickListId")] = true
					return ""
				}
				return right(known[e.id("picklistId")], "it was not created")
			}
		}},
		{"who opens pages or logs out has logged in", func() func(e *erpEvent) string {
			open := map[int64]int{}
			return func(e *erpEvent) string {
				if e.group != "user" || e.body["userId"] == nil {
					return ""
				}
				id := e.id("userId")
				was := open[id]
				switch e.verb {
				case "loggedIn":
					open[id]++
					return ""
				case "loggedOut":
					open[id]--
				}
				return right(was > 0, "nobody is logged in")
			}
		}},
	}
}

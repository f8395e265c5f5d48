package main

// story is an order's life as five providers tell it. The same article, order
// and ids run through all of it, so that a receiver can follow.
var story = []chapter{
	{title: "An article is made", scenes: []scene{
		{"ergonode", "product_created", []string{`/resource_id/id="KX-4417-BLK"`, `/synchronization/events/0/payload/sku="KX-4417-BLK"`}},
		{"xentral", "product.created", []string{`/body/id=22957`, `/body/number="KX-4417-BLK"`}},
		{"sellercenter", "onProductCreated", []string{`/payload/SellerSkus=["KX-4417-BLK"]`}},
		{"xentral", "stock.synchronized", []string{`/body/salesChannel="Shop"`, `/body/productNumbers=["KX-4417-BLK"]`}},
	}},
	{title: "It is ordered", scenes: []scene{
		{"scayle", "customer-created", []string{`/payload/id=1190`}},
		{"shoptet", "order:create", []string{`/eventInstance="2026001620"`}},
		{"scayle", "order-confirmed", []string{`/payload/id=1620`}},
		{"sellercenter", "onOrderCreated", []string{`/payload/OrderId=1620`}},
		{"xentral", "salesOrder.imported", []string{`/body/salesOrderId=586`}},
		{"xentral", "salesOrder.positionCreated", []string{`/body/salesOrderId=586`}},
	}},
	{title: "It is shipped, and the receiver is down for ten minutes", outage: true, scenes: []scene{
		{"xentral", "salesOrder.dispatched", []string{`/body/salesOrderId=586`}},
		{"sellercenter", "onOrderItemsStatusChanged", []string{`/payload/OrderId=1620`, `/payload/NewStatus="shipped"`}},
		{"shoptet", "invoice:create", []string{`/eventInstance="2026001620"`}},
		{"scayle", "order-package-shipped", []string{`/payload/order/id=1620`}},
		{"ergonode", "product_value_changed", []string{`/resource_id/id="KX-4417-BLK"`}},
	}},
	{title: "It comes back", scenes: []scene{
		{"scayle", "order-item-returned", []string{`/payload/order/id=1620`}},
		{"xentral", "return.created", []string{`/body/returnId=169`}},
		{"xentral", "creditNote.created", []string{`/body/creditNoteId=741`}},
		{"shoptet", "creditNote:create", []string{`/eventInstance="2026000311"`}},
		{"shoptet", "order:update", []string{`/eventInstance="2026001620"`}},
	}},
}

// chapter is a part of the story. In an outage the receiver answers nothing
// but 503 for a while.
type chapter struct {
	title  string
	outage bool
	scenes []scene
}

// scene is one event with the values that tie it to the others.
type scene struct {
	provider, event string
	set             []string // as of --set
}

package shop

import (
	"slices"
	"sync"
)

// An Action is something that can happen. Events are its consequences.
type Action struct {
	Name  string
	Doc   string
	Kinds []Kind // of the entities that a step of it hands out, in their order
}

// Actions lists all that can happen, in the order of the documentation.
func Actions() []*Action { return actions().list }

// ActionOf finds an action by its name, nil if there is none.
func ActionOf(name string) *Action { return actions().byName[name] }

type actionTable struct {
	list   []*Action
	byName map[string]*Action
}

var actions = sync.OnceValue(func() actionTable {
	t := actionTable{byName: map[string]*Action{}}
	for _, a := range slices.Concat(shopActions(), goodsActions(), careActions(), orderActions(), paperActions()) {
		t.list = append(t.list, a)
		t.byName[a.Name] = a
	}
	return t
})

// about lists actions with the same entities: names and docs in pairs.
func about(kinds []Kind, pairs ...string) []*Action {
	var list []*Action
	for i := 0; i+1 < len(pairs); i += 2 {
		list = append(list, &Action{Name: pairs[i], Doc: pairs[i+1], Kinds: kinds})
	}
	return list
}

func of(kinds ...Kind) []Kind { return kinds }

func shopActions() []*Action {
	return slices.Concat(
		about(of(KindCustomer),
			"customer.registered", "an account was opened, by a guest as well",
			"customer.updated", "a name, an e-mail address or a group changed",
			"customer.loggedIn", "", "customer.loggedOut", "",
			"customer.passwordReset", "another password was asked for",
			"customer.blocked", "may not order any more", "customer.unblocked", "",
			"customer.anonymized", "was forgotten at their own request",
			"customer.deleted", ""),
		about(of(KindCustomer, KindAddress),
			"customer.addressAdded", "", "customer.addressChanged", "", "customer.addressRemoved", ""),
		about(of(KindSubscriber),
			"newsletter.subscribed", "", "newsletter.unsubscribed", ""),
		about(of(KindUser),
			"user.loggedIn", "somebody of the staff", "user.changedPage", "", "user.loggedOut", ""),
		about(of(KindTicket, KindCustomer),
			"ticket.received", "", "ticket.answered", ""),
		about(of(KindCoupon),
			"coupon.created", "", "coupon.updated", "", "coupon.deleted", ""),
		about(of(KindSetting), "setting.changed", "see `setting.type`"),
		about(of(KindProject), "project.created", ""),
		about(of(KindJob),
			"job.started", "see `job.type`", "job.finished", "", "job.failed", "",
			"report.viewed", "of a job of type report"),
		about(nil, "shop.metricsUpdated", "once a day", "shop.statisticsUpdated", "once a day"),
	)
}

func goodsActions() []*Action {
	return slices.Concat(
		about(of(KindProduct),
			"product.created", "", "product.updated", "", "product.deleted", "",
			"product.qualityChecked", "", "product.tagged", "its tags were replaced",
			"product.availabilityChanged", "of any of its variants"),
		about(of(KindProduct, KindJob),
			"product.exported", "to a sales channel", "product.imported", "from a sales channel"),
		about(of(KindProduct, KindVariant),
			"product.variantAdded", "", "product.variantRemoved", ""),
		about(of(KindPrice, KindVariant, KindProduct),
			"price.created", "", "price.updated", "", "price.deleted", ""),
		about(of(KindCost, KindVariant, KindProduct, KindSupplier),
			"cost.created", "", "cost.updated", "", "cost.deleted", ""),
		about(of(KindStock, KindVariant, KindProduct),
			"stock.moved", "goods came or left", "stock.reserved", "for an order", "stock.freed", "of a reservation",
			"stock.soldOut", "nothing is left to sell", "stock.inStock", "there is something to sell again",
			"stock.minimumReached", "so little is left that more is bought"),
		about(of(KindBrand), "brand.created", "", "brand.updated", "", "brand.deleted", ""),
	)
}

func careActions() []*Action {
	return slices.Concat(
		about(of(KindCategory), "category.created", "", "category.renamed", "", "category.moved", "", "category.deleted", ""),
		about(of(KindProduct, KindCategory), "product.categoryAdded", "", "product.categoryRemoved", ""),
		about(of(KindAttribute), "attribute.created", "", "attribute.renamed", ""),
		about(of(KindAttribute, KindOption),
			"attribute.optionAdded", "", "attribute.optionRenamed", "", "attribute.optionRecoded", "it got another code", "attribute.optionRemoved", ""),
		about(of(KindProduct, KindFeature, KindAttribute),
			"product.featureAdded", "an attribute says something of it", "product.featureChanged", "", "product.featureRemoved", ""),
		about(of(KindProduct, KindAttribute),
			"product.bindingAdded", "its variants differ by the attribute", "product.bindingRemoved", ""),
		about(of(KindProduct, KindPart),
			"product.partAdded", "of a bundle", "product.partChanged", "", "product.partRemoved", ""),
		about(of(KindProduct, KindMedia),
			"product.mediaAdded", "", "product.mediaChanged", "", "product.mediaRemoved", ""),
		about(of(KindProduct, KindRelation),
			"product.relationAdded", "", "product.relationChanged", "", "product.relationRemoved", ""),
	)
}

func orderActions() []*Action {
	return slices.Concat(
		about(of(KindCart, KindCustomer), "cart.created", "", "cart.abandoned", ""),
		about(of(KindOrder),
			"order.placed", "", "order.confirmed", "its payment is reserved, or promised",
			"order.imported", "from the sales channel", "order.released", "for shipping", "order.sent", "its confirmation, to the customer",
			"order.updated", "an address or the note changed", "order.paid", "in full",
			"order.invoiced", "", "order.dispatched", "all of it was shipped", "order.autoShipped", "all of it was shipped, and no hand touched it",
			"order.split", "some of it is delivered from another warehouse, see `order.children`",
			"order.dropShipped", "some of it is delivered by a supplier, see `order.children` and `order.purchases`",
			"order.delivered", "all of it", "order.closed", "nothing more will happen", "order.canceled", "all of it", "order.deleted", ""),
		about(of(KindOrder, KindPayment),
			"payment.reserved", "", "payment.captured", "money has come", "payment.failed", "", "payment.voided", "nothing will be captured"),
		about(of(KindOrder, KindRefund, KindPayment), "payment.refunded", ""),
		about(of(KindOrder, KindItem),
			"item.outOfStock", "it could not be fetched; one step for each item", "item.canceled", "", "item.unshippable", ""),
		about(of(KindOrder, KindItem, KindReturn), "item.returned", "it came back"),
		about(of(KindOrder, KindPackage),
			"package.packed", "", "package.labeled", "", "package.canceled", "its label is void, it is packed anew", "package.shipped", "", "package.delivered", ""),
	)
}

// paperActions are those of all papers, by what may happen to each.
func paperActions() []*Action {
	docs := map[string]string{
		"created": "", "updated": "", "released": "it counts from now on", "sent": "", "archived": "", "canceled": "", "deleted": "",
		"goodsReceived": "some or all of them", "started": "", "completed": "", "generated": "it was printed", "executed": "the bank has it",
	}
	common := []string{"created", "updated", "released", "sent", "archived", "canceled", "deleted"}
	verbs := func(k Kind, verbs ...string) []*Action {
		kinds := of(k)
		if isOfOrder(k) {
			kinds = of(k, KindOrder)
		}
		var list []*Action
		for _, v := range verbs {
			list = append(list, &Action{Name: string(k) + "." + v, Doc: docs[v], Kinds: kinds})
		}
		return list
	}
	return slices.Concat(
		verbs(KindInvoice, common...), verbs(KindCreditNote, common...), verbs(KindReturn, append(common, "goodsReceived")...),
		verbs(KindDelivery, common...), verbs(KindProforma, common...), verbs(KindReceipt, "created", "updated", "deleted"),
		verbs(KindOffer, common...), verbs(KindPurchase, append(common, "goodsReceived")...),
		verbs(KindProduction, "created", "updated", "released", "sent", "started", "completed", "canceled", "deleted"),
		verbs(KindLiability, "created", "updated", "released", "canceled", "deleted"),
		verbs(KindPicklist, "created", "generated"), verbs(KindDunning, "started"), verbs(KindOutgoing, "created", "executed"),
	)
}

// isOfOrder tells the papers that belong to an order of a customer.
func isOfOrder(k Kind) bool {
	switch k {
	case KindInvoice, KindCreditNote, KindReturn, KindDelivery, KindProforma, KindReceipt, KindPicklist, KindDunning:
		return true
	}
	return false
}

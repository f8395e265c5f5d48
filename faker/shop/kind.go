package shop

// Kind names what an entity is. The zero Kind is none.
type Kind string

// The kinds of entities. [Kinds] describes them.
const (
	KindAction     Kind = "action"
	KindShop       Kind = "shop"
	KindSetting    Kind = "setting"
	KindUser       Kind = "user"
	KindCustomer   Kind = "customer"
	KindAddress    Kind = "address"
	KindSubscriber Kind = "subscriber"
	KindTicket     Kind = "ticket"
	KindProject    Kind = "project"
	KindSupplier   Kind = "supplier"
	KindProduct    Kind = "product"
	KindVariant    Kind = "variant"
	KindStock      Kind = "stock"
	KindPrice      Kind = "price"
	KindCost       Kind = "cost"
	KindCategory   Kind = "category"
	KindBrand      Kind = "brand"
	KindAttribute  Kind = "attribute"
	KindOption     Kind = "option"
	KindFeature    Kind = "feature"
	KindTag        Kind = "tag"
	KindMedia      Kind = "media"
	KindPart       Kind = "part"
	KindRelation   Kind = "relation"
	KindCoupon     Kind = "coupon"
	KindCart       Kind = "cart"
	KindOrder      Kind = "order"
	KindItem       Kind = "item"
	KindLine       Kind = "line"
	KindPayment    Kind = "payment"
	KindRefund     Kind = "refund"
	KindFee        Kind = "fee"
	KindPackage    Kind = "package"
	KindJob        Kind = "job"
	KindInvoice    Kind = "invoice"
	KindCreditNote Kind = "creditNote"
	KindReturn     Kind = "return"
	KindDelivery   Kind = "deliveryNote"
	KindProforma   Kind = "proformaInvoice"
	KindReceipt    Kind = "receipt"
	KindOffer      Kind = "offer"
	KindPurchase   Kind = "purchaseOrder"
	KindProduction Kind = "production"
	KindLiability  Kind = "liability"
	KindPicklist   Kind = "picklist"
	KindDunning    Kind = "dunning"
	KindOutgoing   Kind = "outgoingPayment"
	KindDocument   Kind = "document" // any of the papers
)

// An Entity is something that the shop knows. Entities that a step hands out
// are never changed afterwards.
type Entity interface {
	Kind() Kind
	Base() Ident
}

// Ident tells entities of one kind apart.
type Ident struct {
	ID  int64  // unique within its kind, ascending by shard
	Key uint64 // from which hex keys and UUIDs are spelled; unique in the shop
	// Created and Updated are when it came to be and when it last changed, in
	// milliseconds since 1970.
	Created, Updated int64
}

// Base returns what tells the entity apart.
func (i *Ident) Base() Ident { return *i }

package shop

// Parts do not point back at what they are part of: who reads an item finds its
// order beside it in the step. So an order that changed shares all that did not.

// Cart is what a customer has chosen and not yet ordered.
type Cart struct {
	Ident
	Status   string // open, ordered, abandoned
	Total    int64
	Variants []*Variant
}

// Kind is KindCart.
func (*Cart) Kind() Kind { return KindCart }

// Order is what a customer bought.
type Order struct {
	Ident
	Number   string
	Status   string // placed, confirmed, picking, partiallyShipped, shipped, delivered, closed, canceled, deleted
	Paying   string // open, reserved, paid, partiallyRefunded, refunded, voided
	Shipping string // open, partial, shipped, delivered, none
	Channel  string // web, app, marketplace, pos
	Note     string
	Carrier  string

	// The sums as they were when the order was placed, Total = Goods + Freight.
	Total, Net, Tax                 int64
	Goods, GoodsNet, GoodsTax       int64
	Freight, FreightNet, FreightTax int64
	Discount                        int64 // already taken off Goods
	Rate                            int64
	// So far, with tax: of items that will not come, and of money.
	Canceled, Paid, Refunded int64

	Confirmed, Shipped, Invoiced, Delivered, Ended int64 // moments, 0: not yet

	Customer *Customer
	Bill, To *Address
	Items    []*Item
	Lines    []*Line
	Payments []*Payment // the last one counts
	Packages []*Package
	Refunds  []*Refund
	Invoice  *Document
	Fees     []*Fee
	Coupon   *Coupon
	Children []*Order    // that were split off, for others to deliver
	Bought   []*Document // purchase orders at suppliers who deliver
	Parent   int64       // the order that this one was split off; 0: none
}

// Kind is KindOrder.
func (*Order) Kind() Kind { return KindOrder }

// Item is one piece of an order.
type Item struct {
	Ident
	Position int64
	Status   string // open, reserved, outOfStock, canceled, unshippable, shipped, delivered, returned
	Reason   string // of a cancellation or a return

	Price, Net, Tax       int64 // what it costs in the order, with tax, without, and the tax
	List, ListNet         int64 // before the discount
	Discount              int64
	Rate                  int64
	House                 int64 // the warehouse
	PackageID, DocumentID int64 // the package that it lies in, 0: none yet

	Product *Product // as they were when the order was placed
	Variant *Variant
	Coupons []*Coupon // that took off the discount
}

// Kind is KindItem.
func (*Item) Kind() Kind { return KindItem }

// Line is all pieces of one variant in an order.
type Line struct {
	Ident
	Position, Quantity int64
	Price, PriceNet    int64 // of one piece
	Total, Net, Tax    int64 // of all
	Rate               int64
	Product            *Product
	Variant            *Variant
}

// Kind is KindLine.
func (*Line) Kind() Kind { return KindLine }

// Payment is money that a customer owes, and pays.
type Payment struct {
	Ident
	Method    string // card, paypal, invoice, prepayment, giftCard, cash
	Status    string // open, reserved, captured, failed, voided, partiallyRefunded, refunded
	Reference string // of the payment provider
	Card      string // visa, mastercard, amex; of a card
	Amount    int64  // of the order
	Captured  int64
	Refunded  int64
	Paid      int64 // the moment, 0: not yet
}

// Kind is KindPayment.
func (*Payment) Kind() Kind { return KindPayment }

// Refund is money that goes back.
type Refund struct {
	Ident
	Amount, Net, Tax int64
	Reason           string
	Payment          int64 // that it goes back on
	Items            []*Item
}

// Kind is KindRefund.
func (*Refund) Kind() Kind { return KindRefund }

// Fee is what an order costs besides its goods.
type Fee struct {
	Ident
	Type                   string // shipping
	Amount, Net, Tax, Rate int64
}

// Kind is KindFee.
func (*Fee) Kind() Kind { return KindFee }

// Package is a parcel of an order.
type Package struct {
	Ident
	Carrier            string
	Shipment           string // the shop's own key
	Tracking, URL      string // once it has a label
	Status             string // open, labeled, shipped, delivered, canceled
	Weight             int64  // grams
	Shipped, Delivered int64  // moments, 0: not yet
	First, Last        int64  // days of the expected delivery
	Note               *Document
	Items              []*Item
}

// Kind is KindPackage.
func (*Package) Kind() Kind { return KindPackage }

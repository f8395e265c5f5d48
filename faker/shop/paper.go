package shop

// Document is a piece of paper, of whatever kind: they are made, released,
// sent, changed, filed, canceled and deleted alike. What it is about depends
// on the kind.
type Document struct {
	Ident
	Type     Kind // KindInvoice … KindOutgoing
	Number   string
	Status   string // draft, released, sent, started, completed, archived, canceled, deleted
	Total    int64  // with tax; 0 where the paper is not about money
	Net, Tax int64
	Rate     int64
	Due      int64
	Sent     int64 // moment, 0: not yet
	Complete bool  // all goods have come or gone
	Quantity int64 // of Variant

	Order    *Order    // papers of orders
	Customer *Customer // papers of orders, and offers
	Supplier *Supplier // of a purchase order, a liability or a payment to somebody
	Product  *Product  // of a purchase order or a production
	Variant  *Variant
	Before   *Document // that it follows: the invoice of a credit note, the order of a liability
	Items    []*Item   // of an order
}

// Kind is the document's type.
func (d *Document) Kind() Kind { return d.Type }

// Job is work that runs by itself: an import, an export, a report.
type Job struct {
	Ident
	Type      string // see the vocabulary
	Status    string // running, finished, failed
	Channel   string // that it exchanges with
	Name      string
	File      string
	Error     string
	Finished  int64
	Products  []*Product
	Variants  []*Variant
	Orders    []*Order
	Payments  []*Payment
	Customers []*Customer
	Document  *Document
}

// Kind is KindJob.
func (*Job) Kind() Kind { return KindJob }

// Project is what work is booked on.
type Project struct {
	Ident
	Name, Number string
}

// Kind is KindProject.
func (*Project) Kind() Kind { return KindProject }

// Setting is something that the shopkeeper can set.
type Setting struct {
	Ident
	Type, Name string
}

// Kind is KindSetting.
func (*Setting) Kind() Kind { return KindSetting }

// House is the shop itself.
type House struct {
	Ident
	Name, Domain, Email, Tenant string
	Country                     *Country
}

// Kind is KindShop.
func (*House) Kind() Kind { return KindShop }

// Happening is the step itself, as an entity: what happened, and to which
// pieces.
type Happening struct {
	Ident         // the running number of what happens, and the moment
	Name   string // of the action
	Status string // that items have now
	Reason string
	Items  []*Item
}

// Kind is KindAction.
func (*Happening) Kind() Kind { return KindAction }

package shop

// Product is what the shop sells, in one or more variants.
type Product struct {
	Ident
	Number, Name, Description, Slug string
	Type                            string // simple, variants, bundle
	Status                          string // draft, live, retired
	Quality                         string // pending, approved, rejected
	Tariff                          string // number for customs
	URL                             string
	Brand                           *Brand
	Category                        *Category // the first of Categories
	Categories                      []*Category
	Variants                        []*Variant // at least one
	Features                        []*Feature
	Bindings                        []*Attribute // by which variants differ
	Parts                           []*Part
	Media                           []*Media
	Tags                            []*Tag
	Relations                       []*Relation
	Project                         *Project
}

// Kind is KindProduct.
func (*Product) Kind() Kind { return KindProduct }

// Variant is one form of a product; it has the price and the stock.
type Variant struct {
	Ident
	SKU, EAN, Name, Color, Size string
	Price                       *Price
	Features                    []*Feature // of the product's bindings
}

// Kind is KindVariant.
func (*Variant) Kind() Kind { return KindVariant }

// Stock is how much of a variant lies where.
type Stock struct {
	Ident
	Quantity int64 // in the warehouse
	Reserved int64 // of these, for orders
	Minimum  int64 // below, it is ordered anew
	Change   int64 // of Quantity, by the last movement
	Location int64 // of the shelf
	House    int64 // the warehouse
}

// Kind is KindStock.
func (*Stock) Kind() Kind { return KindStock }

// Available is what can still be sold.
func (s *Stock) Available() int64 { return s.Quantity - s.Reserved }

// Price is what a variant is sold for.
type Price struct {
	Ident
	Amount, Net, Before int64 // with tax, without, and with tax before the last change
	Rate                int64 // of the tax
	From                int64 // quantity from which it holds
	Since, Until        int64 // Until 0: open
}

// Kind is KindPrice.
func (*Price) Kind() Kind { return KindPrice }

// Cost is what a supplier asks for a variant.
type Cost struct {
	Ident
	Amount       int64
	From, Pack   int64 // quantity from which it holds, and in a pack
	Standard     bool
	Number, Name string // of the goods at the supplier's
	Since, Until int64
	Supplier     *Supplier
}

// Kind is KindCost.
func (*Cost) Kind() Kind { return KindCost }

// Category is a shelf of the shop, and may stand in another.
type Category struct {
	Ident
	Code, Name, Path string
	Parent           *Category
}

// Kind is KindCategory.
func (*Category) Kind() Kind { return KindCategory }

// Brand is who makes a product.
type Brand struct {
	Ident
	Code, Name string
}

// Kind is KindBrand.
func (*Brand) Kind() Kind { return KindBrand }

// Attribute is something that can be said of products.
type Attribute struct {
	Ident
	Code, Name string
	Type       string // text, number, select, multiSelect
	Scope      string // global, local
	Unit       string
	Options    []*Option // of select and multiSelect
}

// Kind is KindAttribute.
func (*Attribute) Kind() Kind { return KindAttribute }

// Option is one value of an attribute that has a list of them.
type Option struct {
	Ident
	Code, Previous, Name string // Previous: the code before it was changed
}

// Kind is KindOption.
func (*Option) Kind() Kind { return KindOption }

// Feature is what an attribute says of a product or of a variant.
type Feature struct {
	Ident
	Text      string // the text, the number, or the option's code
	Before    string // the change; empty where it is new
	Attribute *Attribute
	Option    *Option // nil where the attribute has none
}

// Kind is KindFeature.
func (*Feature) Kind() Kind { return KindFeature }

// Tag is a word that products are found by.
type Tag struct {
	Ident
	Name string
}

// Kind is KindTag.
func (*Tag) Kind() Kind { return KindTag }

// Media is a picture of a product.
type Media struct {
	Ident
	URL, Path string
}

// Kind is KindMedia.
func (*Media) Kind() Kind { return KindMedia }

// Part is a product that belongs to another, a bundle.
type Part struct {
	Ident
	Quantity, Before int64
	Child            *Product
}

// Kind is KindPart.
func (*Part) Kind() Kind { return KindPart }

// Relation is a product that is shown with another.
type Relation struct {
	Ident
	Type  string // accessory, similar, upgrade
	Other *Product
}

// Kind is KindRelation.
func (*Relation) Kind() Kind { return KindRelation }

// Coupon takes something off an order.
type Coupon struct {
	Ident
	Code         string
	Rate         int64 // what it takes off, a Rate
	Since, Until int64
	Uses         int64
	Status       string // open, closed
}

// Kind is KindCoupon.
func (*Coupon) Kind() Kind { return KindCoupon }

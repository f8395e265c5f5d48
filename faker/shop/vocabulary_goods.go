package shop

func goodsKinds() []*KindInfo { //nolint:funlen // a table
	p := kind[*Product](KindProduct, "what the shop sells, in one or more variants")
	p.text("number", "", func(e *Product) string { return e.Number }, "commerce.sku")
	p.text("name", "", func(e *Product) string { return e.Name }, "commerce.productName")
	p.text("description", "", func(e *Product) string { return e.Description }, "text.sentence")
	p.text("slug", "`oxford-shirt`", func(e *Product) string { return e.Slug }, "text.slug")
	p.text("url", "", func(e *Product) string { return e.URL }, "internet.url")
	p.text("ean", "of its first variant", func(e *Product) string { return e.Variants[0].EAN }, "commerce.ean")
	p.text("tariffNumber", "for customs", func(e *Product) string { return e.Tariff }, "commerce.customsTariffNumber")
	p.choice("type", "", func(e *Product) string { return e.Type }, "simple", "variants", "bundle")
	p.choice("status", "", func(e *Product) string { return e.Status }, "draft", "live", "retired")
	p.choice("quality", "of the check before it is sold elsewhere", func(e *Product) string { return e.Quality }, "pending", "approved", "rejected")
	one(p, "brand", KindBrand, "", func(e *Product) *Brand { return e.Brand })
	one(p, "category", KindCategory, "the first one", func(e *Product) *Category { return e.Category })
	one(p, "variant", KindVariant, "the first one", func(e *Product) *Variant { return e.Variants[0] })
	one(p, "project", KindProject, "", func(e *Product) *Project { return e.Project })
	many(p, "categories", KindCategory, "", func(e *Product) []*Category { return e.Categories })
	many(p, "variants", KindVariant, "", func(e *Product) []*Variant { return e.Variants })
	many(p, "features", KindFeature, "", func(e *Product) []*Feature { return e.Features })
	many(p, "bindings", KindAttribute, "by which its variants differ", func(e *Product) []*Attribute { return e.Bindings })
	many(p, "parts", KindPart, "of a bundle", func(e *Product) []*Part { return e.Parts })
	many(p, "media", KindMedia, "", func(e *Product) []*Media { return e.Media })
	many(p, "tags", KindTag, "", func(e *Product) []*Tag { return e.Tags })
	many(p, "relations", KindRelation, "", func(e *Product) []*Relation { return e.Relations })

	v := kind[*Variant](KindVariant, "one form of a product, with a price and a stock of its own")
	v.text("sku", "", func(e *Variant) string { return e.SKU }, "commerce.sku")
	v.text("ean", "", func(e *Variant) string { return e.EAN }, "commerce.ean")
	v.text("name", "the product's, with color and size", func(e *Variant) string { return e.Name }, "commerce.productName")
	v.text("color", "", func(e *Variant) string { return e.Color }, "commerce.color")
	v.text("size", "", func(e *Variant) string { return e.Size }, "commerce.size")
	one(v, "price", KindPrice, "", func(e *Variant) *Price { return e.Price })
	many(v, "features", KindFeature, "what it is of its product's bindings", func(e *Variant) []*Feature { return e.Features })

	s := kind[*Stock](KindStock, "how much of a variant lies in the warehouse")
	s.integer("quantity", "", func(e *Stock) int64 { return e.Quantity })
	s.integer("reserved", "of these, for orders", func(e *Stock) int64 { return e.Reserved })
	s.integer("available", "quantity less reserved", func(e *Stock) int64 { return e.Available() })
	s.integer("minimum", "below, more is bought", func(e *Stock) int64 { return e.Minimum })
	s.integer("change", "of the quantity, by the last movement", func(e *Stock) int64 { return e.Change })
	s.integer("location", "the shelf", func(e *Stock) int64 { return e.Location }, "id.small")
	s.integer("warehouse", "", func(e *Stock) int64 { return e.House }, "id.small")
	s.boolean("isAvailable", "", func(e *Stock) bool { return e.Available() > 0 })

	r := kind[*Price](KindPrice, "what a variant is sold for")
	r.money("amount", "with tax", func(e *Price) int64 { return e.Amount })
	r.money("net", "without tax", func(e *Price) int64 { return e.Net })
	r.money("tax", "", func(e *Price) int64 { return e.Amount - e.Net })
	r.money("before", "with tax, before the last change", func(e *Price) int64 { return e.Before })
	r.rate("vatRate", "", func(e *Price) int64 { return e.Rate })
	r.integer("fromQuantity", "", func(e *Price) int64 { return e.From })
	one(r, "customer", KindCustomer, "none: prices hold for everybody", func(*Price) *Customer { return nil })
	r.time("validFrom", "", func(e *Price) int64 { return e.Since }, "date.past")
	r.time("validUntil", "of some", func(e *Price) int64 { return e.Until }, "date.future")

	c := kind[*Cost](KindCost, "what a supplier asks for a variant")
	c.money("amount", "without tax", func(e *Cost) int64 { return e.Amount })
	c.integer("fromQuantity", "", func(e *Cost) int64 { return e.From })
	c.integer("packQuantity", "", func(e *Cost) int64 { return e.Pack })
	c.boolean("isStandard", "of the usual supplier", func(e *Cost) bool { return e.Standard })
	c.text("number", "of the goods at the supplier's", func(e *Cost) string { return e.Number }, "commerce.sku")
	c.text("name", "of the goods at the supplier's", func(e *Cost) string { return e.Name }, "commerce.productName")
	c.time("validFrom", "", func(e *Cost) int64 { return e.Since }, "date.past")
	c.time("validUntil", "of some", func(e *Cost) int64 { return e.Until }, "date.future")
	one(c, "supplier", KindSupplier, "", func(e *Cost) *Supplier { return e.Supplier })

	b := kind[*Brand](KindBrand, "who makes a product")
	b.text("code", "`nordlicht`", func(e *Brand) string { return e.Code }, "text.slug")
	b.text("name", "", func(e *Brand) string { return e.Name }, "commerce.brand")

	o := kind[*Coupon](KindCoupon, "what takes something off an order")
	o.text("code", "", func(e *Coupon) string { return e.Code }, "text.code", "like", "SAVE-????##")
	o.rate("rate", "of the goods, that it takes off", func(e *Coupon) int64 { return e.Rate })
	o.integer("uses", "so far", func(e *Coupon) int64 { return e.Uses })
	o.choice("status", "", func(e *Coupon) string { return e.Status }, "open", "closed")
	o.time("validFrom", "", func(e *Coupon) int64 { return e.Since }, "date.past")
	o.time("validUntil", "", func(e *Coupon) int64 { return e.Until }, "date.future")
	return []*KindInfo{p.KindInfo, v.KindInfo, s.KindInfo, r.KindInfo, c.KindInfo, b.KindInfo, o.KindInfo}
}

func careKinds() []*KindInfo {
	c := kind[*Category](KindCategory, "a shelf of the shop, perhaps within another")
	c.text("code", "`shirts`", func(e *Category) string { return e.Code }, "text.slug")
	c.text("name", "", func(e *Category) string { return e.Name }, "commerce.category")
	c.text("path", "`men/shirts`", func(e *Category) string { return e.Path }, "text.slug")
	one(c, "parent", KindCategory, "that it stands in, of some", func(e *Category) *Category { return e.Parent })

	a := kind[*Attribute](KindAttribute, "something that can be said of products")
	a.text("code", "`material`", func(e *Attribute) string { return e.Code }, "text.slug")
	a.text("name", "", func(e *Attribute) string { return e.Name }, "text.name")
	a.choice("type", "", func(e *Attribute) string { return e.Type }, "text", "number", "select", "multiSelect")
	a.choice("scope", "", func(e *Attribute) string { return e.Scope }, "global", "local")
	a.text("unit", "of numbers", func(e *Attribute) string { return e.Unit }, "text.word")
	many(a, "options", KindOption, "of select and multiSelect", func(e *Attribute) []*Option { return e.Options })

	o := kind[*Option](KindOption, "one of the values that an attribute may have")
	o.text("code", "", func(e *Option) string { return e.Code }, "text.slug")
	o.text("previousCode", "before it was changed", func(e *Option) string { return e.Previous }, "text.slug")
	o.text("name", "", func(e *Option) string { return e.Name }, "text.name")

	f := kind[*Feature](KindFeature, "what an attribute says of a product or variant")
	f.text("value", "the text, the number or the option's code", func(e *Feature) string { return e.Text }, "text.word")
	f.text("previousValue", "before it was changed", func(e *Feature) string { return e.Before }, "text.word")
	one(f, "attribute", KindAttribute, "", func(e *Feature) *Attribute { return e.Attribute })
	one(f, "option", KindOption, "where the attribute has options", func(e *Feature) *Option { return e.Option })
	many(f, "options", KindOption, "the same as a list, for attributes with several", func(e *Feature) []*Option {
		if e.Option == nil {
			return nil
		}
		return []*Option{e.Option}
	})

	t := kind[*Tag](KindTag, "a word that products are found by")
	t.text("name", "", func(e *Tag) string { return e.Name }, "text.word")

	m := kind[*Media](KindMedia, "a picture of a product")
	m.text("url", "", func(e *Media) string { return e.URL }, "internet.imageUrl")
	m.text("path", "", func(e *Media) string { return e.Path }, "file.path", "ext", "jpg")

	p := kind[*Part](KindPart, "a product that belongs to a bundle")
	p.integer("quantity", "", func(e *Part) int64 { return e.Quantity })
	p.integer("previousQuantity", "before the last change", func(e *Part) int64 { return e.Before })
	one(p, "child", KindProduct, "", func(e *Part) *Product { return e.Child })

	r := kind[*Relation](KindRelation, "a product that is shown with another")
	r.choice("type", "", func(e *Relation) string { return e.Type }, "accessory", "similar", "upgrade")
	one(r, "other", KindProduct, "", func(e *Relation) *Product { return e.Other })
	return []*KindInfo{c.KindInfo, a.KindInfo, o.KindInfo, f.KindInfo, t.KindInfo, m.KindInfo, p.KindInfo, r.KindInfo}
}

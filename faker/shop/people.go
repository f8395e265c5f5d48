package shop

// Person is how somebody is called.
type Person struct {
	First, Last, Full string
	Salutation, Title string // Title may be empty
	Email             string
	User              string // a login's name
	Male              bool
}

// Place is somewhere in the world.
type Place struct {
	Street, House, Line, Additional string // Additional may be empty
	Zip, City, State                string
	Phone                           string
	Country                         *Country
}

// Country is where customers live: what its codes and its tax are.
type Country struct {
	Name, Alpha2, Alpha3 string
	Language             string // en_GB
	Currency             string // ISO 4217
	VAT                  int64  // the usual rate, a Rate
	Level                int64  // what costs 1 in euros costs so much here, in round numbers
	EAN                  string // prefix of its article numbers
}

// Customer buys. A guest is a customer without an account.
type Customer struct {
	Ident
	Person
	Number    string
	Status    string // guest, registered, blocked, anonymized, deleted
	Group     string // standard, vip, business
	Phone     string
	Company   string // of business customers
	Born      int64  // a day, in milliseconds since 1970
	LastLogin int64
	Home      *Address   // the default
	Addresses []*Address // at least Home
	Country   *Country
}

// Kind is KindCustomer.
func (*Customer) Kind() Kind { return KindCustomer }

// Address is where something goes to, or where a bill does.
type Address struct {
	Ident
	Person
	Place
	Company string
	Type    string // billing, shipping
	Default bool
}

// Kind is KindAddress.
func (*Address) Kind() Kind { return KindAddress }

// Subscriber is an address of the newsletter.
type Subscriber struct {
	Ident
	Email, Status string // subscribed, unsubscribed
	Customer      *Customer
}

// Kind is KindSubscriber.
func (*Subscriber) Kind() Kind { return KindSubscriber }

// User is somebody who works in the shop.
type User struct {
	Ident
	Person
	Page string // the one that was opened last
}

// Kind is KindUser.
func (*User) Kind() Kind { return KindUser }

// Supplier sells to the shop.
type Supplier struct {
	Ident
	Name, Number string
}

// Kind is KindSupplier.
func (*Supplier) Kind() Kind { return KindSupplier }

// Ticket is a question of a customer.
type Ticket struct {
	Ident
	Number, Subject, Status string // open, answered
	Customer                *Customer
	Order                   *Order // that it is about, if any
}

// Kind is KindTicket.
func (*Ticket) Kind() Kind { return KindTicket }

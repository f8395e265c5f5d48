package mockserver

// chainKey names deliveries of one endpoint that go one after the other. The
// zero chainKey is that of deliveries without order.
type chainKey struct {
	endpoint bool   // by the policy's ordering
	key      string // Parcel.Key
}

// chain is an order within a lane: its head, and what waits until that has
// ended, its retries included.
type chain struct {
	head   *Delivery
	behind fifo[*Delivery]
}

func (d *Delivery) chain() chainKey {
	if d.policy != nil && d.policy.Ordering == "endpoint" {
		return chainKey{endpoint: true}
	}
	return chainKey{key: d.parcel.Key}
}

// enter gives a delivery its place in its chain. It reports whether that is the
// head, or that there is no chain.
func (l *lane) enter(d *Delivery) bool {
	key := d.chain()
	if key == (chainKey{}) {
		return true
	}
	c := l.chains[key]
	if c == nil {
		c = &chain{head: d}
		if l.chains == nil {
			l.chains = map[chainKey]*chain{}
		}
		l.chains[key] = c
	}
	if c.head != d {
		c.behind.push(d)
	}
	return c.head == d
}

// leave lets the next of d's chain go, if d was its head.
func (l *lane) leave(d *Delivery) {
	key := d.chain()
	c := l.chains[key]
	if c == nil || c.head != d {
		return
	}
	for c.behind.len() > 0 {
		if next := c.behind.pop(); next.place == placeLane { // not cancelled meanwhile
			c.head = next
			l.due.push(next)
			return
		}
	}
	delete(l.chains, key)
}

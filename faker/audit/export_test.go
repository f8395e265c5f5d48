package audit

// NewSmall is New with room for fewer entities.
func NewSmall(opened int64, most int) *Auditor {
	a := New(opened)
	a.most = most
	return a
}

// Size is how many entities and names of such are remembered.
func (a *Auditor) Size() (entities, names int) { return a.n, len(a.records) }

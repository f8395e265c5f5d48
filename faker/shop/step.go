package shop

// Step is one thing that happened.
type Step struct {
	At     int64 // milliseconds since 1970
	Action *Action
	// Of are the entities that it is about, as they are after it, in the order
	// of Action.Kinds.
	Of        [MaxEntities]Entity
	Happening *Happening
	Shard     int
	Seq       uint64 // of the shard's steps, from 0
}

// MaxEntities bounds the entities of a step, see Action.Kinds.
const MaxEntities = 4

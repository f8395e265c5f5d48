package receivers

import "slices"

// Defect is what is wrong with a receiver.
type Defect string

// None is the defect of the right receiver.
const None Defect = ""

// bug is a defect and the one habit that makes it.
type bug struct {
	defect Defect
	habit  habit
}

// bugs are all receivers but the right one.
var bugs = slices.Concat(acknowledgementBugs, authenticityBugs, payloadBugs, evolutionBugs, stateBugs, orderBugs, httpBugs, transportBugs, hostileBugs)

// Defects lists every defect but None.
var Defects = func() (all []Defect) {
	for _, b := range bugs {
		all = append(all, b.defect)
	}
	return all
}()

// memory is what some wrong receivers keep.
type memory struct {
	busy    int               // requests under way
	stuck   bool              // a lock that nobody gives back
	working map[string]bool   // keys of events under way
	marked  map[string]bool   // keys of events that were seen
	good    map[string]bool   // proofs that were right
	newest  map[string]string // times by record
	first   string            // the member that the first body began with
	recent  []string          // keys of events, in order
}

// mark puts a key into one of the sets and reports whether it was there.
func mark(set *map[string]bool, key string) (was bool) {
	if *set == nil {
		*set = map[string]bool{}
	}
	was = (*set)[key]
	(*set)[key] = true
	return was
}

// when is a habit that answers with a status where something is so.
func when(status int, so func(*Receiver, *delivery) bool) func(*Receiver, *delivery) int {
	return func(r *Receiver, d *delivery) int {
		if so(r, d) {
			return status
		}
		return 0
	}
}

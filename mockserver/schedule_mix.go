package mockserver

import (
	"fmt"
	"math"
)

// Mix is a weighted choice of events, of one provider or of several.
type Mix []Share

// Share is one choice of a mix. What its names mean is up to the maker.
type Share struct {
	Provider string  `json:"provider,omitempty"`
	Event    string  `json:"event,omitempty"`
	Endpoint string  `json:"endpoint,omitempty"`
	Weight   float64 `json:"weight,omitempty"` // 0: 1, so that shares without weights are equal
}

func (s *Share) weight() float64 {
	if s.Weight == 0 {
		return 1
	}
	return s.Weight
}

// Pick is the choice for the event with this index: the same for the same mix,
// seed and index, whatever was picked before. An empty mix picks the zero Share.
func (m Mix) Pick(seed, index uint64) Share {
	if len(m) == 0 {
		return Share{}
	}
	total := 0.0
	for i := range m {
		total += m[i].weight()
	}
	at := uniform(seed, drawMix, index) * total
	last := len(m) - 1 // also takes what rounding leaves over
	for i := range m[:last] {
		if at -= m[i].weight(); at < 0 {
			return m[i]
		}
	}
	return m[last]
}

func (m Mix) check() error {
	const most = 1e9
	for i := range m {
		if w := m[i].Weight; math.IsNaN(w) || w < 0 || w > most {
			return scheduleError(fmt.Sprintf("/mix/%d/weight", i), fmt.Sprintf("%v is no weight", w), "weights are relative: 3 beside 1 is three events of four")
		}
	}
	return nil
}

package verifier

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// The charts are numbers here and drawn by the template. Lengths are the units
// of their view boxes.

// groupBar is a group's verdicts as one bar, in percent of its width.
type groupBar struct {
	Name  string
	Parts []barPart
	Words string
}

type barPart struct {
	Verdict        Verdict
	Count          int
	At, Width, Mid float64
	Labelled       bool // there is room for a label
}

func (g groupCount) bar() groupBar {
	counts := map[Verdict]int{Pass: g.Pass, Warn: g.Warn, Fail: g.Fail, Skip: g.Skip, Inconclusive: g.Inconclusive}
	total := g.Pass + g.Warn + g.Fail + g.Skip + g.Inconclusive
	out := groupBar{Name: g.Name}
	at := 0.0
	var words []string
	for _, v := range []Verdict{Fail, Warn, Pass, Inconclusive, Skip} {
		n := counts[v]
		if n == 0 {
			continue
		}
		width := float64(n) * 100 / float64(total)
		out.Parts = append(out.Parts, barPart{v, n, round(at), round(width), round(at + width/2), width >= 16})
		at += width
		words = append(words, fmt.Sprintf("%d %s", n, v))
	}
	out.Words = strings.Join(words, ", ")
	return out
}

func round(f float64) float64 { return math.Round(f*100) / 100 }

const (
	chartWidth  = 720
	chartLeft   = 16
	chartHeight = 150 // of the histogram's tallest bar
)

// edges of the histogram, in milliseconds: steps that people read, near enough
// to a logarithm to show both a fast receiver and a slow one.
var edges = []float64{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000}

// histogram of the answers' times.
type histogram struct {
	Bars    []histogramBar
	Latency Latency
}

type histogramBar struct {
	X, Mid, Y, Width, Height float64
	Count                    int
	Label                    string
}

// fewestBars are shown even if all answers came alike: one bar is no picture.
const fewestBars = 6

func histogramOf(r *Report) *histogram {
	times := answerTimes(r.Deliveries)
	if len(times) == 0 {
		return nil
	}
	counts := make([]int, len(edges)+1)
	for _, t := range times {
		i, exact := slices.BinarySearch(edges, t)
		if exact { // an edge belongs to the bar above
			i++
		}
		counts[i]++
	}
	first, last := len(counts), 0
	for i, n := range counts {
		if n > 0 {
			first, last = min(first, i), i
		}
	}
	first = max(0, min(first, last+1-fewestBars))
	last = max(last, min(len(counts)-1, first+fewestBars-1))
	most := slices.Max(counts)
	step := float64(chartWidth-2*chartLeft) / float64(last-first+1)
	h := &histogram{Latency: r.Latency}
	for i := first; i <= last; i++ {
		height := float64(counts[i]) / float64(most) * chartHeight
		if counts[i] > 0 {
			height = max(height, 2) // one among thousands is seen
		}
		x := chartLeft + float64(i-first)*step
		h.Bars = append(h.Bars, histogramBar{
			X: round(x + 2), Mid: round(x + step/2), Y: round(20 + chartHeight - height), Width: round(step - 4), Height: round(height),
			Count: counts[i], Label: edgeLabel(i),
		})
	}
	return h
}

func edgeLabel(i int) string {
	if i == len(edges) {
		return "≥ " + showMS(edges[i-1])
	}
	return "< " + showMS(edges[i])
}

// timeline shows each delivery at its time, in a lane for each group.
type timeline struct {
	Height, Bottom float64
	Lanes          []lane
	Ticks          []tick
	Shown, All     int
}

type lane struct {
	Name  string
	Y     float64
	Marks []deliveryMark
}

// deliveryMark has a shape for each kind of answer, so that colour says nothing
// alone.
type deliveryMark struct {
	X, Y, Width float64 // Width is the time that it took
	Shape       string  // 2xx, 3xx, 4xx, 5xx or none
	Title       string
}

type tick struct {
	X     float64
	Label string
}

const (
	laneHeight  = 30
	laneLeft    = 130
	shownMarks  = 1500
	wantedTicks = 5
)

func timelineOf(r *Report) *timeline {
	if len(r.Deliveries) == 0 {
		return nil
	}
	end := max(r.DurationMS, 1)
	scale := (chartWidth - laneLeft - 2*chartLeft) / end
	t := &timeline{All: len(r.Deliveries)}
	for _, g := range groups() {
		t.Lanes = append(t.Lanes, lane{Name: g})
	}
	every := (len(r.Deliveries) + shownMarks - 1) / shownMarks
	for i, d := range r.Deliveries {
		group, _, _ := strings.Cut(d.Check, "/")
		n := slices.IndexFunc(t.Lanes, func(l lane) bool { return l.Name == group })
		if n < 0 || i%every != 0 {
			continue
		}
		t.Shown++
		t.Lanes[n].Marks = append(t.Lanes[n].Marks, deliveryMark{
			X: round(laneLeft + chartLeft + min(d.StartMS, end)*scale), Width: round(min(d.TookMS, end) * scale), Shape: shapeOf(d), Title: titleOf(d),
		})
	}
	t.Lanes = slices.DeleteFunc(t.Lanes, func(l lane) bool { return len(l.Marks) == 0 })
	for i := range t.Lanes {
		l := &t.Lanes[i]
		l.Y = float64(laneHeight*i + laneHeight/2 + 4)
		for m := range l.Marks {
			l.Marks[m].Y = l.Y
		}
	}
	t.Bottom = float64(laneHeight*len(t.Lanes) + 8)
	t.Height = t.Bottom + 24
	for ms := 0.0; ms <= end; ms += niceStep(end / wantedTicks) {
		t.Ticks = append(t.Ticks, tick{X: round(laneLeft + chartLeft + ms*scale), Label: showMS(ms)})
	}
	return t
}

// niceStep is 1, 2 or 5 times a power of ten, not below a width; from a minute
// on it is a step of clocks.
func niceStep(least float64) float64 {
	for _, clock := range []float64{60, 120, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400} {
		if least > 20_000 && least <= clock*1000 {
			return clock * 1000
		}
	}
	step := math.Pow(10, math.Floor(math.Log10(least)))
	for _, by := range []float64{1, 2, 5} {
		if step*by >= least {
			return step * by
		}
	}
	return step * 10
}

func shapeOf(d Delivery) string {
	if d.Failure != "" || d.Status < 200 || d.Status > 599 {
		return "none"
	}
	return fmt.Sprintf("%dxx", d.Status/100)
}

func titleOf(d Delivery) string {
	got := fmt.Sprint(d.Status)
	if d.Failure != "" {
		got = noAnswer(d.Failure)
	}
	return fmt.Sprintf("%s (%s) %s: %s after %s", d.Check, d.Role, d.Event, got, showMS(d.TookMS))
}

// Points of the shapes that are polygons.
func (m deliveryMark) Points() string {
	switch m.Shape {
	case "3xx": // a diamond
		return fmt.Sprintf("%.2f,%.2f %.2f,%.2f %.2f,%.2f %.2f,%.2f", m.X, m.Y-6, m.X+6, m.Y, m.X, m.Y+6, m.X-6, m.Y)
	case "5xx": // a triangle
		return fmt.Sprintf("%.2f,%.2f %.2f,%.2f %.2f,%.2f", m.X, m.Y-6, m.X+6, m.Y+5, m.X-6, m.Y+5)
	}
	return ""
}

// Cross is the path of a delivery without an answer.
func (m deliveryMark) Cross() string {
	return fmt.Sprintf("M%.2f %.2fl10 10m0 -10l-10 10", m.X-5, m.Y-5)
}

// Square is the corner of a refusal.
func (m deliveryMark) Square() [2]float64 { return [2]float64{round(m.X - 5), round(m.Y - 5)} }

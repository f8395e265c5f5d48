package mockserver

import "net/http"

// keptAnswers is how many bytes of headers and bodies the handles of a server
// hold. A hundred thousand deliveries that wait while a receiver answers with a
// page of excuses would hold more than a program should; the journal has it all.
const keptAnswers = 32 << 20

// keep adds an attempt to a delivery's, with headers and bodies if there is room
// for them. It needs s.mu.
func (s *Server) keep(d *Delivery, a *Attempt) {
	if size := a.size(); s.kept+size <= keptAnswers {
		s.kept += size
		d.kept += size
	} else {
		a = a.lean()
	}
	d.attempts = append(d.attempts, a)
}

// size is what lean would take off, in bytes, with what a map needs beside its
// content.
func (a *Attempt) size() int {
	size := len(a.Body)
	for _, h := range []http.Header{a.Request.Header, a.Header} {
		size += 200
		for name, values := range h {
			size += len(name) + 80
			for _, v := range values {
				size += len(v)
			}
		}
	}
	return size
}

// lean is an attempt without headers and bodies.
func (a *Attempt) lean() *Attempt {
	if a.Request.Header == nil && a.Header == nil && a.Body == nil {
		return a
	}
	lean := *a
	lean.Request.Header, lean.Header, lean.Body = nil, nil, nil
	return &lean
}

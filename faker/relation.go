package faker

// same and sum are relations that x-faker declares; see resolve.
func same(p *planner, f *form, at *place, h *hint) maker { return nil }
func sum(p *planner, f *form, at *place, h *hint) maker  { return nil }

package faker

// Renamed is an edit of another place.
func Renamed(e Edit, rename func(string) string) Edit {
	e.pointer = rename(e.pointer)
	return e
}

package schema

// RelativeName is the file of a document set that a reference names, as seen
// from the document of that name. References that are URLs, absolute, spelled
// in a roundabout way, or that leave the root of the set are refused; the
// error says which.
func RelativeName(document, ref string) (string, error) { return fileName(setURL(document), ref) }

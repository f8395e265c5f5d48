package schema

// translate turns an error of the compiler into one that names the place.
func (c *compiler) translate(err error, root site) error {
	return c.errorAt(root, "%v", err)
}

package schema

import "github.com/santhosh-tekuri/jsonschema/v6"

func bundle(s *jsonschema.Schema, c *compiler) []byte { return nil }

package main

// Time zones travel with the binary: schedules name them, and neither a
// container made of nothing nor Windows has a zone database.
import _ "time/tzdata"

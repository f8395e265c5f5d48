// Package shop is a shop that lives: customers, goods, orders and the paper that
// follows them, as a simulation on a virtual axis of time.
//
// It knows no contract, no JSON and no provider. What happens is a [Step]: one
// [Action] of a fixed list, at one moment, with the entities that it is about
// as they are right then. Whoever makes events of steps reads the entities by
// the vocabulary ([Kinds], [Actions]), which is data: a kind has attributes, an
// attribute has a type and a doc text, and some lead to other entities.
//
// A [Shop] is divided into [Shards] shards with their own customers, goods, stock
// and ranges of numbers. A shard is a function of the seed and its number, it
// holds lives that are open and nothing that is over, and it advances to any
// moment on its own. So shards can be advanced side by side and merged by time
// afterwards, and the outcome is the same.
//
// Money is in minor units of the shop's one currency, times are milliseconds
// since 1970, rates are hundredths of a per cent.
package shop

package main

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/spf13/pflag"
)

// flagLine is a line of pflag's table: the flag, its value's kind, its usage.
var flagLine = regexp.MustCompile(`^( +(?:-\w, )?--[\w-]+)(?: (\S+))?(?: {2,}(.*))?$`)

// valueWords are the kinds of values, in the style of those that flags name
// themselves.
var valueWords = map[string]string{"int": "N", "uint": "N", "float": "NUMBER", "duration": "DURATION", "string": "TEXT"}

// flagTable is pflag's table of flags in columns that count characters and not
// bytes.
func flagTable(flags *pflag.FlagSet) string {
	var rows [][2]string
	width := 0
	for line := range strings.Lines(flags.FlagUsages()) {
		line = strings.TrimRight(line, "\n")
		m := flagLine.FindStringSubmatch(line)
		if m == nil {
			rows = append(rows, [2]string{line})
			continue
		}
		left := m[1]
		if kind := m[2]; kind != "" {
			if word, ok := valueWords[kind]; ok {
				kind = word
			}
			left += " " + kind
		}
		rows = append(rows, [2]string{left, m[3]})
		width = max(width, utf8.RuneCountInString(left))
	}
	var b strings.Builder
	for _, row := range rows {
		b.WriteString(row[0])
		if row[1] != "" {
			b.WriteString(strings.Repeat(" ", width-utf8.RuneCountInString(row[0])+3) + row[1])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

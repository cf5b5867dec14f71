package main

import "gopkg.in/yaml.v3"

// ranges are the first and the last value of the string formats that have an order. OpenAPI
// 3.0 has no keyword for them: minimum and maximum are for numbers, and generators reject or
// ignore a pattern next to these formats.
var ranges = map[string][2]string{
	"date":      {"1900-01-01", "2999-12-31"},
	"date-time": {"1900-01-01T00:00:00Z", "2999-12-31T23:59:59.999999999Z"},
}

// addRanges states the range of every date and timestamp.
func addRanges(n *yaml.Node) {
	if format := get(n, "format"); format != nil && get(n, "x-minimum") == nil {
		if r, ok := ranges[format.Value]; ok {
			setAfter(n, "format", "x-minimum", text(r[0]))
			setAfter(n, "x-minimum", "x-maximum", text(r[1]))
		}
	}
	for _, child := range n.Content {
		addRanges(child)
	}
}

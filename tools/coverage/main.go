// Command coverage summarizes a Go coverage profile of hand-written code, prints a line
// per package, and fails below a minimum.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// excluded matches generated code and test code.
var excluded = regexp.MustCompile(`/internal/(sqlc|api)/|/ports/mock/|/testkit/|/democlass/class(test|room)/|wire_gen\.go|/bench/`)

type count struct{ statements, covered int }

func main() {
	minimum := flag.Float64("min", 0, "the minimum percentage")
	flag.Parse()
	total, err := run(flag.Arg(0))
	if err != nil {
		fmt.Fprintln(os.Stderr, "coverage:", err)
		os.Exit(1)
	}
	fmt.Printf("%6.1f %%  of all hand-written statements\n", total)
	if total < *minimum {
		fmt.Fprintf(os.Stderr, "coverage: below the minimum of %.0f %%\n", *minimum)
		os.Exit(1)
	}
}

func run(profile string) (total float64, err error) {
	blocks, err := read(profile)
	if err != nil {
		return 0, err
	}
	packages := map[string]*count{}
	var all count
	for position, b := range blocks {
		file, _, _ := strings.Cut(position, ":")
		if excluded.MatchString(file) {
			continue
		}
		p := path.Dir(file)
		if packages[p] == nil {
			packages[p] = &count{}
		}
		for _, c := range []*count{packages[p], &all} {
			c.statements += b.statements
			c.covered += b.covered
		}
	}
	for _, p := range slices.Sorted(maps.Keys(packages)) {
		fmt.Printf("%6.1f %%  %s\n", packages[p].percent(), p)
	}
	return all.percent(), nil
}

// read returns the statements of each block. A block that several test binaries report
// counts once, and as covered if any of them ran it.
func read(profile string) (map[string]count, error) {
	f, err := os.Open(profile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	blocks := map[string]count{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) != 3 {
			continue // the mode line
		}
		n, err := strconv.Atoi(fields[1])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", profile, err)
		}
		b := blocks[fields[0]]
		b.statements = n
		if fields[2] != "0" {
			b.covered = n
		}
		blocks[fields[0]] = b
	}
	return blocks, lines.Err()
}

func (c count) percent() float64 {
	if c.statements == 0 {
		return 100
	}
	return 100 * float64(c.covered) / float64(c.statements)
}

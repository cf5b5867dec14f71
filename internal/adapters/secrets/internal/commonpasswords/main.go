// Command commonpasswords writes the Bloom filter of common passwords that Gradus embeds, and
// measures what the rules for new passwords refuse.
//
//	go run ./internal/adapters/secrets/internal/commonpasswords build OUTPUT MINIMUM:LIST...
//	go run ./internal/adapters/secrets/internal/commonpasswords measure LENGTH LIST
//
// A LIST has one password per line. build reads those with at least MINIMUM characters; measure
// prints which share of those with at least LENGTH characters is refused, and by what. Decision
// 0059 names the lists.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bits-and-blooms/bloom/v3"

	"github.com/gradus-dev/gradus/internal/adapters/secrets"
	"github.com/gradus-dev/gradus/internal/domain"
)

// falsePositives is the share of other passwords that the filter takes for common ones. Each
// password is looked up about ten times, in several forms.
const falsePositives = 1e-5

func main() {
	if err := run(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "commonpasswords:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, args []string) error {
	switch {
	case len(args) >= 3 && args[0] == "build":
		return build(out, args[1], args[2:])
	case len(args) == 3 && args[0] == "measure":
		return measure(out, args[1], args[2])
	}
	return errors.New("usage: commonpasswords build OUTPUT MINIMUM:LIST... | measure LENGTH LIST")
}

func build(out io.Writer, output string, lists []string) error {
	all := map[string]bool{}
	for _, arg := range lists {
		minimum, list, _ := strings.Cut(arg, ":")
		found, err := read(list, minimum)
		if err != nil {
			return err
		}
		for _, p := range found {
			all[p] = true
		}
	}
	filter := bloom.NewWithEstimates(uint(len(all)), falsePositives)
	for p := range all {
		filter.AddString(p)
	}
	f, err := os.Create(output)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	n, err := filter.WriteTo(f)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "%d passwords in %d bytes\n", len(all), n)
	return f.Close()
}

// read returns the passwords of a list that have at least minimum characters, in the form in
// which they are compared.
func read(list, minimum string) ([]string, error) {
	length, err := strconv.Atoi(minimum)
	if err != nil {
		return nil, fmt.Errorf("%q is not a length", minimum)
	}
	f, err := os.Open(list)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var found []string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		p := strings.ToLower(domain.NormalizePassword(domain.Secret(lines.Text())).Reveal())
		if utf8.ValidString(p) && utf8.RuneCountInString(p) >= length {
			found = append(found, p)
		}
	}
	return found, lines.Err()
}

func measure(out io.Writer, minimum, list string) error {
	passwords, err := read(list, minimum)
	if err != nil {
		return err
	}
	listed := secrets.CommonPasswords()
	policy := domain.PasswordPolicy{MinLength: 1, Common: listed}
	var onList, byRule int
	for _, p := range passwords {
		switch {
		case listed(p):
			onList++
		case errors.Is(policy.Check(domain.Secret(p), "", ""), domain.ErrPasswordTooCommon):
			byRule++
		}
	}
	share := func(n int) float64 { return 100 * float64(n) / float64(max(len(passwords), 1)) }
	_, _ = fmt.Fprintf(out, "%d passwords: %.1f %% on the list, %.1f %% by rules, %.1f %% accepted\n",
		len(passwords), share(onList), share(byRule), share(len(passwords)-onList-byRule))
	return nil
}

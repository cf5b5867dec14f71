// Command timezones writes the time zones that Gradus knows: the rules that Go ships, and
// the current name of each zone with its aliases.
//
//	go run -C tools ./timezones TZ ../internal/domain/zoneinfo
//
// TZ is a directory with the files backward, etcetera and zone.tab of the IANA time zone
// database (https://www.iana.org/time-zones, public domain), of the release that Go ships:
// DATA in $(go env GOROOT)/lib/time/update.bash.
package main

import (
	"archive/zip"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: timezones TZ OUTPUT")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(tz, output string) error {
	root, err := exec.CommandContext(context.Background(), "go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("go env GOROOT: %w", err)
	}
	rules := filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip")
	names, err := zoneNames(rules)
	if err != nil {
		return err
	}
	var files [3]string
	for i, name := range []string{"backward", "etcetera", "zone.tab"} {
		text, err := os.ReadFile(filepath.Join(tz, name))
		if err != nil {
			return err
		}
		files[i] = string(text)
	}
	data, err := os.ReadFile(rules)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(output, "zoneinfo.zip"), data, 0o600); err != nil {
		return err
	}
	list := format(names, links(files[0]+"\n"+files[1]), places(files[2]))
	return os.WriteFile(filepath.Join(output, "names.txt"), []byte(list), 0o600)
}

// zoneNames lists the zones in an archive of Go. Factory is what unconfigured machines use.
func zoneNames(archive string) ([]string, error) {
	r, err := zip.OpenReader(archive)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	var names []string
	for _, f := range r.File {
		if !strings.HasSuffix(f.Name, "/") && f.Name != "Factory" {
			names = append(names, f.Name)
		}
	}
	return names, nil
}

// links returns what each name is an alias of. Where the database links past a name of the
// same country, a comment "#= NAME" gives that name.
func links(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		line, comment, _ := strings.Cut(strings.TrimSpace(line), "#")
		fields := strings.Fields(line)
		if len(fields) != 3 || fields[0] != "Link" {
			continue
		}
		out[fields[2]] = fields[1]
		if better, ok := strings.CutPrefix(comment, "="); ok {
			out[fields[2]] = strings.Fields(better)[0]
		}
	}
	return out
}

// places returns the names that stand for a place of a country.
func places(text string) map[string]bool {
	out := map[string]bool{}
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); len(fields) >= 3 && !strings.HasPrefix(line, "#") {
			out[fields[2]] = true
		}
	}
	return out
}

// format returns a line per zone: its name, followed by its aliases. A name of a place is
// kept even if its clocks agree with those of another country: Oslo is not Berlin.
func format(names []string, links map[string]string, places map[string]bool) string {
	zones := map[string][]string{}
	for _, name := range names {
		zone := current(name, links, places)
		zones[zone] = append(zones[zone], name)
	}
	var b strings.Builder
	for _, zone := range slices.Sorted(maps.Keys(zones)) {
		aliases := slices.DeleteFunc(zones[zone], func(name string) bool { return name == zone })
		slices.Sort(aliases)
		fmt.Fprintln(&b, strings.Join(append([]string{zone}, aliases...), " "))
	}
	return b.String()
}

func current(name string, links map[string]string, places map[string]bool) string {
	for !places[name] && links[name] != "" {
		name = links[name]
	}
	if name == "Etc/UTC" || name == "Etc/GMT" {
		return "UTC"
	}
	return name
}

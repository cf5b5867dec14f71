package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"github.com/gradus-dev/gradus/internal/domain"
)

// fileSuffix is the suffix of variables that name a file with the value of a setting.
const fileSuffix = "_FILE"

// maxFile is the maximum size of such a file.
const maxFile = 64 << 10

// values returns the value of each setting in the environment: of the variable, or of the
// file that a variable with the suffix _FILE names.
func (k *checker) values(environment []string) map[string]string {
	names, err := Names()
	if err != nil {
		k.faults = append(k.faults, err)
	}
	all := env.ToMap(environment)
	values := map[string]string{}
	for _, name := range names {
		value, path := trim(name, all[name]), strings.TrimSpace(all[name+fileSuffix])
		switch {
		case path == "":
		case value != "":
			k.broken[name] = true
			k.addNamed(name+fileSuffix, "cannot be set together with %s", name)
		default:
			if value, err = readValue(name, path); err != nil {
				k.broken[name] = true
				k.addNamed(name+fileSuffix, "%v", err)
			}
		}
		values[name] = value
	}
	return values
}

// readValue reads the value of a setting from a file.
func readValue(name, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("cannot read the file: %w", err)
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	value := trim(name, string(content))
	switch {
	case err != nil:
		return "", fmt.Errorf("cannot read the file: %w", err)
	case len(content) > maxFile:
		return "", fmt.Errorf("the file %s is larger than %d KiB", path, maxFile>>10)
	case value == "":
		return "", fmt.Errorf("the file %s is empty", path)
	}
	return value, nil
}

// trim removes white space around a value. A password can start or end with a space, so it
// only loses the line end that editors and shells add.
func trim(name, value string) string {
	if name == Prefix+"BOOTSTRAP_ADMIN_PASSWORD" {
		return strings.Trim(value, "\r\n")
	}
	return strings.TrimSpace(value)
}

// list parses a comma-separated list, without white space around items and empty items.
func list(value string) (any, error) {
	var items []string
	for item := range strings.SplitSeq(value, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items, nil
}

// readProxy reads the variables that most programs use. As in most of them, the lower case
// has precedence.
func (k *checker) readProxy(environment []string) {
	all := env.ToMap(environment)
	first := func(names ...string) string {
		for _, name := range names {
			if value := strings.TrimSpace(all[name]); value != "" {
				return value
			}
		}
		return ""
	}
	k.Proxy = domain.Secret(first("https_proxy", "HTTPS_PROXY"))
	k.NoProxy = first("no_proxy", "NO_PROXY")
}

// parse fills the configuration.
func (k *checker) parse(values map[string]string) {
	err := env.ParseWithOptions(k.Config, env.Options{
		Prefix: Prefix, Environment: values,
		FuncMap: map[reflect.Type]env.ParserFunc{reflect.TypeFor[[]string](): list},
	})
	if err == nil {
		return
	}
	all, ok := errors.AsType[env.AggregateError](err)
	if !ok {
		k.faults = append(k.faults, err)
		return
	}
	for _, err := range all.Errors {
		p, ok := errors.AsType[env.ParseError](err)
		if !ok {
			k.faults = append(k.faults, err)
			continue
		}
		name := keys(reflect.TypeFor[Config](), Prefix)[p.Name]
		k.addNamed(name, "%s", wanted(p.Type))
		k.broken[name] = true
	}
}

// wanted describes the values of a type.
func wanted(t reflect.Type) string {
	return cmp.Or(map[reflect.Type]string{
		reflect.TypeFor[time.Duration](): "must be a duration such as 30s, 15m or 12h",
		reflect.TypeFor[slog.Level]():    "must be debug, info, warn or error",
		reflect.TypeFor[bool]():          "must be true or false",
		reflect.TypeFor[float64]():       "must be a number",
		reflect.TypeFor[time.Time]():     "must be a timestamp such as 2026-10-14T18:30:00Z",
	}[t], "must be an integer")
}

// keys maps struct fields to the names of settings.
func keys(t reflect.Type, prefix string) map[string]string {
	out := map[string]string{}
	for f := range t.Fields() {
		if nested, ok := f.Tag.Lookup("envPrefix"); ok {
			maps.Copy(out, keys(f.Type, prefix+nested))
		} else {
			out[f.Name] = prefix + f.Tag.Get("env")
		}
	}
	return out
}

// findUnknown adds a fault for each setting that does not exist. Most are typos, which would
// otherwise be ignored.
func (k *checker) findUnknown(environment []string) {
	names, err := Names()
	if err != nil {
		k.faults = append(k.faults, err)
	}
	for _, e := range environment {
		name, value, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, Prefix) || slices.Contains(names, strings.TrimSuffix(name, fileSuffix)) || isForTests(name) || isServiceLink(name, value) {
			continue
		}
		k.addNamed(name, "unknown setting")
	}
}

// isForTests reports whether a variable configures tests. Tests of a deployment share their
// environment with the program.
func isForTests(name string) bool {
	return slices.ContainsFunc([]string{"TEST_", "BENCH_", "TARGET_", "TOKEN_"}, func(kind string) bool {
		return strings.HasPrefix(name, Prefix+kind)
	})
}

// serviceLinks are the variables with which Kubernetes describes a service named gradus or
// gradus-something to all pods of its namespace. The values tell them from typos.
var serviceLinks = []struct {
	name  *regexp.Regexp
	value func(string) bool
}{
	{regexp.MustCompile(`^GRADUS(_[A-Z0-9_]+)?_SERVICE_HOST$`), isAddress},
	{regexp.MustCompile(`^GRADUS(_[A-Z0-9_]+)?_SERVICE_PORT(_[A-Z0-9_]+)?$`), regexp.MustCompile(`^[0-9]{1,5}$`).MatchString},
	{regexp.MustCompile(`^GRADUS(_[A-Z0-9_]+)?_PORT(_[0-9]+_(TCP|UDP|SCTP))?$`), regexp.MustCompile(`^(tcp|udp|sctp)://`).MatchString},
	{regexp.MustCompile(`^GRADUS(_[A-Z0-9_]+)?_PORT_[0-9]+_(TCP|UDP|SCTP)_PROTO$`), regexp.MustCompile(`^(tcp|udp|sctp)$`).MatchString},
	{regexp.MustCompile(`^GRADUS(_[A-Z0-9_]+)?_PORT_[0-9]+_(TCP|UDP|SCTP)_PORT$`), regexp.MustCompile(`^[0-9]{1,5}$`).MatchString},
	{regexp.MustCompile(`^GRADUS(_[A-Z0-9_]+)?_PORT_[0-9]+_(TCP|UDP|SCTP)_ADDR$`), isAddress},
}

func isAddress(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

// isServiceLink reports whether Kubernetes set a variable.
func isServiceLink(name, value string) bool {
	for _, l := range serviceLinks {
		if l.name.MatchString(name) && l.value(value) {
			return true
		}
	}
	return false
}

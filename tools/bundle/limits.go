package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// limit is a class of rate limits.
type limit struct {
	Per       string `yaml:"per"`
	Burst     int    `yaml:"burst"`
	PerMinute int    `yaml:"per_minute"`
}

// limits holds the classes, and where they are counted for people to read.
type limits struct {
	source  *yaml.Node
	classes map[string]limit
}

// counted says for whom the requests of a class are counted.
var counted = map[string]string{"user": "per user", "address": "per address"}

// readLimits reads the classes of rate limits.
func readLimits(file string) (limits, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return limits{}, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return limits{}, fmt.Errorf("%s: %w", file, err)
	}
	if len(doc.Content) == 0 {
		return limits{}, fmt.Errorf("%s has no classes", file)
	}
	l := limits{source: doc.Content[0]}
	if err := doc.Decode(&l.classes); err != nil {
		return limits{}, fmt.Errorf("%s: %w", file, err)
	}
	for name, class := range l.classes {
		if class.Burst < 1 || class.PerMinute < 1 || counted[class.Per] == "" {
			return limits{}, fmt.Errorf("%s: %s needs per (user or address), and burst and per_minute of at least 1", file, name)
		}
	}
	return l, nil
}

// describe writes the limit of an operation into its description, before the roles.
func (l limits) describe(op *yaml.Node, secured bool) error {
	name := get(op, "x-limit")
	if name == nil {
		return fmt.Errorf("add x-limit below x-roles, with a class of api/limits.yaml: %s", strings.Join(keys(l.source), ", "))
	}
	class, ok := l.classes[name.Value]
	switch {
	case !ok:
		return fmt.Errorf("x-limit is %s; use a class of api/limits.yaml: %s", name.Value, strings.Join(keys(l.source), ", "))
	case class.Per == "user" && !secured:
		return fmt.Errorf("x-limit is %s, which is counted per user, but callers need no session; use a class that is counted per address", name.Value)
	}
	description := get(op, "description")
	if description == nil {
		return errors.New("add a description")
	}
	paragraphs := strings.Split(strings.TrimSpace(description.Value), "\n\n")
	text := fmt.Sprintf("[Rate limit](/docs/guides/limits#rate-limits): `%s`, %d requests at once and %d per minute, %s.", name.Value, class.Burst, class.PerMinute, counted[class.Per])
	description.Value = strings.Join(slices.Insert(paragraphs, max(0, len(paragraphs)-1), text), "\n\n") + "\n"
	return nil
}

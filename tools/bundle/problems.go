package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"gopkg.in/yaml.v3"
)

// readStatuses reads the problem codes of all files of a folder, each with its status.
func readStatuses(folder string) (map[string]int, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		return nil, err
	}
	statuses := map[string]int{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var table map[string]struct{ Status int }
		if err := yaml.Unmarshal(raw, &table); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for code, row := range table {
			if _, ok := statuses[code]; ok {
				return nil, fmt.Errorf("%s: %s is in another file, too", file, code)
			}
			statuses[code] = row.Status
		}
	}
	if len(statuses) == 0 {
		return nil, fmt.Errorf("%s holds no problem codes", folder)
	}
	return statuses, nil
}

// addProblemCodes writes the codes and their statuses into the schema ProblemCode.
func addProblemCodes(schema *yaml.Node, statuses map[string]int) error {
	if schema == nil {
		return errors.New("components/problem.yaml defines no ProblemCode")
	}
	codes := slices.Sorted(maps.Keys(statuses))
	set(schema, "enum", texts(codes))
	table := mapping()
	for _, code := range codes {
		set(table, code, number(statuses[code]))
	}
	set(schema, "x-statuses", table)
	return nil
}

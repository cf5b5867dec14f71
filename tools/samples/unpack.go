package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// samplesDir is the directory of a client's samples. The tools of all three languages
// ignore names that start with a dot by default.
const samplesDir = ".samples"

// unpack writes each sample to a file that its compiler accepts.
func unpack(samples, guide, clients string) error {
	text, err := os.ReadFile(samples)
	if err != nil {
		return err
	}
	var all map[string][]sample
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	if all["Guide"], err = guideSamples(guide); err != nil {
		return err
	}
	into := map[string]string{
		"typescript": filepath.Join(clients, "typescript", samplesDir),
		"go":         filepath.Join(clients, "go", samplesDir),
		"python":     filepath.Join(clients, "python", samplesDir),
	}
	for _, dir := range into {
		if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
			return err
		}
	}
	var inGo strings.Builder
	for _, id := range slices.Sorted(maps.Keys(all)) {
		for _, s := range all[id] {
			switch s.Lang {
			case "typescript":
				err = os.WriteFile(filepath.Join(into[s.Lang], camel(id)+".ts"), []byte(s.Source+"\n"), 0o644)
			case "python":
				err = os.WriteFile(filepath.Join(into[s.Lang], snake(id)+".py"), []byte(s.Source+"\n"), 0o644)
			case "go":
				fmt.Fprintf(&inGo, "\nfunc %s(ctx context.Context) error {\n%s\nreturn nil\n}\n", id, s.Source)
			default:
				err = fmt.Errorf("unknown language %s", s.Lang)
			}
			if err != nil {
				return err
			}
		}
	}
	const config = `{ "extends": "../tsconfig.json", "compilerOptions": { "noEmit": true, "rootDir": ".", "types": ["node"] }, "include": ["*.ts"] }`
	return errors.Join(
		os.WriteFile(filepath.Join(into["typescript"], "tsconfig.json"), []byte(config), 0o644),
		os.WriteFile(filepath.Join(into["go"], "samples.go"), []byte(goFile(inGo.String())), 0o644),
	)
}

var fence = regexp.MustCompile("(?s)\n```(ts|go|python)\n(.*?)```")

// guideSamples returns the samples in the guide on clients.
func guideSamples(path string) ([]sample, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var all []sample
	for _, m := range fence.FindAllStringSubmatch(string(text), -1) {
		lang := strings.Replace(m[1], "ts", "typescript", 1)
		all = append(all, sample{Lang: lang, Source: m[2]})
	}
	if len(all) != 3 {
		return nil, fmt.Errorf("%s has %d samples, want one per language", path, len(all))
	}
	return all, nil
}

// goFile returns a package with the functions and their imports.
func goFile(functions string) string {
	imports := []string{`"context"`}
	for _, name := range []string{"errors", "fmt", "os", "time", "github.com/google/uuid", "github.com/oapi-codegen/nullable"} {
		if regexp.MustCompile(`\b` + filepath.Base(name) + `\.`).MatchString(functions) {
			imports = append(imports, `"`+name+`"`)
		}
	}
	const signIn = "\nfunc signIn(context.Context) (string, error) { return \"\", nil }\n"
	return "package samples\n\nimport (\n" + strings.Join(imports, "\n") + "\ngradus \"github.com/gradus-dev/gradus/clients/go\"\n)\n" + signIn + functions
}

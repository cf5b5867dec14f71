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

// unpack writes each sample, and those of the guides, to files that their compilers accept.
func unpack(samples string, guides []string, clients string) error {
	text, err := os.ReadFile(samples)
	if err != nil {
		return err
	}
	var all map[string][]sample
	if err := json.Unmarshal(text, &all); err != nil {
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
	var functions strings.Builder
	files := map[string]string{
		filepath.Join(into["typescript"], "tsconfig.json"): tsConfig,
	}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		for _, s := range all[id] {
			switch s.Lang {
			case "typescript":
				files[filepath.Join(into[s.Lang], camel(id)+".ts")] = s.Source + "\n"
			case "python":
				files[filepath.Join(into[s.Lang], snake(id)+".py")] = s.Source + "\n"
			case "go":
				addFunction(&functions, id, s.Source)
			default:
				return fmt.Errorf("unknown language %s", s.Lang)
			}
		}
	}
	for _, guide := range guides {
		text, err := os.ReadFile(guide)
		if err != nil {
			return err
		}
		if err := unpackGuide(strings.TrimSuffix(filepath.Base(guide), ".md"), string(text), into, files, &functions); err != nil {
			return fmt.Errorf("%s: %w", guide, err)
		}
	}
	files[filepath.Join(into["go"], "samples.go")] = goFile(functions.String())
	for path, text := range files {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			return err
		}
	}
	return nil
}

// tsConfig resolves imports as bundlers do, because the guides show applications.
const tsConfig = `{
  "extends": "../tsconfig.json",
  "compilerOptions": {
    "rootDir": "..", "outDir": ".build", "declaration": false, "jsx": "react-jsx",
    "module": "esnext", "moduleResolution": "bundler", "types": ["node", "react"]
  },
  "include": ["**/*.ts", "**/*.tsx", "../test/next.d.ts", "../test/guides"]
}
`

var (
	fence    = regexp.MustCompile("(?s)\n```(tsx?|go|python)\n(.*?)```")
	fileName = regexp.MustCompile(`^// ([\w./-]+\.tsx?)\n`)
)

// unpackGuide adds the code blocks of a guide. A file name in the first line of a block is
// kept, so that blocks can import each other.
func unpackGuide(guide, text string, into, files map[string]string, functions *strings.Builder) error {
	blocks := fence.FindAllStringSubmatch(text, -1)
	if len(blocks) == 0 {
		return errors.New("there are no code blocks to compile")
	}
	for i, m := range blocks {
		lang, source := m[1], m[2]
		name := fmt.Sprintf("%s%d", guide, i+1)
		switch {
		case lang == "go" && strings.HasPrefix(source, "package main\n"):
			files[filepath.Join(into["go"], name, "main.go")] = source
		case lang == "go":
			addFunction(functions, strings.ToUpper(name[:1])+name[1:], source)
		case lang == "python":
			files[filepath.Join(into["python"], name+".py")] = source
		default:
			file := name + "." + lang
			if named := fileName.FindStringSubmatch(source); named != nil {
				file = named[1]
			}
			path := filepath.Join(into["typescript"], guide, file)
			if files[path] != "" {
				return fmt.Errorf("two blocks are named %s", file)
			}
			files[path] = source
		}
	}
	return nil
}

func addFunction(functions *strings.Builder, name, body string) {
	fmt.Fprintf(functions, "\nfunc %s(ctx context.Context) error {\n%s\nreturn nil\n}\n", name, body)
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

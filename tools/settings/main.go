// Command settings renders the settings in .env.example, which is their reference, as a page
// for operators. Its arguments are the two files.
package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: settings .env.example settings.md")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "settings:", err)
		os.Exit(1)
	}
}

func run(from, to string) error {
	source, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	page, err := render(string(source))
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	return os.WriteFile(to, []byte(page), 0o644) //nolint:gosec // not secret
}

const head = `# Settings

<!-- Generated from .env.example by make generate. Edit that file. -->

Settings are environment variables. Gradus does not load a file of them; systemd does with ` + "`EnvironmentFile=`" + `, and Docker with ` + "`--env-file`" + `. If any setting is invalid or unknown, the program does not start, and lists every fault.
`

// render returns the page. In .env.example, "## Title" starts a section, and a comment
// describes the settings that follow it without a blank line or another comment in between.
func render(source string) (string, error) {
	var b strings.Builder
	intro, rest, found := strings.Cut(source, "\n\n")
	if !found {
		return "", errors.New("there are no settings")
	}
	b.WriteString(head)
	// The first paragraph is about the file itself.
	for i, paragraph := range strings.Split(strings.ReplaceAll(intro, "\n#\n", "\n\n"), "\n\n") {
		if i > 0 {
			b.WriteString("\n" + strings.ReplaceAll(strings.TrimPrefix(paragraph, "# "), "\n# ", "\n") + "\n")
		}
	}
	var comment []string
	var names, values []string
	count := 0
	flush := func() {
		if len(names) > 0 {
			writeSettings(&b, names, values, comment)
			count += len(names)
			comment, names, values = nil, nil, nil
		}
	}
	for line := range strings.Lines(rest) {
		line = strings.TrimRight(line, "\n")
		if title, ok := strings.CutPrefix(line, "## "); ok {
			flush()
			comment = nil
			b.WriteString("\n## " + title + "\n")
			continue
		}
		text, isComment := strings.CutPrefix(line, "#")
		name, value, isSetting := strings.Cut(line, "=")
		switch {
		case isComment:
			flush()
			comment = append(comment, strings.TrimPrefix(text, " "))
		case line == "":
			flush()
			comment = nil
		case isSetting:
			names, values = append(names, name), append(values, value)
		default:
			return "", fmt.Errorf("%q is neither a comment nor a setting", line)
		}
	}
	flush()
	if count == 0 {
		return "", errors.New("there are no settings")
	}
	return b.String(), nil
}

func writeSettings(b *strings.Builder, names, values, comment []string) {
	b.WriteString("\n### " + strings.Join(names, ", ") + "\n\n")
	var shown []string
	for _, v := range values {
		if v != "" {
			shown = append(shown, "`"+v+"`")
		}
	}
	switch {
	case len(shown) == 0:
		b.WriteString("No default.")
	case len(shown) == len(values):
		label := "Default: "
		if slices.ContainsFunc(comment, func(line string) bool { return strings.Contains(line, "Required") }) {
			label = "Example: "
		}
		b.WriteString(label + strings.Join(shown, ", ") + ".")
	default:
		for i, v := range values {
			if v == "" {
				values[i] = "none"
			} else {
				values[i] = "`" + v + "`"
			}
		}
		b.WriteString("Defaults: " + strings.Join(values, ", ") + ".")
	}
	text := strings.ReplaceAll(paragraphs(comment), "docs/operations.md", "[Behavior and limits](../operations.md)")
	if text != "" {
		b.WriteString("\n\n" + text)
	}
	b.WriteString("\n")
}

// paragraphs joins the lines of a comment. Indented lines are code.
func paragraphs(comment []string) string {
	var b strings.Builder
	code := false
	for i, line := range comment {
		text, indented := strings.CutPrefix(line, "  ")
		switch {
		case indented && !code:
			b.WriteString("\n\n```sh\n" + text)
		case indented:
			b.WriteString("\n" + text)
		case code:
			b.WriteString("\n```\n\n" + line)
		case i > 0:
			b.WriteString("\n" + line)
		default:
			b.WriteString(line)
		}
		code = indented
	}
	if code {
		b.WriteString("\n```")
	}
	return b.String()
}

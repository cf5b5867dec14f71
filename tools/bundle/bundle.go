package main

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// kind is a type of object of the OpenAPI specification.
type kind string

// member says what stands below a key of an object: one object, or a list or a map of
// them.
type member struct {
	kind kind
	many bool
}

// grammar is the part of OpenAPI 3.0.3 that this contract uses: where objects stand that
// may be references. What stands under any other key is data and is copied as it is.
var grammar = map[kind]map[string]member{
	"document": {"paths": {"pathItem", true}},
	"pathItem": {
		"parameters": {"parameters", true},
		"get":        {"operation", false}, "post": {"operation", false}, "put": {"operation", false},
		"patch": {"operation", false}, "delete": {"operation", false},
	},
	"operation":  {"parameters": {"parameters", true}, "requestBody": {"requestBodies", false}, "responses": {"responses", true}},
	"parameters": {"schema": {"schemas", false}, "examples": {"examples", true}},
	"headers":    {"schema": {"schemas", false}, "examples": {"examples", true}},
	"requestBodies": {
		"content": {"mediaType", true},
	},
	"responses": {"headers": {"headers", true}, "content": {"mediaType", true}, "links": {"links", true}},
	"mediaType": {"schema": {"schemas", false}, "examples": {"examples", true}},
	"schemas": {
		"items": {"schemas", false}, "additionalProperties": {"schemas", false}, "not": {"schemas", false},
		"properties": {"schemas", true}, "allOf": {"schemas", true}, "anyOf": {"schemas", true}, "oneOf": {"schemas", true},
	},
	"examples": {},
	"links":    {},
}

// sections is the order of the components. Kinds without a section are written in place.
var sections = []string{"securitySchemes", "parameters", "requestBodies", "schemas", "headers", "responses", "links", "examples"}

// bundler collects the components that a document refers to.
type bundler struct {
	folder     string
	files      map[string]*yaml.Node
	components map[string]map[string]*yaml.Node // by section and name
	from       map[string]string                // where each component is defined
}

func newBundler(folder string) *bundler {
	return &bundler{folder: folder, files: map[string]*yaml.Node{}, components: map[string]map[string]*yaml.Node{}, from: map[string]string{}}
}

// load reads a file of the folder once.
func (b *bundler) load(name string) (*yaml.Node, error) {
	if n, ok := b.files[name]; ok {
		return n, nil
	}
	raw, err := os.ReadFile(filepath.Join(b.folder, name))
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if doc.Kind != yaml.DocumentNode || doc.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s: the file is not a mapping", name)
	}
	b.files[name] = doc.Content[0]
	return doc.Content[0], nil
}

// find returns a copy of what a reference in a file points to, and the file it is in.
func (b *bundler) find(file, ref string) (*yaml.Node, string, error) {
	name, key, _ := strings.Cut(ref, "#/")
	if name != "" {
		file = path.Join(path.Dir(file), name)
	}
	doc, err := b.load(file)
	if err != nil {
		return nil, "", err
	}
	n := get(doc, key)
	if n == nil {
		return nil, "", fmt.Errorf("%s has no %s", file, key)
	}
	return clone(n), file, nil
}

// bundle resolves every reference of the document: path items move into the document,
// everything else becomes a component.
func (b *bundler) bundle(doc *yaml.Node) error { return b.walk(doc, "document", "openapi.yaml") }

// walk resolves the references below an object of a file.
func (b *bundler) walk(n *yaml.Node, k kind, file string) error {
	if n.Kind != yaml.MappingNode {
		return nil // additionalProperties: false
	}
	for i := 0; i < len(n.Content); i += 2 {
		m, ok := grammar[k][n.Content[i].Value]
		if !ok {
			continue
		}
		value := n.Content[i+1]
		if !m.many {
			if err := b.resolve(value, m.kind, file); err != nil {
				return err
			}
			continue
		}
		for j, child := range value.Content {
			if value.Kind == yaml.MappingNode && j%2 == 0 {
				continue // a key
			}
			if err := b.resolve(child, m.kind, file); err != nil {
				return err
			}
		}
		noteOrder(n, n.Content[i].Value, value)
	}
	if k == "schemas" {
		return allowNull(n, file)
	}
	return nil
}

// resolve walks an object, or what it refers to.
func (b *bundler) resolve(n *yaml.Node, k kind, file string) error {
	ref := get(n, "$ref")
	if ref == nil {
		return b.walk(n, k, file)
	}
	target, in, err := b.find(file, ref.Value)
	if err != nil {
		return fmt.Errorf("%s, line %d: %w", file, ref.Line, err)
	}
	if k == "pathItem" {
		*n = *target
		return b.walk(n, k, in)
	}
	_, name, _ := strings.Cut(ref.Value, "#/")
	n.Content = reference("#/components/" + string(k) + "/" + name).Content
	section := b.components[string(k)]
	if section == nil {
		section = map[string]*yaml.Node{}
		b.components[string(k)] = section
	}
	if section[name] != nil {
		if other := b.from[string(k)+"/"+name]; other != in {
			return fmt.Errorf("%s and %s both define %s; rename one", other, in, name)
		}
		return nil
	}
	section[name], b.from[string(k)+"/"+name] = target, in
	return b.walk(target, k, in)
}

// noteOrder records the order of several examples of one body for readers that keep
// mappings without an order, as kin-openapi does: the first is the one to begin with.
func noteOrder(media *yaml.Node, key string, examples *yaml.Node) {
	if names := keys(examples); key == "examples" && len(names) > 1 {
		set(media, "x-examples-order", texts(names))
	}
}

// allowNull rewrites a nullable reference, `nullable: true` with `allOf: [reference]`, as one
// of the reference and null. In OpenAPI 3.0.3, nullable means nothing without a type, and
// allOf rejects null, so validators rejected our own examples.
func allowNull(schema *yaml.Node, file string) error {
	parts := get(schema, "allOf")
	if n := get(schema, "nullable"); n == nil || n.Value != "true" || parts == nil {
		return nil
	}
	ref := get(parts.Content[0], "$ref")
	if len(parts.Content) != 1 || ref == nil || get(schema, "type") != nil {
		return fmt.Errorf("%s, line %d: a nullable reference has no type, and one reference in allOf", file, schema.Line)
	}
	null := mapping()
	// No reference is to a boolean: generators merge null with a reference of the same type,
	// and lose the name of the reference.
	set(null, "type", text("boolean"))
	set(null, "nullable", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"})
	set(null, "enum", &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}}})
	parts.Content = append(parts.Content, null)
	remove(schema, "nullable")
	remove(schema, "allOf")
	set(schema, "oneOf", parts)
	set(schema, "x-go-type", text("*"+path.Base(ref.Value))) // oapi-codegen would generate a union
	return nil
}

// writeComponents adds the components to the document, sorted by name: they come from
// many files and have no order of their own.
func (b *bundler) writeComponents(doc *yaml.Node) {
	components := get(doc, "components")
	all := mapping()
	for _, section := range sections {
		list := get(components, section)
		if list == nil {
			list = mapping()
		}
		for _, name := range slices.Sorted(maps.Keys(b.components[section])) {
			set(list, name, b.components[section][name])
		}
		if len(list.Content) > 0 {
			set(all, section, list)
		}
	}
	set(doc, "components", all)
}

package main

import (
	"strconv"

	"gopkg.in/yaml.v3"
)

// get returns the value of a key, nil if the mapping has none.
func get(mapping *yaml.Node, key string) *yaml.Node {
	if i := indexOf(mapping, key); i >= 0 {
		return mapping.Content[i+1]
	}
	return nil
}

func indexOf(mapping *yaml.Node, key string) int {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return -1
	}
	for i := 0; i < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return i
		}
	}
	return -1
}

// set replaces the value of a key, or adds the key at the end.
func set(mapping *yaml.Node, key string, value *yaml.Node) {
	if i := indexOf(mapping, key); i >= 0 {
		mapping.Content[i+1] = value
		return
	}
	mapping.Content = append(mapping.Content, text(key), value)
}

// remove removes a key.
func remove(mapping *yaml.Node, key string) {
	if i := indexOf(mapping, key); i >= 0 {
		mapping.Content = append(mapping.Content[:i:i], mapping.Content[i+2:]...)
	}
}

// setAfter is set, but adds the key behind another one.
func setAfter(mapping *yaml.Node, before, key string, value *yaml.Node) {
	i := indexOf(mapping, before)
	if i < 0 || indexOf(mapping, key) >= 0 {
		set(mapping, key, value)
		return
	}
	rest := append([]*yaml.Node{text(key), value}, mapping.Content[i+2:]...)
	mapping.Content = append(mapping.Content[:i+2:i+2], rest...)
}

// keys returns the keys of a mapping in their order.
func keys(mapping *yaml.Node) []string {
	var names []string
	for i := 0; mapping != nil && i < len(mapping.Content); i += 2 {
		names = append(names, mapping.Content[i].Value)
	}
	return names
}

// values returns the scalars of a sequence.
func values(sequence *yaml.Node) []string {
	var out []string
	if sequence != nil {
		for _, n := range sequence.Content {
			out = append(out, n.Value)
		}
	}
	return out
}

func text(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }

func number(n int) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(n)}
}

func texts(list []string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode}
	for _, s := range list {
		n.Content = append(n.Content, text(s))
	}
	return n
}

func mapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode} }

func reference(to string) *yaml.Node {
	n := mapping()
	set(n, "$ref", text(to))
	return n
}

// clone copies a node with everything below it.
func clone(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		c.Content[i] = clone(child)
	}
	return &c
}

package docs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gradus-dev/gradus/api"
)

// contractJSON renders the contract as JSON, with code samples that call this server. It
// keeps the order of the YAML, because readers list operations, properties and examples in
// the order of the document. The samples are not part of the contract that the server
// loads, because parsing them would slow down its start.
func contractJSON(at *url.URL, prefix string) ([]byte, error) {
	var root, samples yaml.Node
	if err := yaml.Unmarshal(contract(prefix), &root); err != nil {
		return nil, fmt.Errorf("parse the contract: %w", err)
	}
	local := strings.ReplaceAll(string(api.Samples), api.SampleURL, strings.TrimSuffix(at.String(), "/"))
	if err := yaml.Unmarshal([]byte(local), &samples); err != nil { // JSON is YAML
		return nil, fmt.Errorf("parse the code samples: %w", err)
	}
	addSamples(member(root.Content[0], "paths"), samples.Content[0])
	var out bytes.Buffer
	err := writeJSON(&out, root.Content[0])
	return out.Bytes(), err
}

func addSamples(paths, samples *yaml.Node) {
	for i := 1; i < len(paths.Content); i += 2 {
		for _, op := range paths.Content[i].Content { // and keys, and parameters
			id := member(op, "operationId")
			if id == nil {
				continue
			}
			if s := member(samples, id.Value); s != nil {
				op.Content = append(op.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "x-codeSamples"}, s)
			}
		}
	}
}

// member returns the value of a key, nil if n is no mapping or has no such key.
func member(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n.Kind == yaml.MappingNode && i < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// writeJSON writes a node as JSON, with the keys of mappings in their order.
func writeJSON(out *bytes.Buffer, n *yaml.Node) error {
	if n.Kind == yaml.MappingNode {
		return writeAll(out, n.Content, '{', ":,", '}')
	}
	if n.Kind == yaml.SequenceNode {
		return writeAll(out, n.Content, '[', ",", ']')
	}
	var value any
	if err := n.Decode(&value); err != nil {
		return err
	}
	text, err := json.Marshal(value)
	out.Write(text)
	return err
}

// writeAll writes nodes between brackets, with the separators in turn between them.
func writeAll(out *bytes.Buffer, nodes []*yaml.Node, open byte, separators string, end byte) error {
	out.WriteByte(open)
	for i, n := range nodes {
		if i > 0 {
			out.WriteByte(separators[(i-1)%len(separators)])
		}
		if err := writeJSON(out, n); err != nil {
			return err
		}
	}
	out.WriteByte(end)
	return nil
}

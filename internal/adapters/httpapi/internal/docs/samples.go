package docs

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gradus-dev/gradus/api"
)

// sampleServer stands in the samples for the address of a server.
const sampleServer = "https://gradus.example.org"

// contractJSON writes the contract as JSON, with how one calls each operation of this
// server by the clients. The samples are kept apart from the contract that the server
// itself reads, because reading them would slow its start down.
func contractJSON(doc *openapi3.T, at *url.URL) ([]byte, error) {
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	var contract map[string]any
	if err := json.Unmarshal(text, &contract); err != nil {
		return nil, err
	}
	here := strings.ReplaceAll(string(api.Samples), sampleServer, strings.TrimSuffix(at.String(), "/"))
	var samples map[string]any
	if err := json.Unmarshal([]byte(here), &samples); err != nil {
		return nil, fmt.Errorf("read the samples: %w", err)
	}
	paths, _ := contract["paths"].(map[string]any)
	for _, item := range paths {
		for _, o := range item.(map[string]any) {
			if op, ok := o.(map[string]any); ok { // other members of a path are lists
				if s := samples[fmt.Sprint(op["operationId"])]; s != nil {
					op["x-codeSamples"] = s
				}
			}
		}
	}
	return json.Marshal(contract)
}

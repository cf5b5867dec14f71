package docs

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gradus-dev/gradus/api"
)

// sampleURL is the placeholder for the server's URL in the code samples.
const sampleURL = "https://gradus.example.org"

// contractJSON renders the contract as JSON, with code samples that call this server. The
// samples are not part of the contract that the server loads, because parsing them would
// slow down its start.
func contractJSON(doc *openapi3.T, at *url.URL) ([]byte, error) {
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	var contract map[string]any
	if err := json.Unmarshal(text, &contract); err != nil {
		return nil, err
	}
	local := strings.ReplaceAll(string(api.Samples), sampleURL, strings.TrimSuffix(at.String(), "/"))
	var samples map[string]any
	if err := json.Unmarshal([]byte(local), &samples); err != nil {
		return nil, fmt.Errorf("parse the code samples: %w", err)
	}
	paths, _ := contract["paths"].(map[string]any)
	for _, item := range paths {
		for _, o := range item.(map[string]any) {
			if op, ok := o.(map[string]any); ok { // other members of a path item are lists
				if s := samples[fmt.Sprint(op["operationId"])]; s != nil {
					op["x-codeSamples"] = s
				}
			}
		}
	}
	return json.Marshal(contract)
}

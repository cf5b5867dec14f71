package fakewaka

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// plainScenario has the fields of Scenario without its methods, to avoid infinite
// recursion when encoding.
type plainScenario Scenario

// scenarioJSON shadows the durations, because JSON has no type for them.
type scenarioJSON struct {
	plainScenario
	TokenLifetime durationText `json:"token_lifetime,omitempty"`
	Delay         durationText `json:"delay,omitempty"`
}

// durationText is a duration in the format of time.ParseDuration.
type durationText time.Duration

// MarshalText formats the duration as "1.5s".
func (d durationText) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText parses "1.5s".
func (d *durationText) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a duration such as \"1500ms\"", text)
	}
	*d = durationText(parsed)
	return nil
}

// MarshalJSON writes the fields that are not zero.
func (sc Scenario) MarshalJSON() ([]byte, error) {
	return json.Marshal(scenarioJSON{plainScenario(sc), durationText(sc.TokenLifetime), durationText(sc.Delay)})
}

// UnmarshalJSON parses a scenario. It rejects unknown fields and values that
// Server.SetScenario would reject.
func (sc *Scenario) UnmarshalJSON(text []byte) error {
	var read scenarioJSON
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&read); err != nil {
		return err
	}
	parsed := Scenario(read.plainScenario)
	parsed.TokenLifetime, parsed.Delay = time.Duration(read.TokenLifetime), time.Duration(read.Delay)
	if err := parsed.validate(); err != nil {
		return err
	}
	*sc = parsed
	return nil
}

package main

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/flatten/allof"
	"github.com/oasdiff/oasdiff/flatten/commonparams"
	"github.com/oasdiff/oasdiff/load"
)

// minDeprecation is the minimum number of days between deprecation and removal of an
// operation.
const minDeprecation = 180

// severity is the effect of a change on clients of the old contract.
type severity int

const (
	compatible severity = iota
	uncertain           // the contract does not say enough to decide
	breaking
)

// change is a difference between two contracts.
type change struct {
	where    string // GET /me, or empty for the whole API
	text     string
	severity severity
}

type changes []change

// overrides changes the levels of oasdiff's rules.
var overrides = map[string]checker.Level{
	// Clients accept unknown values and codes (docs/versioning.md).
	checker.ResponsePropertyEnumValueAddedId:  checker.INFO,
	checker.ResponseMediaTypeEnumValueAddedId: checker.INFO,
	// The server rejects unknown fields and parameters with 422.
	checker.RequestParameterRemovedId: checker.ERR,
	checker.RequestPropertyRemovedId:  checker.ERR,
	// It names the functions of the generated clients.
	checker.APIOperationIdRemovedId: checker.ERR,
	// This command checks the versions.
	checker.APIMajorVersionNotBumpedId: checker.NONE,
	checker.APIVersionNotBumpedId:      checker.NONE,
}

// compare lists the changes between two contracts.
func compare(before, now *openapi3.T) (changes, error) {
	before, err := flatten(before)
	if err != nil {
		return nil, err
	}
	now, err = flatten(now)
	if err != nil {
		return nil, err
	}
	report, sources, err := diff.GetWithOperationsSourcesMap(diff.NewConfig(), &load.SpecInfo{Spec: before}, &load.SpecInfo{Spec: now})
	if err != nil {
		return nil, err
	}
	rules := checker.NewConfig(checker.GetAllChecks(), checker.WithSeverityLevels(overrides), checker.WithDeprecation(minDeprecation, minDeprecation))
	localizer := checker.NewDefaultLocalizer()
	var list changes
	for _, c := range checker.CheckBackwardCompatibilityUntilLevel(rules, report, sources, checker.INFO) {
		list = append(list, change{location(c), c.GetUncolorizedText(localizer), severities[c.GetLevel()]})
	}
	return append(list, extensions(before, now)...), nil
}

var severities = map[checker.Level]severity{checker.INFO: compatible, checker.WARN: uncertain, checker.ERR: breaking}

// flatten merges allOf and the parameters of paths, which oasdiff compares less precisely.
func flatten(doc *openapi3.T) (*openapi3.T, error) {
	merged, err := allof.MergeSpec(doc)
	if err != nil {
		return nil, fmt.Errorf("merge allOf: %w", err)
	}
	commonparams.Move(merged)
	return merged, nil
}

func location(c checker.Change) string {
	return strings.TrimSpace(c.GetOperation() + " " + c.GetPath())
}

// of returns the changes of a severity.
func (list changes) of(s severity) changes {
	return slices.DeleteFunc(slices.Clone(list), func(c change) bool { return c.severity != s })
}

// lines formats the changes as lines of text.
func (list changes) lines() string {
	var b strings.Builder
	for _, e := range list.entries() {
		fmt.Fprintf(&b, "  %s: %s\n", e.where, e.text)
	}
	return b.String()
}

// markdown formats the changes as a list that marks breaking ones.
func (list changes) markdown() string {
	var b strings.Builder
	for _, e := range list.entries() {
		prefix := ""
		if e.severity == breaking {
			prefix = "**Breaking:** "
		}
		fmt.Fprintf(&b, "- %s%s: %s.\n", prefix, e.where, strings.TrimSuffix(e.text, "."))
	}
	return b.String()
}

// perStatus matches the status in the text of a change. A property or header that many
// operations return changes in all of them, in each status, but counts as one change.
var perStatus = regexp.MustCompile("((?:property|header).*?) (?:for|from|to|with) the (?:response status|response with the|status) `\\w+`(?: status)?")

const fewOperations = 3

// entries merges equal changes and sorts the most severe ones first.
func (list changes) entries() changes {
	type key struct {
		text     string
		severity severity
	}
	operationsOf := map[key]map[string]bool{}
	for _, c := range list {
		k := key{perStatus.ReplaceAllString(c.text, "$1"), c.severity}
		if operationsOf[k] == nil {
			operationsOf[k] = map[string]bool{}
		}
		operationsOf[k][c.where] = true
	}
	var out changes
	for k, ops := range operationsOf {
		where := strings.Join(slices.Sorted(maps.Keys(ops)), "`, `")
		if where != "" {
			where = "`" + where + "`"
		}
		if len(ops) > fewOperations {
			where = fmt.Sprintf("%d operations", len(ops))
		}
		out = append(out, change{cmp.Or(where, "the whole API"), k.text, k.severity})
	}
	slices.SortFunc(out, func(a, b change) int {
		return cmp.Or(cmp.Compare(b.severity, a.severity), cmp.Compare(a.where, b.where), cmp.Compare(a.text, b.text))
	})
	return out
}

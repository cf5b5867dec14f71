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

// window is how many days an operation lives on after it was deprecated, at least.
const window = 180

// weight is what a change means for clients that know the contract of before.
type weight int

const (
	harmless weight = iota
	doubtful        // the contract does not say enough to decide
	breaking
)

// change is one difference between two contracts.
type change struct {
	where  string // GET /me, or empty when it is about no operation
	text   string
	weight weight
}

type changes []change

// promised are the rules that this API judges otherwise than oasdiff does.
var promised = map[string]checker.Level{
	// Clients take values and codes that they do not know (docs/versioning.md).
	checker.ResponsePropertyEnumValueAddedId:  checker.INFO,
	checker.ResponseMediaTypeEnumValueAddedId: checker.INFO,
	// The server refuses what it does not know, so who still sends it would get 422.
	checker.RequestParameterRemovedId: checker.ERR,
	checker.RequestPropertyRemovedId:  checker.ERR,
	// The functions of the generated clients are named by it.
	checker.APIOperationIdRemovedId: checker.ERR,
	// The command looks at the versions itself.
	checker.APIMajorVersionNotBumpedId: checker.NONE,
	checker.APIVersionNotBumpedId:      checker.NONE,
}

// compare lists what changed from one contract to another.
func compare(before, now *openapi3.T) (changes, error) {
	before, err := flat(before)
	if err != nil {
		return nil, err
	}
	now, err = flat(now)
	if err != nil {
		return nil, err
	}
	report, sources, err := diff.GetWithOperationsSourcesMap(diff.NewConfig(), &load.SpecInfo{Spec: before}, &load.SpecInfo{Spec: now})
	if err != nil {
		return nil, err
	}
	rules := checker.NewConfig(checker.GetAllChecks(), checker.WithSeverityLevels(promised), checker.WithDeprecation(window, window))
	words := checker.NewDefaultLocalizer()
	var list changes
	for _, c := range checker.CheckBackwardCompatibilityUntilLevel(rules, report, sources, checker.INFO) {
		list = append(list, change{place(c), c.GetUncolorizedText(words), weights[c.GetLevel()]})
	}
	return append(list, extensions(before, now)...), nil
}

var weights = map[checker.Level]weight{checker.INFO: harmless, checker.WARN: doubtful, checker.ERR: breaking}

// flat merges allOf and the parameters of paths, which oasdiff compares less exactly.
func flat(doc *openapi3.T) (*openapi3.T, error) {
	merged, err := allof.MergeSpec(doc)
	if err != nil {
		return nil, fmt.Errorf("merge allOf: %w", err)
	}
	commonparams.Move(merged)
	return merged, nil
}

func place(c checker.Change) string {
	return strings.TrimSpace(c.GetOperation() + " " + c.GetPath())
}

// of returns the changes of one weight.
func (list changes) of(w weight) changes {
	return slices.DeleteFunc(slices.Clone(list), func(c change) bool { return c.weight != w })
}

// lines writes each change on a line of its own.
func (list changes) lines() string {
	var b strings.Builder
	for _, e := range list.entries() {
		fmt.Fprintf(&b, "  %s: %s\n", e.where, e.text)
	}
	return b.String()
}

// markdown writes the changes as a list; what breaks is marked.
func (list changes) markdown() string {
	var b strings.Builder
	for _, e := range list.entries() {
		mark := ""
		if e.weight == breaking {
			mark = "**Breaking:** "
		}
		fmt.Fprintf(&b, "- %s%s: %s.\n", mark, e.where, strings.TrimSuffix(e.text, "."))
	}
	return b.String()
}

// A property or a header that many operations answer with changes in all of them at
// once, in each status: that is one change to a reader.
var perStatus = regexp.MustCompile("((?:property|header).*?) (?:for|from|to|with) the (?:response status|response with the|status) `\\w+`(?: status)?")

const fewOperations = 3

// entries joins equal changes, the heavy ones first.
func (list changes) entries() changes {
	type key struct {
		text   string
		weight weight
	}
	places := map[key]map[string]bool{}
	for _, c := range list {
		k := key{perStatus.ReplaceAllString(c.text, "$1"), c.weight}
		if places[k] == nil {
			places[k] = map[string]bool{}
		}
		places[k][c.where] = true
	}
	var out changes
	for k, at := range places {
		where := strings.Join(slices.Sorted(maps.Keys(at)), "`, `")
		if where != "" {
			where = "`" + where + "`"
		}
		if len(at) > fewOperations {
			where = fmt.Sprintf("%d operations", len(at))
		}
		out = append(out, change{cmp.Or(where, "the whole API"), k.text, k.weight})
	}
	slices.SortFunc(out, func(a, b change) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.where, b.where), cmp.Compare(a.text, b.text))
	})
	return out
}

package main

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// shape is what the rules know of an operation.
type shape struct {
	method  string // in lower case
	secured bool
	scope   string // of API tokens; empty if they cannot call it
	body    bool
	fresh   bool // needs fresh authentication
	enrols  bool // can be called before a user enables TOTP that their role needs
	header  map[string]bool
	query   map[string]bool
}

// rule says which problem codes every operation of a shape has.
type rule struct {
	name    string
	applies func(shape) bool
	codes   []string
}

// rules is everything that the shape of an operation implies. A path file lists only the
// codes that are the operation's own.
var rules = []rule{
	{"every operation", func(shape) bool { return true }, []string{"invalid_request", "malformed_request", "multiple_credentials", "rate_limited", "unavailable"}},
	{"needs a session", func(s shape) bool { return s.secured }, []string{"api_token_invalid", "session_expired", "token_expired", "unauthenticated"}},
	{"accepts API tokens", func(s shape) bool { return s.scope != "" }, []string{"insufficient_scope"}},
	{"needs a session instead of an API token", func(s shape) bool { return s.secured && s.scope == "" }, []string{"session_required"}},
	{"needs TOTP, if the role does", func(s shape) bool { return s.secured && !s.enrols }, []string{"totp_required"}},
	{"needs fresh authentication", func(s shape) bool { return s.fresh }, []string{"reauthentication_required"}},
	{"writes", func(s shape) bool { return s.method != "get" }, []string{"cross_origin"}},
	{"has a body", func(s shape) bool { return s.body }, []string{"payload_too_large", "unsupported_media_type"}},
	{"accepts If-Match", func(s shape) bool { return s.header["If-Match"] }, []string{"version_mismatch"}},
	{"accepts Idempotency-Key", func(s shape) bool { return s.header["Idempotency-Key"] }, []string{"idempotency_key_in_use", "idempotency_key_reused"}},
	{"is a paged list", func(s shape) bool { return s.query["after"] }, []string{"invalid_cursor"}},
}

// implied returns the codes that the rules give a shape.
func implied(s shape) []string {
	var codes []string
	for _, r := range rules {
		if r.applies(s) {
			codes = append(codes, r.codes...)
		}
	}
	return codes
}

// problemResponses names the response of each status in components/problem.yaml.
var problemResponses = map[int]string{
	http.StatusBadRequest:            "ProblemBadRequest",
	http.StatusUnauthorized:          "ProblemUnauthenticated",
	http.StatusForbidden:             "ProblemForbidden",
	http.StatusNotFound:              "ProblemNotFound",
	http.StatusConflict:              "ProblemConflict",
	http.StatusPreconditionFailed:    "ProblemPreconditionFailed",
	http.StatusRequestEntityTooLarge: "ProblemTooLarge",
	http.StatusUnsupportedMediaType:  "ProblemMediaType",
	http.StatusUnprocessableEntity:   "ProblemInvalid",
	http.StatusTooManyRequests:       "ProblemRateLimited",
	http.StatusServiceUnavailable:    "ProblemUnavailable",
}

const problemFile = "../components/problem.yaml#/"

// deriver adds to each operation what its shape implies.
type deriver struct {
	*bundler

	statuses map[string]int // of all problem codes
	limits   limits
}

// addImplied completes every operation of the path files, in place.
func (d deriver) addImplied(doc *yaml.Node) error {
	paths := get(doc, "paths")
	for i := 0; i < len(paths.Content); i += 2 {
		ref := get(paths.Content[i+1], "$ref")
		if ref == nil {
			return fmt.Errorf("%s: refer to a path item in paths/", paths.Content[i].Value)
		}
		file, key, _ := strings.Cut(ref.Value, "#/")
		source, err := d.load(file)
		if err != nil {
			return err
		}
		item := get(source, key)
		if item == nil {
			return fmt.Errorf("%s has no %s", file, key)
		}
		for method, m := range grammar["pathItem"] {
			op := get(item, method)
			if m.kind != "operation" || op == nil {
				continue
			}
			if err := d.complete(file, method, item, op); err != nil {
				return fmt.Errorf("%s, %s: %w", file, get(op, "operationId").Value, err)
			}
		}
	}
	return nil
}

// complete adds the implied problem codes to those of the operation, and a response for
// each of their statuses.
func (d deriver) complete(file, method string, item, op *yaml.Node) error {
	s, err := d.shapeOf(file, method, item, op)
	if err != nil {
		return err
	}
	if err := d.limits.describe(op, s.secured); err != nil {
		return err
	}
	if s.secured {
		describeScope(op, s.scope)
	}
	codes := implied(s)
	for _, own := range values(get(op, "x-problem-codes")) {
		if slices.Contains(codes, own) {
			return fmt.Errorf("remove %s from x-problem-codes: the shape of the operation implies it", own)
		}
		codes = append(codes, own)
	}
	slices.Sort(codes)
	setAfter(op, "x-limit", "x-problem-codes", texts(codes))
	if s.fresh {
		describeFreshness(get(op, "description"))
	}
	return d.addResponses(op, codes)
}

// describeFreshness adds a paragraph about fresh authentication before the one with the roles.
func describeFreshness(description *yaml.Node) {
	const paragraph = "Needs [fresh authentication](/docs/guides/authentication#fresh-authentication) (403 `reauthentication_required`)."
	before, roles, _ := strings.Cut(description.Value, "\n\nRoles: ")
	description.Value = before + "\n\n" + paragraph + "\n\nRoles: " + roles
}

func (d deriver) addResponses(op *yaml.Node, codes []string) error {
	responses := get(op, "responses")
	for _, status := range keys(responses) {
		if !strings.HasPrefix(status, "2") {
			return fmt.Errorf("remove the response %s: problem responses follow from x-problem-codes", status)
		}
	}
	statuses := map[int]bool{}
	for _, code := range codes {
		status, ok := d.statuses[code]
		if !ok {
			return fmt.Errorf("x-problem-codes has %s, which no file of api/problems defines", code)
		}
		statuses[status] = true
	}
	for _, status := range slices.SortedFunc(maps.Keys(statuses), cmp.Compare[int]) {
		name, ok := problemResponses[status]
		if !ok {
			return fmt.Errorf("tools/bundle/derive.go has no response for the status %d", status)
		}
		set(responses, strconv.Itoa(status), reference(problemFile+name))
	}
	set(responses, "default", reference(problemFile+"ProblemDefault"))
	return nil
}

// shapeOf reads the shape of an operation.
func (d deriver) shapeOf(file, method string, item, op *yaml.Node) (shape, error) {
	security := get(op, "security")
	s := shape{
		method:  method,
		secured: security == nil || len(security.Content) > 0,
		body:    get(op, "requestBody") != nil,
		fresh:   isTrue(get(op, "x-fresh")),
		enrols:  isTrue(get(op, "x-without-totp")),
		header:  map[string]bool{},
		query:   map[string]bool{},
	}
	if s.secured {
		var err error
		if s.scope, err = scopeOf(method, op); err != nil {
			return s, err
		}
	}
	for _, list := range []*yaml.Node{get(item, "parameters"), get(op, "parameters")} {
		if list == nil {
			continue
		}
		for _, p := range list.Content {
			if ref := get(p, "$ref"); ref != nil {
				var err error
				if p, _, err = d.find(file, ref.Value); err != nil {
					return s, err
				}
			}
			switch name := get(p, "name").Value; get(p, "in").Value {
			case "header":
				s.header[name] = true
			case "query":
				s.query[name] = true
			}
		}
	}
	return s, nil
}

func isTrue(n *yaml.Node) bool { return n != nil && n.Value == "true" }

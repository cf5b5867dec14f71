package main

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

const anyone = "anyone"

// extensions lists the changes in our extensions, which oasdiff ignores: the roles and the
// problem codes of an operation, and the status of a code.
func extensions(before, now *openapi3.T) changes {
	list := statuses(before, now)
	list = append(list, codes("", before.Extensions, now.Extensions)...)
	old := operations(before)
	for where, op := range operations(now) {
		if was := old[where]; was != nil {
			list = append(list, codes(where, was.Extensions, op.Extensions)...)
			list = append(list, roles(where, was.Extensions, op.Extensions)...)
		}
	}
	return list
}

func roles(where string, before, now map[string]any) changes {
	was, is := words(before, "x-roles"), words(now, "x-roles")
	var list changes
	for _, r := range without(was, is) {
		if !slices.Contains(is, anyone) {
			list = append(list, change{where, fmt.Sprintf("the role `%s` may no longer call it", r), breaking})
		}
	}
	for _, r := range without(is, was) {
		if !slices.Contains(was, anyone) {
			list = append(list, change{where, fmt.Sprintf("the role `%s` may call it", r), compatible})
		}
	}
	return list
}

func codes(where string, before, now map[string]any) changes {
	was, is := words(before, "x-problem-codes"), words(now, "x-problem-codes")
	var list changes
	for _, c := range without(was, is) {
		list = append(list, change{where, fmt.Sprintf("the problem code `%s` was removed, but clients may handle it", c), breaking})
	}
	for _, c := range without(is, was) {
		list = append(list, change{where, fmt.Sprintf("it may fail with the code `%s`", c), compatible})
	}
	return list
}

func statuses(before, now *openapi3.T) changes {
	was, is := statusOf(before), statusOf(now)
	var list changes
	for _, code := range slices.Sorted(maps.Keys(was)) {
		if s, still := is[code]; still && fmt.Sprint(s) != fmt.Sprint(was[code]) {
			list = append(list, change{"", fmt.Sprintf("the status of the problem code `%s` changed from %v to %v", code, was[code], s), breaking})
		}
	}
	return list
}

func statusOf(doc *openapi3.T) map[string]any {
	if doc.Components == nil || doc.Components.Schemas["ProblemCode"] == nil {
		return nil
	}
	of, _ := doc.Components.Schemas["ProblemCode"].Value.Extensions["x-statuses"].(map[string]any)
	return of
}

// overdue lists the operations whose sunset has passed. It is a warning, because a build
// must not fail because of the date alone.
func overdue(doc *openapi3.T) []string {
	var list []string
	all := operations(doc)
	for _, where := range slices.Sorted(maps.Keys(all)) {
		sunset, _ := all[where].Extensions["x-sunset"].(string)
		day, err := time.Parse(time.DateOnly, sunset)
		if err == nil && time.Now().After(day.AddDate(0, 0, 1)) {
			list = append(list, fmt.Sprintf("the sunset of %s was on %s: remove it, or give it a later x-sunset", where, sunset))
		}
	}
	return list
}

// operations returns the operations of a contract by method and path.
func operations(doc *openapi3.T) map[string]*openapi3.Operation {
	all := map[string]*openapi3.Operation{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			all[method+" "+path] = op
		}
	}
	return all
}

// words returns the values of an extension that is a list.
func words(extensions map[string]any, name string) []string {
	raw, _ := extensions[name].([]any)
	var list []string
	for _, v := range raw {
		list = append(list, fmt.Sprint(v))
	}
	return list
}

// without returns the words of list that are not in other.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}

package site

import (
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// problemKind is the kind of articles on problems.
const problemKind = "Problems"

// found is a document that the search can find. search.js ranks the document highest of which
// the query is the name or one of the phrases; then a match of the title counts more than
// one of the name and the words, and that more than one of the text.
type found struct {
	Kind  string   `json:"kind"`
	Title string   `json:"title"`
	Name  string   `json:"name,omitempty"` // such as POST /batches
	Path  string   `json:"path"`
	Words []string `json:"words,omitempty"` // and phrases that people search for, but that the text lacks
	Text  string   `json:"text"`
}

func findPages(pages []page) []found {
	var out []found
	for _, p := range pages {
		for _, part := range p.parts {
			f := found{Kind: p.kind, Title: p.title, Name: p.name, Path: p.path, Text: oneLine(part.text)}
			switch {
			case part.id != "" && p.name != "":
				out[len(out)-1].Text += " " + f.Text // problems are found as a whole
				continue
			case part.id != "":
				f.Title, f.Name, f.Path = part.title, p.title, p.path+"#"+part.id
			}
			f.Words = also(f.Title)
			out = append(out, f)
		}
	}
	return out
}

func findOperations(spec *openapi3.T, reference []operationPage) []found {
	out := []found{{Kind: "Reference", Title: "API reference", Path: ReferencePath, Text: oneLine(spec.Info.Description)}}
	for _, o := range reference {
		if o.op == nil {
			continue
		}
		text := []string{oneLine(o.op.Description)}
		for _, p := range slices.Concat(o.item.Parameters, o.op.Parameters) {
			text = append(text, p.Value.Name)
		}
		if o.op.RequestBody != nil {
			text = append(text, propertyNames(o.op.RequestBody.Value.Content)...)
		}
		for status, r := range o.op.Responses.Map() {
			if strings.HasPrefix(status, "2") {
				text = append(text, propertyNames(r.Value.Content)...)
			}
		}
		id := apart(o.op.OperationID)
		_, at, _ := strings.Cut(o.name, " ")
		out = append(out, found{
			Kind: "Reference", Title: o.op.Summary, Name: o.name, Path: "/docs#tag/" + o.tag + "/" + o.method + at,
			Words: append([]string{o.op.OperationID, id}, also(o.op.Summary+" / "+id)...), Text: strings.Join(text, " "),
		})
	}
	return out
}

// propertyNames returns the names of the properties of a body, in any order.
func propertyNames(content openapi3.Content) []string {
	var names []string
	for _, m := range content {
		s := m.Schema.Value
		for s.Items != nil {
			s = s.Items.Value
		}
		properties := map[string]*openapi3.Schema{}
		collect(s, properties, map[string]bool{})
		for name := range properties {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

var wordStart = regexp.MustCompile(`([a-z])([A-Z])`)

// apart separates the words of an operation ID.
func apart(id string) string { return strings.ToLower(wordStart.ReplaceAllString(id, "$1 $2")) }

// synonyms maps words of the contract to words and phrases, separated by commas, that
// programmers know from other APIs.
var synonyms = []struct{ ours, theirs string }{
	{"create", "add, new, make, post"},
	{"list", "all, find, index, query"},
	{"get", "read, fetch, show, view, retrieve"},
	{"update", "edit, change, modify, patch"},
	{"change", "update, edit, modify, set"},
	{"remove", "delete, unassign"},
	{"assign", "add"},
	{"reject", "delete, remove"},
	{"accept", "approve, confirm"},
	{"archive", "delete batch, remove batch, close batch"},
	{"restore", "unarchive, undelete, reopen"},
	{"rotate", "regenerate, renew, reset, refresh"},
	{"batch", "class, course, cohort, group"},
	{"batches", "class, course, cohort, group"},
	{"student", "learner, pupil"},
	{"students", "learners, pupils"},
	{"instructor", "teacher, staff"},
	{"instructors", "teachers, staff"},

	{"sign in", "login, log in, authenticate, get token, access token, bearer token"},
	{"sign out", "logout, log out, revoke token, end session"},
	{"register", "sign up, signup, create user, create account, new user, add user"},
	{"get me", "current user, get current user, whoami, profile, get profile, userinfo, my account"},
	{"update me", "edit profile, update profile, change name"},
	{"suspend user", "delete user, remove user, disable user, block, ban, deactivate, lock"},
	{"reinstate user", "enable user, unblock, unban, activate, unlock, restore user"},
	{"change user role", "make admin, make instructor, promote, demote, permission, set role"},

	{"get registration key", "invite code, invitation, join code"},
	{"join batch", "enroll, enrol, use key"},
	{"start waka time authorization", "oauth, oauth login, authorize"},
	{"complete waka time authorization", "oauth callback, redirect uri, exchange code, finish"},
	{"connect waka time with key", "connect wakatime, api key, link"},
	{"disconnect waka time", "delete connection, unlink, revoke"},
	{"coding days", "time, hours, heartbeats, summaries, activity"},
	{"sync my days", "sync, sync now, refresh, import, trigger"},
	{"progress", "report, stats, statistics, overview, leaderboard"},
	{"dashboard", "stats, statistics, overview, metrics"},
	{"list audit entries", "audit log, history, events"},
	{"coverage", "gaps, missing days"},
	{"back up and restore", "backup, pg_dump, disaster recovery"},
}

// also returns the synonyms of the words in a text.
func also(text string) []string {
	text = " " + strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r == ' ' || r == ',' || r == '\'' }), " ") + " "
	var out []string
	for _, s := range synonyms {
		if strings.Contains(text, " "+s.ours+" ") {
			out = append(out, strings.Split(s.theirs, ", ")...)
		}
	}
	return out
}

package fakewaka

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// kind is a way to divide a day's total.
type kind int

const (
	categories kind = iota
	projects
	languages
	editors
	operatingSystems
	dependencies
	machines
	kindCount
)

// kindNames are the API's names of the kinds.
var kindNames = [kindCount]string{
	"categories", "projects", "languages", "editors", "operating_systems", "dependencies", "machines",
}

var (
	projectNames = []string{
		"todo-app", "final-project", "portfolio", "weather-dashboard", "quiz-game", "blog-api",
		"chat-client", "expense-tracker", "js-exercises", "capstone", "recipe-finder", "sql-homework",
	}
	languageNames   = []string{"HTML", "CSS", "JavaScript", "TypeScript", "Python", "Go", "SQL", "Markdown"}
	editorNames     = []string{"VS Code", "WebStorm", "Neovim"}
	systemNames     = []string{"Linux", "Mac", "Windows"}
	dependencyNames = []string{"react", "express", "vite", "tailwindcss", "pytest", "flask", "zod", "axios"}
)

// habits are the projects, languages and tools that a person uses.
type habits struct {
	projects, languages, dependencies []string
	editors                           [2]string
	system                            string
	laptop                            string
	labMachine                        string
}

func newHabits(username string, seed uint64) habits {
	rng := randomFor(seed, "habits")
	pick := func(from []string, n int) []string {
		all := slices.Clone(from)
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		return all[:n]
	}
	editors := pick(editorNames, 2)
	if rng.IntN(3) > 0 {
		editors = []string{"VS Code", "Neovim"}
	}
	host := strings.Map(func(r rune) rune {
		if r == ' ' || r == '@' || r == '.' {
			return '-'
		}
		return r
	}, username)
	return habits{
		projects:     pick(projectNames, 5),
		languages:    pick(languageNames, 5),
		dependencies: pick(dependencyNames, 4),
		editors:      [2]string(editors),
		system:       systemNames[rng.IntN(len(systemNames))],
		laptop:       host + "-laptop",
		labMachine:   "lab-pc-" + string(rune('1'+rng.IntN(9))),
	}
}

// aiCategory is the category of coding by an AI agent.
const aiCategory = "ai coding"

// share is a percentage of a session.
type share struct {
	name    string
	percent int
}

// mix divides a session by every kind. Dependencies cover a part of it, the other
// kinds all of it.
func (a *account) mix(s session) [kindCount][]share {
	rng, h := rand.New(rand.NewPCG(s.seed, 1)), a.habits
	// The main project changes every three weeks.
	main := int(s.day)/21 + rng.IntN(4)/3
	first, second := h.projects[main%len(h.projects)], h.projects[(main+1)%len(h.projects)]
	editor, system, machine := h.editors[0], h.system, h.laptop
	if rng.IntN(6) == 0 {
		editor = h.editors[1]
	}
	if rng.IntN(8) == 0 {
		system, machine = "Linux", h.labMachine
	}
	language := rng.IntN(len(h.languages))
	dependency := rng.IntN(len(h.dependencies))
	debugging, testing, agent := 5+rng.IntN(15), rng.IntN(12), rng.IntN(20)
	most, some := 55+rng.IntN(20), 10+rng.IntN(15)
	p := 70 + rng.IntN(30)
	shares := [kindCount][]share{
		categories: {
			{"coding", 100 - debugging - testing - agent},
			{"debugging", debugging},
			{"writing tests", testing},
			{aiCategory, agent},
		},
		projects: {{first, p}, {second, 100 - p}},
		languages: {
			{h.languages[language], most},
			{h.languages[(language+1)%len(h.languages)], some},
			{h.languages[(language+2)%len(h.languages)], 100 - most - some},
		},
		editors:          {{editor, 100}},
		operatingSystems: {{system, 100}},
		dependencies: {
			{h.dependencies[dependency], 40},
			{h.dependencies[(dependency+1)%len(h.dependencies)], some},
		},
		machines: {{machine, 100}},
	}
	if s.category != "" {
		shares[categories] = []share{{s.category, 100}}
	}
	return shares
}

// part is a name with its seconds.
type part struct {
	name    string
	seconds int
}

// day is a window with the coding in it, in whole seconds.
type day struct {
	window
	total int
	parts [kindCount][]part // largest first
}

// days divides the person's coding into windows.
func (a *account) days(in []window, y countingRules, now time.Time) []day {
	if len(in) == 0 {
		return nil
	}
	sessions := a.sessions(in[0].from, in[len(in)-1].to, y, now)
	out := make([]day, len(in))
	for i, w := range in {
		out[i].window = w
		for len(sessions) > 0 && sessions[0].end <= w.from {
			sessions = sessions[1:]
		}
		for _, s := range sessions {
			if s.start >= w.to {
				break
			}
			if seconds := int(min(s.end, w.to) - max(s.start, w.from)); seconds > 0 {
				out[i].add(seconds, a.mix(s))
			}
		}
		out[i].sort()
	}
	return out
}

func (d *day) add(seconds int, mix [kindCount][]share) {
	d.total += seconds
	for k, shares := range mix {
		whole := 0
		for _, sh := range shares {
			whole += sh.percent
		}
		left := seconds * whole / 100
		for i, sh := range shares {
			n := seconds * sh.percent / 100
			if i == len(shares)-1 {
				n = left
			}
			left -= n
			d.addPart(kind(k), part{sh.name, n})
		}
	}
}

func (d *day) addPart(k kind, p part) {
	if p.seconds == 0 {
		return
	}
	for i := range d.parts[k] {
		if d.parts[k][i].name == p.name {
			d.parts[k][i].seconds += p.seconds
			return
		}
	}
	d.parts[k] = append(d.parts[k], p)
}

func (d *day) sort() {
	for _, parts := range d.parts {
		slices.SortFunc(parts, func(a, b part) int {
			if a.seconds != b.seconds {
				return b.seconds - a.seconds
			}
			return strings.Compare(a.name, b.name)
		})
	}
}

// sum combines days into one that spans all of them.
func sum(days []day) day {
	var all day
	if len(days) > 0 {
		all.window = days[0].window
		all.to = days[len(days)-1].to
	}
	for _, d := range days {
		all.total += d.total
		for k, parts := range d.parts {
			for _, p := range parts {
				all.addPart(kind(k), p)
			}
		}
	}
	all.sort()
	return all
}

package democlass

import "github.com/gradus-dev/gradus/internal/domain"

// password is the password of every user in the class.
const password domain.Secret = "three blue teapots sing"

// story is what is special about a student.
type story string

// The stories. Each one is visible in the progress or the coverage of the class.
const (
	steady       story = "codes most days"
	wentQuiet    story = "has not coded for twelve days"
	hasGap       story = "has days missing from WakaTime's responses"
	freePlan     story = "is on a free plan with two weeks of history"
	disconnected story = "connected WakaTime and disconnected it again"
	kathmandu    story = "works from Kathmandu"
	broken       story = "has a connection that WakaTime revoked two days ago"
	switched     story = "connected another WakaTime account four days ago"
)

// person is a user of the class.
type person struct {
	name     string
	username string // at WakaTime, and the local part of the email address
	role     domain.Role
	batch    int // index into batches; for students and instructors
	timeZone string
	story    story
	hours    float64 // of coding per week
}

// earlierUsername is the WakaTime user that a student was connected to before they switched
// to another account.
func (p person) earlierUsername() string { return p.username + "-before" }

func (p person) email() string { return p.username + "@school.example" }

// batchPlan is a batch to create.
type batchPlan struct {
	name, description, timeZone string
	weeklyGoal                  int // seconds
}

// archivedBatch ended before the class began.
var archivedBatch = batchPlan{"Web Development 2026 Spring", "The class before this one.", "America/Chicago", 15 * 3600}

// batches are the two current batches.
var batches = []batchPlan{
	{"Web Development 2026 Autumn", "From the first HTML page to a deployed application, in twelve weeks.", "America/Chicago", 15 * 3600},
	{"Data with Python 2026 Autumn", "Collecting, cleaning and showing data, with a project of one's own.", "Europe/Lisbon", 12 * 3600},
}

var admin = person{name: "Mira Okafor", username: "mira", role: domain.RoleAdmin, timeZone: "America/Chicago"}

// instructors teach one batch each.
var instructors = []person{
	{name: "Tomas Lindqvist", username: "tomas", role: domain.RoleInstructor, batch: 0, timeZone: "America/Chicago"},
	{name: "Ines Carvalho", username: "ines", role: domain.RoleInstructor, batch: 1, timeZone: "Europe/Lisbon"},
}

// hana has an account but is not in a batch.
var hana = person{name: "Hana Sato", username: "hana", role: domain.RoleMember, timeZone: "Asia/Tokyo"}

// viktor is suspended. He is created last, so his account marks a complete class.
var viktor = person{name: "Viktor Marsh", username: "viktor", role: domain.RoleMember, timeZone: "America/Chicago"}

// known are the students that the documentation and its examples mention, twelve in each
// batch.
var known = []person{
	student("Ada Brandt", "ada", 0, 18),
	student("Noor Haddad", "noor", 0, 15).with(broken),
	student("Jun Park", "jun", 0, 21).with(wentQuiet),
	student("Leila Amiri", "leila", 0, 12),
	student("Mateo Rojas", "mateo", 0, 16).with(freePlan),
	student("Freya Nilsen", "freya", 0, 10),
	student("Kwame Boateng", "kwame", 0, 14).with(switched),
	student("Sana Qureshi", "sana", 0, 19).with(hasGap),
	student("Pemba Gurung", "pemba", 0, 17).from("Asia/Kathmandu"),
	student("Oskar Wolf", "oskar", 0, 9),
	student("Yuki Tanabe", "yuki", 0, 13),
	student("Chidi Eze", "chidi", 0, 11),
	student("Beatriz Lopes", "beatriz", 1, 16),
	student("Duarte Pinto", "duarte", 1, 12),
	student("Anika Sharma", "anika", 1, 20),
	student("Luca Ferri", "luca", 1, 8),
	student("Maeve Byrne", "maeve", 1, 14),
	student("Zofia Nowak", "zofia", 1, 15),
	student("Henrik Dahl", "henrik", 1, 13),
	student("Amara Diallo", "amara", 1, 17),
	student("Rui Mendes", "rui", 1, 7),
	student("Elif Kaya", "elif", 1, 18),
	student("Ines Moreau", "imoreau", 1, 12),
	student("Tariq Aziz", "tariq", 1, 10).with(disconnected),
}

func student(name, username string, batch int, hours float64) person {
	return person{name: name, username: username, role: domain.RoleStudent, batch: batch, timeZone: batches[batch].timeZone, story: steady, hours: hours}
}

func (p person) with(s story) person {
	p.story = s
	return p
}

func (p person) from(zone string) person {
	p.timeZone, p.story = zone, kathmandu
	return p
}

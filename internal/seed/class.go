// Package seed makes one deterministic class by driving the use cases as people
// would: for the demo, for trials, and for whoever builds a frontend.
package seed

import "github.com/gradus-dev/gradus/internal/domain"

// Password is what everybody of the class signs in with.
const Password domain.Secret = "three blue teapots sing"

// Story is what is particular about a student.
type Story string

// The stories. Each shows up somewhere in the progress or the coverage of the class.
const (
	Steady       Story = "codes most days"
	WentQuiet    Story = "went quiet twelve days ago"
	HasGap       Story = "has days that WakaTime leaves out of its answers"
	FreePlan     Story = "is on a free plan, which shows two weeks of history"
	Disconnected Story = "connected WakaTime and disconnected it again"
	Kathmandu    Story = "works from Kathmandu"
	Broken       Story = "has a connection that WakaTime ended two days ago"
)

// Person is one member of the class.
type Person struct {
	Name     string
	Username string // at WakaTime, and before the @ of the address
	Role     domain.Role
	Batch    int // index into Batches; students and instructors
	TimeZone string
	Story    Story
	Hours    float64 // of coding per week
}

// Email returns the person's address.
func (p Person) Email() string { return p.Username + "@school.example" }

// BatchPlan is one batch of the class.
type BatchPlan struct {
	Name, Description, TimeZone string
	WeeklyGoal                  int // seconds
}

// Earlier is a batch that was over before the class began. It is archived.
var Earlier = BatchPlan{"Web Development 2026 Spring", "The class before this one.", "America/Chicago", 15 * 3600}

// Batches are the two batches of the class.
var Batches = []BatchPlan{
	{"Web Development 2026 Autumn", "From the first HTML page to a deployed application, in twelve weeks.", "America/Chicago", 15 * 3600},
	{"Data with Python 2026 Autumn", "Collecting, cleaning and showing data, with a project of one's own.", "Europe/Lisbon", 12 * 3600},
}

// Admin is who runs the school.
var Admin = Person{Name: "Mira Okafor", Username: "mira", Role: domain.RoleAdmin, TimeZone: "America/Chicago"}

// Instructors teach one batch each.
var Instructors = []Person{
	{Name: "Tomas Lindqvist", Username: "tomas", Role: domain.RoleInstructor, Batch: 0, TimeZone: "America/Chicago"},
	{Name: "Ines Carvalho", Username: "ines", Role: domain.RoleInstructor, Batch: 1, TimeZone: "Europe/Lisbon"},
}

// Hana has an account and is in no batch yet.
var Hana = Person{Name: "Hana Sato", Username: "hana", Role: domain.RoleMember, TimeZone: "Asia/Tokyo"}

// Viktor is suspended. He is made last: once he is, nothing is missing of the class.
var Viktor = Person{Name: "Viktor Marsh", Username: "viktor", Role: domain.RoleMember, TimeZone: "America/Chicago"}

// known are the students whom documents and examples speak of, twelve in each batch.
var known = []Person{
	student("Ada Brandt", "ada", 0, 18),
	student("Noor Haddad", "noor", 0, 15).with(Broken),
	student("Jun Park", "jun", 0, 21).with(WentQuiet),
	student("Leila Amiri", "leila", 0, 12),
	student("Mateo Rojas", "mateo", 0, 16).with(FreePlan),
	student("Freya Nilsen", "freya", 0, 10),
	student("Kwame Boateng", "kwame", 0, 14),
	student("Sana Qureshi", "sana", 0, 19).with(HasGap),
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
	student("Tariq Aziz", "tariq", 1, 10).with(Disconnected),
}

func student(name, username string, batch int, hours float64) Person {
	return Person{Name: name, Username: username, Role: domain.RoleStudent, Batch: batch, TimeZone: Batches[batch].TimeZone, Story: Steady, Hours: hours}
}

func (p Person) with(s Story) Person {
	p.Story = s
	return p
}

func (p Person) from(zone string) Person {
	p.TimeZone, p.Story = zone, Kathmandu
	return p
}

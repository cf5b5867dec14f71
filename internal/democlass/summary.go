package democlass

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Summary is what users and test programs need to know about a class.
type Summary struct {
	Plan    Plan     `json:"-"`
	Members []Member `json:"accounts"` // staff first
	Keys    []Key    `json:"registration_keys"`
	Spare   Spare    `json:"spare_wakatime_account"`
}

// Member is a user who can sign in.
type Member struct {
	Role     string `json:"role"`
	Name     string `json:"name"`
	Email    string `json:"email"`
	Password string `json:"password"`
	Story    string `json:"story,omitempty"`
}

// Key is the registration key of a batch.
type Key struct {
	BatchID string `json:"batch_id"`
	Batch   string `json:"batch"`
	Key     string `json:"registration_key"`
}

// Spare is a user of the fake WakaTime server who is not in the class.
type Spare struct {
	Username string `json:"username"`
	APIKey   string `json:"api_key"`
}

// Summary returns the summary of a class that has been created.
func (c *Class) Summary(ctx context.Context) (Summary, error) {
	keys, err := c.registrationKeys(ctx)
	if err != nil {
		return Summary{}, err
	}
	spare := Spare{spareUsername, c.Fake.APIKey(spareUsername)}
	return Summary{Plan: c.plan, Members: c.plan.members(), Keys: keys, Spare: spare}, nil
}

func (c *Class) registrationKeys(ctx context.Context) ([]Key, error) {
	var keys []Key
	for _, plan := range batches {
		page, err := c.app.UseCases.Batches.Batches(ctx, staff, domain.BatchFilter{Search: plan.name}, domain.PageRequest{Limit: 1})
		if err != nil {
			return nil, err
		}
		for _, b := range page.Items {
			k, err := c.app.UseCases.BatchStaff.RegistrationKey(ctx, staff, b.ID)
			if err != nil {
				return nil, err
			}
			keys = append(keys, Key{BatchID: b.ID.String(), Batch: b.Name, Key: k.Key.Reveal()})
		}
	}
	return keys, nil
}

// members returns the staff, the first student of each story, and the member without a
// batch.
func (p Plan) members() []Member {
	people := append([]person{admin}, instructors...)
	seen := map[story]bool{}
	for _, s := range p.students() {
		if !seen[s.story] {
			seen[s.story] = true
			people = append(people, s)
		}
	}
	people = append(people, hana)
	out := make([]Member, len(people))
	for i, m := range people {
		out[i] = Member{Role: string(m.role), Name: m.name, Email: m.email(), Password: password.Reveal(), Story: string(m.story)}
	}
	return out
}

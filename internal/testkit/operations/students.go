package operations

import (
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports/mock"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

func (p *Ports) students() *mock.MockStudentsMockRecorder {
	return p.Students.(*mock.MockStudents).EXPECT()
}

func init() {
	register(func(c *gomock.Controller, u *httpapi.UseCases) {
		u.Students = mock.NewMockStudents(c)
	}, func() map[string]Operation {
		ada := Student()
		return map[string]Operation{
			"JoinBatch": {
				Access:   Access{Want: "401 201 409 409 403 403 403 401", Body: apiclient.Object{"registration_key": FirstKey}},
				Examples: Examples{"key": {As: "hana"}},
				Calls: Calls{
					"enrols the actor": {
						Request: post("/me/enrolment", `{"registration_key": "k3y-k3y"}`),
						Ports:   func(p *Ports) { p.students().Join(anything, p.Actor, "k3y-k3y").Return(ada, nil) },
						Status:  201, Response: StudentJSON, Headers: map[string]string{"Location": "/api/v1/students/" + AdaID},
					},
				},
			},
			"ListStudents": {
				Access:   Access{Want: "401 403 403 403 200 200 200 401"},
				Examples: Examples{"page": {As: "mira"}},
				Calls: Calls{
					"lists all that the actor can access": {
						Request: get("/students"),
						Ports: func(p *Ports) {
							p.students().Students(anything, p.Actor, domain.StudentFilter{}, domain.PageRequest{Limit: defaultLimit}).
								Return(domain.Page[domain.Student]{}, nil)
						},
						Status: 200, Response: `{"items": [], "next": null}`,
					},
					"filters and pages": {
						Request: get("/students?batch_id=" + BatchID + "&status=paused&search=ada&connected=false&after=c1&limit=1"),
						Ports: func(p *Ports) {
							p.students().Students(anything, p.Actor, domain.StudentFilter{
								Batch: ada.Batch, Status: domain.EnrolmentPaused, Search: "ada", Connected: new(false),
							}, domain.PageRequest{After: "c1", Limit: 1}).Return(domain.Page[domain.Student]{Items: []domain.Student{ada}, Next: "c2"}, nil)
						},
						Status: 200, Response: `{"items": [` + StudentJSON + `], "next": "c2"}`,
					},
				},
			},
			"GetStudent": {
				Access:   Access{On: "student_id", Want: insiders, Self: "401 404 200 200 404 404 404 401"},
				Examples: Examples{"ada": {As: "ada"}},
				Calls: Calls{
					"returns a student": {
						Request: get("/students/" + AdaID),
						Ports:   func(p *Ports) { p.students().Student(anything, p.Actor, ada.ID).Return(ada, nil) },
						Status:  200, Response: StudentJSON,
					},
				},
			},
		}
	})
}

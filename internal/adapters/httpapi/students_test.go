package httpapi_test

import (
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/domain"
)

func studentRows() map[string]row {
	ada := servertest.Student()
	return map[string]row{
		"with a key": {
			operation: "JoinBatch", call: post("/me/enrolment", `{"registration_key": "k3y-k3y"}`),
			port:   func(s *server) { s.Students.EXPECT().Join(anything, s.Actor, "k3y-k3y").Return(ada, nil) },
			status: 201, want: servertest.StudentJSON, headers: map[string]string{"Location": "/api/v1/students/" + adaID},
		},
		"all that the actor sees": {
			operation: "ListStudents", call: get("/students"),
			port: func(s *server) {
				s.Students.EXPECT().Students(anything, s.Actor, domain.StudentFilter{}, domain.PageRequest{Limit: defaultLimit}).
					Return(domain.Page[domain.Student]{}, nil)
			},
			status: 200, want: `{"items": [], "next": null}`,
		},
		"by batch, status, name and connection": {
			operation: "ListStudents", call: get("/students?batch_id=" + batchID + "&status=paused&search=ada&connected=false&after=c1&limit=1"),
			port: func(s *server) {
				s.Students.EXPECT().Students(anything, s.Actor, domain.StudentFilter{
					Batch: ada.Batch, Status: domain.EnrolmentPaused, Search: "ada", Connected: new(false),
				}, domain.PageRequest{After: "c1", Limit: 1}).Return(domain.Page[domain.Student]{Items: []domain.Student{ada}, Next: "c2"}, nil)
			},
			status: 200, want: `{"items": [` + servertest.StudentJSON + `], "next": "c2"}`,
		},
		"one student": {
			operation: "GetStudent", call: get("/students/" + adaID),
			port:   func(s *server) { s.Students.EXPECT().Student(anything, s.Actor, ada.ID).Return(ada, nil) },
			status: 200, want: servertest.StudentJSON,
		},
	}
}

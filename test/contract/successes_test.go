package contract_test

import (
	"net/http"

	"github.com/google/uuid"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

// success prepares a request that must succeed, and returns its caller: the given user, or
// another one with the same role.
type success func(e *env, user session) (session, request)

// successes are the operations that need more than their path, the IDs that concern the
// caller, and the example of the contract.
var successes = map[string]success{
	"Register": func(*env, session) (session, request) { return session{}, request{body: registration("")} },
	"SignIn": func(e *env, _ session) (session, request) {
		return session{}, request{body: object{"email": e.users["member"].Email, "password": password}}
	},
	"SignOut": func(e *env, user session) (session, request) { return e.again(user), request{} },

	"RefreshSession": func(e *env, _ session) (session, request) {
		in := e.client.Post("/auth/login", object{"email": e.users["member"].Email, "password": password})
		return session{}, request{body: object{"refresh_token": apiclient.Decode[object](in)["refresh_token"]}}
	},
	"Reauthenticate": func(e *env, user session) (session, request) {
		return e.again(user), request{body: object{"current_password": password}}
	},
	"CompleteSignIn": func(e *env, _ session) (session, request) {
		user, app := e.memberWithTOTP()
		return session{}, request{body: object{"challenge": e.client.Challenge(user.Email, password), "code": app.Code(0)}}
	},
	"EnableTotp": func(e *env, _ session) (session, request) {
		user := e.member()
		return user, request{body: object{"code": e.as(user).StartTOTP().Code(0)}}
	},
	"DisableTotp": func(e *env, _ session) (session, request) {
		user, _ := e.memberWithTOTP()
		return user, request{}
	},
	"RotateRecoveryCodes": func(e *env, _ session) (session, request) {
		user, _ := e.memberWithTOTP()
		return user, request{}
	},
	"DisableUserTotp": func(e *env, user session) (session, request) {
		other, _ := e.memberWithTOTP()
		return user, request{values: values{"user_id": other.ID}}
	},

	"ChangePassword": func(e *env, _ session) (session, request) {
		return e.member(), request{body: object{"current_password": password, "password": "nine grey herons wading home"}}
	},
	"CreateApiToken": func(e *env, _ session) (session, request) {
		return e.member(), request{header: retriable(), body: tokenForStudents}
	},
	"RevokeMyApiToken": func(e *env, _ session) (session, request) {
		user := e.member()
		return user, request{values: values{"token_id": e.apiTokenID(user)}}
	},
	"RevokeApiToken": func(e *env, user session) (session, request) {
		return user, request{values: values{"token_id": e.apiTokenID(e.member())}}
	},
	"RevokeMyOtherSessions": func(e *env, _ session) (session, request) { return e.member(), request{} },
	"RevokeMySession": func(e *env, _ session) (session, request) {
		user := e.member()
		other := e.again(user)
		return user, request{values: values{"session_id": e.currentSession(other)}}
	},
	"RevokeUserSessions": func(e *env, user session) (session, request) {
		return user, request{values: values{"user_id": e.member().ID}}
	},

	"ChangeUserRole": func(e *env, user session) (session, request) {
		return user, request{values: values{"user_id": e.member().ID}, body: object{"role": "instructor"}}
	},
	"SuspendUser": func(e *env, user session) (session, request) {
		return user, request{values: values{"user_id": e.member().ID}}
	},
	"ReinstateUser": func(e *env, user session) (session, request) {
		r := request{values: values{"user_id": e.member().ID}}
		e.must("SuspendUser", user, r)
		return user, r
	},

	"UpdateBatch": func(e *env, user session) (session, request) {
		return user, request{values: e.own[user.Role], body: object{"name": "Renamed"}}
	},
	"ArchiveBatch": func(e *env, user session) (session, request) {
		return user, request{values: values{"batch_id": e.batch()}}
	},
	"RestoreBatch": func(e *env, user session) (session, request) {
		r := request{values: values{"batch_id": e.batch()}}
		e.must("ArchiveBatch", user, r)
		return user, r
	},
	"AssignInstructor": func(e *env, user session) (session, request) {
		return user, request{values: values{"batch_id": e.batch(), "user_id": e.users["instructor"].ID}}
	},
	"RemoveInstructor": func(e *env, user session) (session, request) {
		r := request{values: values{"batch_id": e.batch(), "user_id": e.users["instructor"].ID}}
		e.must("AssignInstructor", user, r)
		return user, r
	},
	"JoinBatch": func(e *env, _ session) (session, request) {
		return e.member(), request{body: object{"registration_key": e.key(e.batch())}}
	},
}

// wakatimeSuccesses need the fake WakaTime server.
var wakatimeSuccesses = map[string]success{
	"CompleteWakaTimeAuthorization": func(e *env, user session) (session, request) {
		return user, request{body: e.as(user).Consent(e.wakatimeUser())}
	},
	"ConnectWakaTimeWithKey": func(e *env, user session) (session, request) {
		return user, request{body: e.apiKey(e.wakatimeUser())}
	},
	"DisconnectWakaTime": func(e *env, user session) (session, request) { return e.connect(user), request{} },
	"SyncMyDays":         func(e *env, user session) (session, request) { return e.connect(user), request{} },
	"SyncStudentDays": func(e *env, user session) (session, request) {
		student := e.users["student"]
		if user.Role == "member" {
			student = user
		}
		e.connect(student)
		return user, request{values: values{"student_id": student.ID}}
	},
	"DisconnectStudentWakaTime": func(e *env, user session) (session, request) {
		return user, request{values: values{"student_id": e.connectedStudent().ID}}
	},
	"AcceptWakaTimeAccount": acceptance,
	"RejectWakaTimeAccount": acceptance,
}

// acceptance is a request about the account of a student who is connected.
func acceptance(e *env, user session) (session, request) {
	student := e.connectedStudent()
	type accounts = apiclient.Page[struct{ ID string }]
	account := apiclient.Get[accounts](e.as(user), "/students/"+student.ID+"/wakatime/accounts").Items[0]
	return user, request{values: values{"student_id": student.ID, "account_id": account.ID}}
}

// connectedStudent returns a new student of the instructor who is connected. Their batch is
// new too: other operations rotate the registration keys of the others at the same time.
func (e *env) connectedStudent() session {
	e.t.Helper()
	batch := e.batch()
	e.must("AssignInstructor", e.users["admin"], request{values: values{"batch_id": batch, "user_id": e.users["instructor"].ID}})
	return e.connect(e.builder().Student("Connected", e.key(batch)).Session)
}

// mailedSuccesses need the token of a link, which only the database of the server's own has.
var mailedSuccesses = map[string]success{
	"ConfirmEmailChange": func(e *env, _ session) (session, request) {
		return session{}, request{body: object{"token": e.confirmation(domain.ConfirmEmailChange, uuid.NewString()+"@school.example")}}
	},
	"UndoEmailChange": func(e *env, _ session) (session, request) {
		return session{}, request{body: object{"token": e.confirmation(domain.ConfirmEmailUndo, uuid.NewString()+"@school.example")}}
	},
	"ConfirmPasswordReset": func(e *env, _ session) (session, request) {
		return session{}, request{body: object{"token": e.confirmation(domain.ConfirmPasswordReset), "password": "nine grey herons wading home"}}
	},
}

// success prepares a request that must succeed. It is not possible where it needs the fake
// WakaTime server, or a mailbox.
func (e *env) success(op operation, user session) (caller session, r request, possible bool) {
	e.t.Helper()
	prepare, ok := wakatimeSuccesses[op.OperationID]
	if mailed, found := mailedSuccesses[op.OperationID]; found {
		prepare, ok = mailed, true
	}
	switch {
	case ok && e.server == nil:
		return user, request{}, false
	case !ok:
		prepare, ok = successes[op.OperationID]
	}
	if !ok {
		return user, e.plain(op, user), true
	}
	caller, r = prepare(e, user)
	return caller, r, true
}

// plain returns a request about objects that concern the user, with an example of the
// contract as its body.
func (e *env) plain(op operation, user session) request {
	return request{values: e.own[user.Role], body: op.example()}
}

// caller returns a user who is allowed to call an operation, an admin if possible.
func (e *env) caller(op operation) (user session, exists bool) {
	for _, role := range []string{"admin", "instructor", "student", "member"} {
		if user, exists = e.users[role]; exists && op.allows(role) {
			return user, true
		}
	}
	return session{}, false
}

// again starts another session of a user, or one of another user with the same role if the
// password is unknown.
func (e *env) again(user session) session {
	e.t.Helper()
	b := e.builder()
	if user.Email == "" {
		other := b.Member("Again")
		e.must("ChangeUserRole", user, request{values: values{"user_id": other.ID}, body: object{"role": user.Role}})
		user = other.Session
	}
	return b.Users.SignIn(e.t, e.as(user)).Session
}

// retriable returns the header of a request that can be retried.
func retriable() http.Header { return http.Header{"Idempotency-Key": {uuid.NewString()}} }

// memberWithTOTP returns a user with an authenticator app.
func (e *env) memberWithTOTP() (session, apiclient.App) {
	e.t.Helper()
	user := e.member()
	app, _ := e.as(user).EnableTOTP()
	return user, app
}

// currentSession returns the ID of a session.
func (e *env) currentSession(s session) string {
	e.t.Helper()
	for _, found := range apiclient.Get[apiclient.Page[struct {
		ID      string
		Current bool
	}]](e.as(s), "/me/sessions").Items {
		if found.Current {
			return found.ID
		}
	}
	e.t.Fatal("the session is not among the user's sessions")
	return ""
}

// apiTokenID returns the ID of a new API token of a user.
func (e *env) apiTokenID(user session) string {
	e.t.Helper()
	e.apiToken(user)
	return apiclient.Get[apiclient.Page[struct{ ID string }]](e.as(user), "/me/api-tokens").Items[0].ID
}

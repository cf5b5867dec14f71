package api_test

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

type createdToken struct {
	Token    string `json:"token"`
	APIToken struct {
		ID         string     `json:"id"`
		LastUsedAt *time.Time `json:"last_used_at"`
	} `json:"api_token"`
}

func newToken(days int, scopes ...domain.APIScope) object {
	return object{"name": "QA", "scopes": scopes, "expires_in_days": days}
}

// createToken returns a client that uses an API token of a user that expires after a day, and its ID.
func createToken(c client, scopes ...domain.APIScope) (tool client, id string) {
	created := apiclient.Decode[createdToken](c.Post("/me/api-tokens", newToken(1, scopes...)).Expect(http.StatusCreated))
	tool = c
	tool.Token = created.Token
	return tool, created.APIToken.ID
}

// The contract says with x-scope what a token needs for each operation. With the scope it succeeds
// as a session does, and without it nothing is done.
func TestAPITokens_NeedTheScopeOfEachOperation(t *testing.T) {
	t.Parallel()
	e := newActorEnv(t)
	e.snapshot = e.Snapshot(t)
	open, closed := 0, 0
	for _, op := range loadOperations(t) {
		if op.Security != nil && len(*op.Security) == 0 {
			continue
		}
		r, _ := rowOf(op.OperationID)
		actor, object := r.success(t)
		user := e.actors[actor]
		scope, _ := op.Extensions["x-scope"].(string)
		others := slices.DeleteFunc(domain.APIScopes(), func(s domain.APIScope) bool {
			return string(s) == scope || strings.HasSuffix(scope, ":"+string(s))
		})
		lacking, _ := createToken(user, others...)
		code := "insufficient_scope"
		if scope == "" {
			code = "session_required"
		}
		do := func(c client) response {
			e.actors[actor] = c
			defer func() { e.actors[actor] = user }()
			return e.do(op, r, object, actor)
		}
		do(lacking).ExpectProblem(http.StatusForbidden, code)
		if scope == "" {
			closed++
		} else {
			open++
			permitted, _ := createToken(user, domain.APIScope(scope))
			if res := do(permitted); res.Status != r.status(object, actor) {
				t.Errorf("%s with the scope %s: %d, want %d: %s", op.OperationID, scope, res.Status, r.status(object, actor), res.Body)
			}
		}
		e.snapshot.Restore(t)
	}
	if open == 0 || closed == 0 {
		t.Errorf("%d operations are open to tokens, %d are closed", open, closed)
	}
}

func TestAPITokens_AreShownOnceListedAndRevoked(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	ada, ben := e.member("Ada"), e.member("Ben")
	keyed := ada.IdempotencyKey("a-key")
	first := keyed.Post("/me/api-tokens", newToken(90, "read")).Expect(http.StatusCreated)
	again := keyed.Post("/me/api-tokens", newToken(90, "read")).Expect(http.StatusCreated)
	if string(first.Body) != string(again.Body) || again.Header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("the replay is %s, not %s", again.Body, first.Body)
	}
	created := apiclient.Decode[createdToken](first)
	tool := ada
	tool.Token = created.Token
	if !strings.HasPrefix(tool.Token, "gradus_pat_") {
		t.Errorf("the token is %s", tool.Token)
	}
	stored := strings.Join(e.Strings(t, `SELECT x::text FROM api_tokens x UNION ALL SELECT x::text FROM idempotency_keys x
		UNION ALL SELECT x::text FROM audit_entries x UNION ALL SELECT x::text FROM gradus_river.river_job x`), "\n")
	random := created.Token[11:54]
	if !strings.Contains(stored, created.APIToken.ID) || strings.Contains(stored, random) || strings.Contains(stored, hex.EncodeToString([]byte(random))) {
		t.Errorf("the database has the token, or no row of it: %s", stored)
	}
	tool.Get("/me").Expect(http.StatusOK)
	list := ada.Get("/me/api-tokens").Expect(http.StatusOK)
	if !strings.Contains(string(list.Body), `"last_used_address":"127.0.0.1"`) || strings.Contains(string(list.Body), tool.Token) {
		t.Errorf("the list is %s", list.Body)
	}
	path := "/me/api-tokens/" + created.APIToken.ID
	ben.Delete(path).ExpectProblem(http.StatusNotFound, "api_token_not_found")
	tool.Get("/me").Expect(http.StatusOK)
	ada.Delete(path).Expect(http.StatusNoContent)
	tool.Get("/me").ExpectProblem(http.StatusUnauthorized, "api_token_invalid")
	ada.Delete(path).Expect(http.StatusNoContent)
	tool.Token = "gradus_pat_mistyped"
	tool.Get("/me").ExpectProblem(http.StatusUnauthorized, "api_token_invalid")

	_, id := createToken(ben, "read")
	e.admin.Delete("/api-tokens/" + id).Expect(http.StatusNoContent)
	tokens := apiclient.AllPages[struct {
		UserID    string     `json:"user_id"`
		RevokedAt *time.Time `json:"revoked_at"`
	}](e.admin, "/api-tokens?user_id="+ben.ID, 1)
	if len(tokens) != 1 || tokens[0].UserID != ben.ID || tokens[0].RevokedAt == nil {
		t.Errorf("the tokens of Ben: %+v", tokens)
	}
	ben.Get("/api-tokens").ExpectProblem(http.StatusForbidden, "forbidden")
}

func TestAPITokens_StopWorking(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		end  func(e *env, user client)
		code string // empty if the token still works
	}{
		"when they expire": {func(e *env, _ client) { e.Clock.Advance(24 * time.Hour) }, "api_token_invalid"},
		"not before":       {func(e *env, _ client) { e.Clock.Advance(24*time.Hour - time.Second) }, ""},
		"when the user is suspended": {func(e *env, user client) {
			e.admin.Post("/users/"+user.ID+"/suspension", nil).Expect(http.StatusOK)
		}, "api_token_invalid"},
		"and not again when the user is reinstated": {func(e *env, user client) {
			e.admin.Post("/users/"+user.ID+"/suspension", nil).Expect(http.StatusOK)
			e.admin.Delete("/users/" + user.ID + "/suspension").Expect(http.StatusNoContent)
		}, "api_token_invalid"},
		"when the role changes": {func(e *env, user client) {
			e.admin.Put("/users/"+user.ID+"/role", object{"role": "instructor"}).Expect(http.StatusOK)
		}, "api_token_invalid"},
		"but not when the password changes": {func(_ *env, user client) {
			user.Put("/me/password", object{"current_password": testserver.Password, "password": "nine grey herons wading home"}).Expect(http.StatusNoContent)
		}, ""},
		"nor when sessions end": {func(e *env, user client) {
			e.admin.Delete("/users/" + user.ID + "/sessions").Expect(http.StatusNoContent)
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEnv(t)
			user := e.member("Ada")
			tool, _ := createToken(user, "read")
			tool.Get("/me").Expect(http.StatusOK)
			tt.end(e, user)
			if tt.code == "" {
				tool.Get("/me").Expect(http.StatusOK)
			} else {
				tool.Get("/me").ExpectProblem(http.StatusUnauthorized, tt.code)
			}
		})
	}
}

// Rights are those that the user has now, not those when the token was created.
func TestAPITokens_NeverDoMoreThanTheirUser(t *testing.T) {
	t.Parallel()
	e := newActorEnv(t)
	tool, _ := createToken(e.Instructor, "read", "write")
	path := "/batches/" + e.Batch
	tool.Get(path).Expect(http.StatusOK)
	tool.Get("/users").ExpectProblem(http.StatusForbidden, "forbidden")
	e.admin.Delete(path + "/instructors/" + e.Instructor.ID).Expect(http.StatusNoContent)
	tool.Get(path).ExpectProblem(http.StatusNotFound, "batch_not_found")
	tool.Patch(path, object{"name": "Mine"}).ExpectProblem(http.StatusNotFound, "batch_not_found")
}

func TestAPITokens_AreLimitedPerUser(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	ada, ben := e.member("Ada"), e.member("Ben")
	for range domain.MaxAPITokens - 2 {
		createToken(ada, "read")
	}
	var sent sync.WaitGroup
	statuses := make(chan int, 6)
	for range cap(statuses) {
		sent.Go(func() { statuses <- ada.Post("/me/api-tokens", newToken(1, "read")).Status })
	}
	sent.Wait()
	close(statuses)
	count := map[int]int{}
	for status := range statuses {
		count[status]++
	}
	if count[http.StatusCreated] != 2 || count[http.StatusConflict] != 4 {
		t.Errorf("of 6 requests at the same time with room for 2: %v", count)
	}
	ada.Post("/me/api-tokens", newToken(1, "read")).ExpectProblem(http.StatusConflict, "too_many_api_tokens")
	createToken(ben, "read")
	e.Clock.Advance(24 * time.Hour)
	createToken(e.signIn(ada.Email), "read") // the others have expired
}

func TestAPITokens_AuditEntriesNameTheToken(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	tool, id := createToken(e.admin, "batches:write")
	batch := tool.CreateBatch(batchOf("Made by a tool", "UTC"))
	entries := e.admin.Get("/audit-log?action=batch.create&subject=" + batch).Expect(http.StatusOK)
	var page struct {
		Items []struct {
			Details map[string]any `json:"details"`
		} `json:"items"`
	}
	if err := json.Unmarshal(entries.Body, &page); err != nil || len(page.Items) != 1 || page.Items[0].Details["api_token_id"] != id {
		t.Errorf("the entries are %s (%v)", entries.Body, err)
	}
}

// A token that was revoked on one replica does not work on the other one after a second.
func TestAPITokens_AreRevokedOnAllReplicas(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	other := e.Replica(t)
	ada := e.member("Ada")
	tool, id := createToken(ada, "read")
	there := tool.At(other.URL)
	there.Get("/me").Expect(http.StatusOK)
	ada.Delete("/me/api-tokens/" + id).Expect(http.StatusNoContent)
	tool.Get("/me").ExpectProblem(http.StatusUnauthorized, "api_token_invalid")
	e.Clock.Advance(postgres.SessionMaxAge)
	there.Get("/me").ExpectProblem(http.StatusUnauthorized, "api_token_invalid")
}

// Package contract_test tests a server against the whole contract: it provokes every
// operation, every documented status and every problem code, and checks every response
// against its schema.
//
//	go test ./test/contract                      starts a server of its own
//	GRADUS_TARGET_URL=https://gradus.example.org GRADUS_TOKEN_ADMIN=… go test ./test/contract
//
// On a deployment it only reads, unless GRADUS_TARGET_WRITES=true allows it to create and
// change objects. What it cannot provoke there is reported and fails nothing, unless
// GRADUS_TARGET_STRICT=true. See docs/qa.md.
package contract_test

import (
	"testing"

	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestContract(t *testing.T) {
	t.Parallel()
	t.Cleanup(func() { conclude(t) }) // runs after all subtests
	own, writes := theTarget.own(), theTarget.writes
	tests := map[string]struct {
		possible bool
		test     func(t *testing.T)
	}{
		"each role reads what exists":    {true, testReaders},
		"common problems":                {true, testRejections},
		"missing objects":                {true, testMissing},
		"edges of ranges":                {true, testEdges},
		"methods":                        {true, testMethods},
		"each role calls each operation": {writes, testRoles},
		"versions":                       {writes, testVersions},
		"retries":                        {writes, testRetries},
		"problems of single operations":  {writes, testProblems(problems)},
		"problems that need the fake WakaTime or one admin": {own, testProblems(ownProblems)},
		"examples":                 {own, testExamples},
		"concurrent retries":       {own, testConcurrentRetries},
		"roles that need TOTP":     {own, testTOTPRequired},
		"expired sessions":         {own, testExpiredSessions},
		"API tokens":               {own, testAPITokens},
		"expired access tokens":    {own, testExpiredTokens},
		"no database":              {own, testWithoutDatabase},
		"too many password checks": {own, testBusy},
		"too many requests":        {own, testLimits},
		"an internal error":        {own, testInternalError},
	}
	for name, tt := range tests {
		if tt.possible {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				tt.test(t)
			})
		}
	}
}

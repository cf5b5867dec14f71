// Package contract_test walks the whole contract: every operation, every status and every
// problem code that it documents is asked for, and every answer is held to its schema.
//
//	go test ./test/contract                      against a server of its own
//	GRADUS_TARGET_URL=https://gradus.example.org GRADUS_TOKEN_ADMIN=… go test ./test/contract
//
// Elsewhere it only reads, unless GRADUS_TARGET_WRITES=true says that things may be made
// and changed there, and what it could not see is reported and fails nothing, unless
// GRADUS_TARGET_STRICT=true. docs/qa.md says more.
package contract_test

import (
	"testing"

	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestTheContract(t *testing.T) {
	t.Parallel()
	t.Cleanup(func() { conclude(t) }) // after the last of the tests below
	own, writes := theTarget.own(), theTarget.writes
	tests := map[string]struct {
		possible bool
		test     func(t *testing.T)
	}{
		"everybody reads what is there":        {true, testReaders},
		"what all operations refuse":           {true, testPasses},
		"what is not there":                    {true, testMissing},
		"methods":                              {true, testMethods},
		"every role and every operation":       {writes, testRoles},
		"versions":                             {writes, testVersions},
		"requests that are sent again":         {writes, testRepeats},
		"refusals of single operations":        {writes, testCases(cases)},
		"refusals that take a world of ours":   {own, testCases(ownCases)},
		"examples":                             {own, testExamples},
		"requests that are sent twice at once": {own, testRunningRepeats},
		"sessions that have ended":             {own, testExpired},
		"no database":                          {own, testWithoutDatabase},
		"a crowd":                              {own, testCrowd},
		"a fault":                              {own, testFault},
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

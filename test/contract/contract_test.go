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
	t.Run("what is asked", func(t *testing.T) {
		run := func(name string, there bool, test func(t *testing.T)) {
			if there {
				t.Run(name, func(t *testing.T) { t.Parallel(); test(t) })
			}
		}
		own, writes := theTarget.own(), theTarget.writes
		run("everybody reads what is there", true, testReaders)
		run("every role and every operation", writes, testRoles)
		run("what all operations refuse", true, testPasses)
		run("what is not there", true, testMissing)
		run("methods", true, testMethods)
		run("versions", writes, testVersions)
		run("requests that are sent again", writes, testRepeats)
		run("special refusals", writes, func(t *testing.T) { testCases(t, cases) })

		run("special refusals on a server of ours", own, func(t *testing.T) { testCases(t, ownCases) })
		run("examples", own, testExamples)
		run("requests that are sent twice at once", own, testRunningRepeats)
		run("sessions that have ended", own, testExpired)
		run("no database", own, testWithoutDatabase)
		run("a crowd", own, testCrowd)
		run("a fault", own, testFault)
	})
	conclude(t)
}

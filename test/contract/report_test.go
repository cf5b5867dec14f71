package contract_test

import (
	"fmt"
	"testing"
)

func conclude(t *testing.T) {
	t.Helper()
	b := contract(t)
	for _, g := range theLedger.unseenStatuses(b) {
		t.Errorf("unseen status: %s", g)
	}
	for _, g := range theLedger.unseenCodes(b) {
		t.Errorf("unseen code: %s", g)
	}
	fmt.Println(theLedger.requests, "requests")
}

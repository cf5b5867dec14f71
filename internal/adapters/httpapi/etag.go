package httpapi

import (
	"strconv"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/entitytag"
	"github.com/gradus-dev/gradus/internal/domain"
)

// etag renders a version as a strong entity tag.
func etag(version int) string { return `"` + strconv.Itoa(version) + `"` }

// expected converts If-Match, which the validator has checked. Tags that are not a version
// match none.
func expected(ifMatch *string) domain.ExpectedVersions {
	if ifMatch == nil || *ifMatch == entitytag.Any {
		return nil
	}
	var versions domain.ExpectedVersions
	for _, chosen := range entitytag.List(*ifMatch) {
		version, err := strconv.ParseUint(chosen, 10, 63)
		if err != nil {
			versions = append(versions, noVersion)
			continue
		}
		versions = append(versions, int(version))
	}
	return versions
}

// noVersion matches nothing.
const noVersion = -1

package httpapi

import (
	"strconv"
	"strings"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/compress"
	"github.com/gradus-dev/gradus/internal/domain"
)

// etag renders a version as a strong entity tag.
func etag(version int) string { return `"` + strconv.Itoa(version) + `"` }

// expected converts If-Match, which the validator has checked. Weak and unknown tags match
// no version.
func expected(ifMatch *string) domain.ExpectedVersions {
	if ifMatch == nil || *ifMatch == "*" {
		return nil
	}
	var versions domain.ExpectedVersions
	for tag := range strings.SplitSeq(*ifMatch, ",") {
		opaque := strings.Trim(strings.TrimSpace(tag), `"`)
		version, err := strconv.Atoi(strings.TrimSuffix(opaque, compress.ETagSuffix))
		if err != nil {
			version = noVersion
		}
		versions = append(versions, version)
	}
	return versions
}

// noVersion matches nothing.
const noVersion = -1

package httpapi

import (
	"strconv"
	"strings"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/compress"
	"github.com/gradus-dev/gradus/internal/domain"
)

// etag writes a version as a strong entity tag.
func etag(version int) string { return `"` + strconv.Itoa(version) + `"` }

// seen reads If-Match. Its form is checked by the spec. Weak tags and tags that are none
// of ours match no version.
func seen(ifMatch *string) domain.ExpectedVersions {
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

// noVersion is one that nothing has.
const noVersion = -1

package docs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/accept"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/compress"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/entitytag"
)

// cachedFile is a document that is generated on its first request and then served from
// memory.
type cachedFile struct {
	mediaType string
	load      func() (content, error)
}

// content is a document, plain and compressed.
type content struct {
	tag               string // identifies the bytes
	plain, compressed []byte
}

func newCachedFile(mediaType string, generate func() ([]byte, error)) cachedFile {
	return cachedFile{mediaType, sync.OnceValues(func() (content, error) {
		plain, err := generate()
		if err != nil {
			return content{}, fmt.Errorf("generate the API specification: %w", err)
		}
		var compressed bytes.Buffer
		z := gzip.NewWriter(&compressed)
		_, err = z.Write(plain)
		if err := errors.Join(err, z.Close()); err != nil {
			return content{}, fmt.Errorf("compress the API specification: %w", err)
		}
		sum := sha256.Sum256(plain)
		return content{hex.EncodeToString(sum[:16]), plain, compressed.Bytes()}, nil
	})}
}

// serve sends the file in a coding that the client accepts, or 304 if the client has it. The
// file is public, so all origins may read it.
func (f cachedFile) serve(c echo.Context) error {
	doc, err := f.load()
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderAccessControlAllowOrigin, "*")
	h.Set(echo.HeaderAccessControlExposeHeaders, "ETag")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set(echo.HeaderCacheControl, "public, no-cache") // cache, but revalidate
	h.Set(echo.HeaderContentType, f.mediaType)
	body, tag := doc.plain, doc.tag
	if accept.Gzip(c.Request().Header.Get(echo.HeaderAcceptEncoding)) {
		body, tag = doc.compressed, doc.tag+compress.ETagSuffix
		h.Set(echo.HeaderContentEncoding, compress.Gzip)
		h.Set(echo.HeaderContentLength, strconv.Itoa(len(body))) // ServeContent omits it if there is a coding
	}
	h.Set("ETag", strconv.Quote(tag))
	for sent, chosen := range entitytag.List(c.Request().Header.Get("If-None-Match")) {
		if chosen == doc.tag && strings.HasSuffix(sent, `"`) {
			h.Set("ETag", sent) // the client has this document, in whichever coding
		}
	}
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, bytes.NewReader(body))
	return nil
}

package docs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/accept"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/compress"
)

// file is a document that is prepared once, when it is first asked for, and sent often.
type file struct {
	mediaType string
	load      func() (content, error)
}

// content is a document as it is and packed, and the name of these bytes.
type content struct {
	tag           string
	plain, packed []byte
}

func newFile(mediaType string, write func() ([]byte, error)) file {
	return file{mediaType, sync.OnceValues(func() (content, error) {
		plain, err := write()
		if err != nil {
			return content{}, fmt.Errorf("write the API specification: %w", err)
		}
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, err = z.Write(plain)
		if err := errors.Join(err, z.Close()); err != nil {
			return content{}, fmt.Errorf("pack the API specification: %w", err)
		}
		sum := sha256.Sum256(plain)
		return content{hex.EncodeToString(sum[:16]), plain, packed.Bytes()}, nil
	})}
}

// serve sends the file as the client takes it, or 304 if the client has it. It holds
// nothing secret, so pages of all origins may read it.
func (f file) serve(c echo.Context) error {
	doc, err := f.load()
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderAccessControlAllowOrigin, "*")
	h.Set(echo.HeaderAccessControlExposeHeaders, "ETag")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set(echo.HeaderCacheControl, "public, no-cache") // keep it, and ask each time
	h.Set(echo.HeaderContentType, f.mediaType)
	body, tag := doc.plain, doc.tag
	if accept.Gzip(c.Request().Header.Get(echo.HeaderAcceptEncoding)) {
		body, tag = doc.packed, doc.tag+compress.ETagSuffix
		h.Set(echo.HeaderContentEncoding, compress.Gzip)
		h.Set(echo.HeaderContentLength, strconv.Itoa(len(body))) // ServeContent leaves it out with a coding
	}
	h.Set("ETag", strconv.Quote(tag))
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, bytes.NewReader(body))
	return nil
}

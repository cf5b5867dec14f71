package validate

import (
	"encoding/json"
	"io"
	"net/http"
)

// validatedBody is a body with the value that handlers bind, as kin-openapi leaves it.
type validatedBody struct {
	io.ReadCloser

	value any
}

// ValidatedValue returns the value of the body.
func (b validatedBody) ValidatedValue() any { return b.value }

// keepValue leaves the value of a body for the handler after kin-openapi found only violations
// that are none.
func keepValue(r *http.Request) error {
	if r.GetBody == nil {
		return nil
	}
	body, err := r.GetBody()
	if err != nil {
		return err
	}
	var value any
	d := json.NewDecoder(body)
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return err
	}
	r.Body = validatedBody{r.Body, value}
	return nil
}

package fakewaka

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// response is a complete HTTP response.
type response struct {
	status      int
	contentType string
	body        []byte
}

// jsonResponse renders body as JSON.
func jsonResponse(status int, body any) response {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // every body here can be marshaled
	}
	return response{status, "application/json", text}
}

func textResponse(status int, text string) response {
	return response{status, "text/plain; charset=utf-8", []byte(text)}
}

func (r response) header(w http.ResponseWriter) {
	w.Header().Set("Content-Type", r.contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(r.body)))
}

func (r response) send(w http.ResponseWriter) {
	r.header(w)
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body)
}

func write(w http.ResponseWriter, status int, contentType string, body []byte) {
	response{status, contentType, body}.send(w)
}

// errorBody returns the body of most API errors.
func errorBody(message string) map[string]any { return map[string]any{"error": message} }

// fieldError returns a validation error for one parameter.
func fieldError(field, message string) response {
	return jsonResponse(http.StatusBadRequest, map[string]any{"errors": map[string][]string{field: {message}}})
}

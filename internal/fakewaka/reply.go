package fakewaka

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// reply is an answer, ready to be sent.
type reply struct {
	status      int
	contentType string
	body        []byte
}

// answer renders body as JSON.
func answer(status int, body any) reply {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // every body here is made of marshalable parts
	}
	return reply{status, "application/json", text}
}

func textReply(status int, text string) reply {
	return reply{status, "text/plain; charset=utf-8", []byte(text)}
}

func (a reply) header(w http.ResponseWriter) {
	w.Header().Set("Content-Type", a.contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
}

func (a reply) send(w http.ResponseWriter) {
	a.header(w)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

func write(w http.ResponseWriter, status int, contentType string, body []byte) {
	reply{status, contentType, body}.send(w)
}

// errorBody is the shape of most API errors.
func errorBody(message string) map[string]any { return map[string]any{"error": message} }

// fieldError is the shape of errors that concern one parameter.
func fieldError(field, message string) reply {
	return answer(http.StatusBadRequest, map[string]any{"errors": map[string][]string{field: {message}}})
}

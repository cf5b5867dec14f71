package operations

import (
	"maps"
	"net/http"

	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/domain"
)

// Calls maps a description to a successful call.
type Calls map[string]Call

// Call is a request, the expected call of a port, and the expected response.
type Call struct {
	Request  Request
	Ports    func(*Ports)
	Status   int
	Response string // JSON
	Headers  map[string]string
}

// Ports are the mocked driving ports of a server, and the authenticated actor.
type Ports struct {
	httpapi.UseCases

	Actor domain.Actor
}

// NewPorts returns mocks of all ports.
func NewPorts(ctrl *gomock.Controller, actor domain.Actor) *Ports {
	p := &Ports{Actor: actor}
	for _, mock := range mocks {
		mock(ctrl, &p.UseCases)
	}
	return p
}

// Request is a request to the API.
type Request struct {
	Method, Path, Body string
	Header             map[string]string // an empty value omits a header
}

func get(path string) Request { return Request{Method: http.MethodGet, Path: path} }

func post(path, body string) Request {
	return Request{Method: http.MethodPost, Path: path, Body: body}
}

func put(path, body string) Request {
	return Request{Method: http.MethodPut, Path: path, Body: body}
}

func patch(path, body string) Request {
	return Request{Method: http.MethodPatch, Path: path, Body: body}
}

func del(path string) Request { return Request{Method: http.MethodDelete, Path: path} }

// with returns the request with another header.
func (r Request) with(name, value string) Request {
	r.Header = maps.Clone(r.Header)
	if r.Header == nil {
		r.Header = map[string]string{}
	}
	r.Header[name] = value
	return r
}

// anonymous returns the request without a session.
func (r Request) anonymous() Request { return r.with("Authorization", "") }

// anything matches any argument of a port.
var anything = gomock.Any()

// defaultLimit is the length of a page for requests without a limit.
const defaultLimit = 50

package fakemail

import (
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"time"
)

// Message is a received message.
type Message struct {
	ID         string      `json:"id"`
	To         string      `json:"to"` // the recipient, as the client named them to the server
	From       string      `json:"from"`
	Subject    string      `json:"subject"`
	ReceivedAt time.Time   `json:"received_at"`
	Text       string      `json:"text"`
	HTML       string      `json:"html"`
	Links      []string    `json:"links"` // of the text
	Header     mail.Header `json:"header"`
	Raw        string      `json:"-"`
}

var link = regexp.MustCompile(`https?://\S+`)

// Link returns the first link that contains part, or nothing.
func (m Message) Link(part string) string {
	for _, l := range m.Links {
		if strings.Contains(l, part) {
			return l
		}
	}
	return ""
}

// parse parses a message with a part of plain text and one of HTML.
func parse(raw string) (Message, error) {
	msg, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		return Message{}, err
	}
	subject, err := (&mime.WordDecoder{}).DecodeHeader(msg.Header.Get("Subject"))
	if err != nil {
		return Message{}, fmt.Errorf("subject: %w", err)
	}
	m := Message{From: msg.Header.Get("From"), Subject: subject, Header: msg.Header, Raw: raw, Links: []string{}}
	mediaType, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	switch {
	case err != nil:
		return Message{}, err
	case !strings.HasPrefix(mediaType, "multipart/"):
		body := msg.Body
		if strings.EqualFold(msg.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
			body = quotedprintable.NewReader(body)
		}
		err = m.add(mediaType, body)
	default:
		err = m.addParts(multipart.NewReader(msg.Body, params["boundary"]))
	}
	if found := link.FindAllString(m.Text, -1); found != nil {
		m.Links = found
	}
	return m, err
}

// addParts adds the parts of a message. The reader decodes quoted-printable.
func (m *Message) addParts(r *multipart.Reader) error {
	for {
		part, err := r.NextPart()
		if err == io.EOF { //nolint:errorlint // the reader returns exactly this
			return nil
		}
		if err != nil {
			return err
		}
		mediaType, _, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil {
			return err
		}
		if err := m.add(mediaType, part); err != nil {
			return err
		}
	}
}

func (m *Message) add(mediaType string, r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	switch mediaType {
	case "text/plain":
		m.Text = strings.ReplaceAll(string(body), "\r\n", "\n")
	case "text/html":
		m.HTML = string(body)
	}
	return nil
}

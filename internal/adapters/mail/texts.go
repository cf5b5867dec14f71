package mail

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strings"
	texttemplate "text/template"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

//go:embed templates
var templates embed.FS

// pages are the pages to which the links of mails lead, below the URL of links.
var pages = map[domain.MailKind]string{
	domain.MailPasswordReset: "password-reset",
	domain.MailEmailChange:   "email-change",
	domain.MailEmailChanged:  "email-undo",
}

// texts holds the templates. Each kind has one file, which defines its subject and its body. The
// body is executed twice: with the layout of HTML and with that of plain text.
type texts struct {
	publicURL, linksURL string
	html                map[domain.MailKind]*template.Template
	plain               map[domain.MailKind]*texttemplate.Template
}

func newTexts(publicURL, linksURL string) (*texts, error) {
	t := &texts{
		publicURL: publicURL, linksURL: linksURL,
		html: map[domain.MailKind]*template.Template{}, plain: map[domain.MailKind]*texttemplate.Template{},
	}
	for _, kind := range domain.MailKinds() {
		file := "templates/" + string(kind) + ".tmpl"
		var err error
		if t.html[kind], err = template.ParseFS(templates, "templates/layout.html.tmpl", file); err != nil {
			return nil, fmt.Errorf("template of mails: %w", err)
		}
		if t.plain[kind], err = texttemplate.ParseFS(templates, "templates/layout.text.tmpl", file); err != nil {
			return nil, fmt.Errorf("template of mails: %w", err)
		}
	}
	return t, nil
}

// text is a rendered mail.
type text struct{ subject, plain, html string }

// view is what templates see of a mail.
type view struct {
	Subject   string
	Name      string
	At        string
	Link      string
	Expires   string
	Device    string
	Address   string
	Object    string
	PublicURL string
	ResetURL  string // of the page for forgotten passwords
}

var errNoTemplate = errors.New("there is no template for this kind of mail")

// render returns the text of a mail. The subject has no data, so nothing can be injected into
// the header.
func (t *texts) render(m domain.Mail) (text, error) {
	plain, html := t.plain[m.Kind], t.html[m.Kind]
	if plain == nil {
		return text{}, fmt.Errorf("%w: %s", errNoTemplate, m.Kind)
	}
	subject, err := execute(func(w io.Writer) error { return plain.ExecuteTemplate(w, "subject", nil) })
	if err != nil {
		return text{}, err
	}
	v := view{
		Subject: subject, Name: m.Name, At: when(m.At), Link: t.link(m), Expires: when(m.Expires),
		Device: m.Device, Address: m.Address, Object: m.Object, PublicURL: t.publicURL,
		ResetURL: t.linksURL + "/" + pages[domain.MailPasswordReset],
	}
	out := text{subject: subject}
	if out.plain, err = execute(func(w io.Writer) error { return plain.ExecuteTemplate(w, "layout.text.tmpl", v) }); err != nil {
		return text{}, err
	}
	if out.html, err = execute(func(w io.Writer) error { return html.ExecuteTemplate(w, "layout.html.tmpl", v) }); err != nil {
		return text{}, err
	}
	return out, nil
}

// blank matches the empty lines that the actions of templates leave behind.
var blank = regexp.MustCompile(`\n(?:[ \t]*\n)+`)

func execute(run func(io.Writer) error) (string, error) {
	var b bytes.Buffer
	if err := run(&b); err != nil {
		return "", fmt.Errorf("render mail: %w", err)
	}
	return strings.TrimSpace(blank.ReplaceAllString(b.String(), "\n\n")), nil
}

// link returns the link of a mail. The token is in the fragment, which browsers do not send: no
// log of a server or proxy has it.
func (t *texts) link(m domain.Mail) string {
	if m.Token == "" {
		return ""
	}
	return t.linksURL + "/" + pages[m.Kind] + "#token=" + m.Token.Reveal()
}

// when formats a time for people of any time zone.
func when(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2 January 2006 at 15:04 UTC")
}

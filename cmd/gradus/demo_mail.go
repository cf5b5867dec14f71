package main

import (
	"context"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakemail"
)

// listenMail opens the listeners of the fake mail server, and makes the settings send mail to it.
func (d *demo) listenMail(ctx context.Context) (err error) {
	if d.smtpListener, err = listen(ctx, "127.0.0.1:0", "the fake mail server"); err != nil {
		return err
	}
	d.cfg.SMTPURL, d.cfg.MailFrom = domain.Secret("smtp://"+d.smtpListener.Addr().String()), "Gradus <gradus@school.example>"
	d.inboxListener, err = listen(ctx, d.cfg.DemoMailListen, "GRADUS_DEMO_MAIL_LISTEN")
	return err
}

// serveFakeMail delivers all mail to an inbox in memory, and shows it.
func (d *demo) serveFakeMail(ctx context.Context) (stop func()) {
	mail := fakemail.New(fakemail.Config{Now: time.Now})
	go func() { _ = mail.Serve(d.smtpListener) }()
	inbox := newHTTPServer(mail.Handler(), time.Minute, d.log)
	go func() { _ = inbox.Serve(d.inboxListener) }()
	return func() {
		_ = shutdown(ctx, inbox)
		_ = mail.Close()
	}
}

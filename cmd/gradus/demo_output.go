package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/gradus-dev/gradus/internal/democlass"
)

func (d *demo) say(format string, args ...any) { printf(d.out, "  "+format+"\n", args...) }

func (d *demo) sayLine(line string) { d.say("%s", line) }

func (d *demo) printHeader() {
	printf(d.out, "Gradus demo: a class whose coding activity is fetched in the background\n")
}

// printProgress waits until the days of a new class have arrived. For a class that existed
// it only prints that a sync is running.
func (d *demo) printProgress(ctx context.Context) error {
	if d.created {
		return d.waitForDays(ctx)
	}
	pr, err := d.class.Progress(ctx)
	if err == nil && pr.Synced < pr.Connected {
		d.say("syncing in the background: %d of %d connected students are up to date", pr.Synced, pr.Connected)
	}
	return err
}

func (d *demo) waitForDays(ctx context.Context) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	printed := -1
	for {
		pr, err := d.class.Progress(ctx)
		if err != nil {
			return err
		}
		if pr.Synced == pr.Connected {
			if printed >= 0 {
				d.say("synced all %d connected students", pr.Connected)
			}
			return nil
		}
		if pr.Synced/4 != printed/4 || printed < 0 {
			d.say("synced %d of %d connected students", pr.Synced, pr.Connected)
			printed = pr.Synced
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// facts is the content of demo.json.
type facts struct {
	URL      string `json:"url"`
	API      string `json:"api"`
	Docs     string `json:"docs"`
	Metrics  string `json:"metrics"`
	WakaTime string `json:"fake_wakatime"`
	Mail     string `json:"fake_mail"`
	democlass.Summary
}

func (d *demo) facts(class democlass.Summary) facts {
	f := facts{
		URL:      d.cfg.PublicURL,
		API:      d.cfg.PublicURL + "/api/v1",
		Docs:     d.cfg.PublicURL + "/docs",
		WakaTime: "http://" + d.cfg.DemoWakaTimeListen,
		Mail:     "http://" + d.cfg.DemoMailListen,
		Summary:  class,
	}
	if d.cfg.MetricsListen != "" {
		f.Metrics = "http://" + d.cfg.MetricsListen + "/metrics"
	}
	return f
}

// printUsage prints how to use the demo, and writes it to demo.json for scripts.
func (d *demo) printUsage(class democlass.Summary) error {
	f := d.facts(class)
	path := filepath.Join(d.cfg.DataDir, "demo.json")
	if err := writeJSON(path, f); err != nil {
		return err
	}
	printf(d.out, "\nReady.\n\n  Reference   %s\n  API         %s\n  WakaTime    %s (a fake server; change its behaviour there)\n  Mail        %s (an inbox with all mail that Gradus sends)\n\nSign in with the password %q as\n\n",
		f.Docs, f.API, f.WakaTime, f.Mail, f.Members[0].Password)
	for _, m := range f.Members {
		printf(d.out, "  %-11s %-24s %s\n", m.Role, m.Email, m.Story)
	}
	printf(d.out, `
Try this in another terminal:

  TOKEN=$(curl -s %[1]s/auth/login -H 'Content-Type: application/json' \
    -d '{"email":"%[2]s","password":"%[3]s"}' | grep -o '"token":"[^"]*"' | cut -d'"' -f4)
  curl -s -H "Authorization: Bearer $TOKEN" %[1]s/batches/%[4]s/progress

These facts are in %[5]s, too. Press Ctrl-C to stop; the class is kept.
`, f.API, f.Members[0].Email, f.Members[0].Password, f.Keys[0].BatchID, path)
	return nil
}

func writeJSON(path string, v any) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o600)
}

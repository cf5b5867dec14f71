package httpapi

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
)

// dayReport is a response that encodes itself, as encoding/json would. A year has thousands of
// small objects, for which that takes three times as long.
type dayReport api.DayReport

var (
	_ api.ListMyDaysResponseObject      = dayReport{}
	_ api.ListStudentDaysResponseObject = dayReport{}
	_ api.GetTodayResponseObject        = dayReport{}
)

// VisitListMyDaysResponse implements api.ListMyDaysResponseObject.
func (r dayReport) VisitListMyDaysResponse(w http.ResponseWriter) error { return r.write(w) }

// VisitListStudentDaysResponse implements api.ListStudentDaysResponseObject.
func (r dayReport) VisitListStudentDaysResponse(w http.ResponseWriter) error { return r.write(w) }

// VisitGetTodayResponse implements api.GetTodayResponseObject.
func (r dayReport) VisitGetTodayResponse(w http.ResponseWriter) error { return r.write(w) }

func (r dayReport) write(w http.ResponseWriter) error {
	body, err := r.encode()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_, err = w.Write(body)
	return err
}

func (r dayReport) encode() ([]byte, error) {
	days := r.Days
	r.Days = []api.DetailedDay{}
	rest, err := json.Marshal(api.DayReport(r))
	if err != nil {
		return nil, err
	}
	const start, bytesPerDay = `{"days":[`, 800
	e := encoder{b: make([]byte, 0, len(rest)+1+bytesPerDay*len(days))}
	e.b = append(e.b, start...)
	for i := range days {
		if i > 0 {
			e.b = append(e.b, ',')
		}
		e.day(&days[i])
	}
	return append(append(e.b, rest[len(start):]...), '\n'), nil
}

// encoder appends JSON.
type encoder struct {
	b                []byte
	checked, changed encodedTime
}

// encodedTime is the last of a series of times, and where its JSON is.
type encodedTime struct {
	at         *time.Time
	start, end int
}

func (e *encoder) day(d *api.DetailedDay) {
	e.text(`{"account":`, d.Account)
	e.number(`,"ai_seconds":`, d.AISeconds)
	e.number(`,"attempts":`, &d.Attempts)
	e.parts(`,"categories":`, d.Categories)
	e.time(`,"changed_at":`, d.ChangedAt, &e.changed)
	e.time(`,"checked_at":`, d.CheckedAt, &e.checked)
	e.b = append(e.b, `,"day":"`...)
	e.b = d.Day.AppendFormat(e.b, time.DateOnly)
	e.b = append(e.b, '"')
	e.parts(`,"dependencies":`, d.Dependencies)
	e.parts(`,"editors":`, d.Editors)
	e.parts(`,"languages":`, d.Languages)
	e.parts(`,"machines":`, d.Machines)
	e.parts(`,"operating_systems":`, d.OperatingSystems)
	e.number(`,"other_account_seconds":`, d.OtherAccountSeconds)
	e.text(`,"parts_reason":`, (*string)(d.PartsReason))
	e.parts(`,"projects":`, d.Projects)
	e.text(`,"reason":`, (*string)(d.Reason))
	e.text(`,"reason_detail":`, d.ReasonDetail)
	e.number(`,"seconds":`, d.Seconds)
	e.text(`,"source":`, d.Source)
	e.text(`,"state":`, (*string)(&d.State))
	e.text(`,"time_zone":`, d.TimeZone)
	e.b = append(e.b, '}')
}

func (e *encoder) parts(key string, list []api.Part) {
	e.b = append(e.b, key...)
	if list == nil {
		e.null()
		return
	}
	e.b = append(e.b, '[')
	for i := range list {
		if i > 0 {
			e.b = append(e.b, ',')
		}
		e.text(`{"name":`, &list[i].Name)
		e.number(`,"seconds":`, &list[i].Seconds)
		e.b = append(e.b, '}')
	}
	e.b = append(e.b, ']')
}

func (e *encoder) number(key string, n *int) {
	e.b = append(e.b, key...)
	if n == nil {
		e.null()
		return
	}
	e.b = strconv.AppendInt(e.b, int64(*n), 10)
}

func (e *encoder) text(key string, s *string) {
	e.b = append(e.b, key...)
	if s == nil {
		e.null()
		return
	}
	if plain(*s) {
		e.b = append(append(append(e.b, '"'), *s...), '"')
		return
	}
	quoted, _ := json.Marshal(*s) //nolint:errchkjson // a string has no error
	e.b = append(e.b, quoted...)
}

// plain reports whether encoding/json escapes nothing in s.
func plain(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c >= 0x7f, c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}

// time appends a time, which days that were requested together share.
func (e *encoder) time(key string, at *time.Time, last *encodedTime) {
	e.b = append(e.b, key...)
	switch {
	case at == nil:
		e.null()
		return
	case last.at == at:
		e.b = append(e.b, e.b[last.start:last.end]...)
		return
	}
	last.at, last.start = at, len(e.b)
	e.b = append(e.b, '"')
	e.b = at.AppendFormat(e.b, time.RFC3339Nano)
	e.b = append(e.b, '"')
	last.end = len(e.b)
}

func (e *encoder) null() { e.b = append(e.b, "null"...) }

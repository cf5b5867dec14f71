package httpapi

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
	"github.com/gradus-dev/gradus/internal/domain"
)

// dayReport is a response that encodes itself, as encoding/json would. A year has thousands of
// small objects, for which that takes three times as long. One day at a time becomes JSON, so that
// a year needs no more memory than the response itself.
type dayReport domain.StudentCoverage

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

// written is the size of what is passed on at once. A day is a tenth of it.
const written = 8 << 10

func (r dayReport) write(w http.ResponseWriter) error {
	const start = `{"days":[`
	rest, err := json.Marshal(dayReportJSON(domain.StudentCoverage(r)))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	e := encoders.Get().(*encoder)
	defer e.free()
	e.b = append(e.b, start...)
	var days days
	for i := range r.Days {
		if i > 0 {
			e.b = append(e.b, ',')
		}
		e.day(days.detailedDay(&r.Days[i]))
		if len(e.b) < written {
			continue
		}
		if _, err := w.Write(e.b); err != nil {
			return err
		}
		e.b = e.b[:0]
	}
	_, err = w.Write(append(append(e.b, rest[len(start):]...), '\n'))
	return err
}

// encoders has encoders whose memory is used again.
var encoders = sync.Pool{New: func() any { return &encoder{b: make([]byte, 0, 2*written)} }}

func (e *encoder) free() {
	*e = encoder{b: e.b[:0]}
	encoders.Put(e)
}

// encoder appends JSON.
type encoder struct {
	b                []byte
	checked, changed encodedTime
}

// encodedTime is the last of a series of times, and its JSON.
type encodedTime struct {
	at   *time.Time
	text [len(time.RFC3339Nano) + len(`""`)]byte
	size int
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
	case last.at != at:
		last.at = at
		last.size = len(append(at.AppendFormat(append(last.text[:0], '"'), time.RFC3339Nano), '"'))
	}
	e.b = append(e.b, last.text[:last.size]...)
}

func (e *encoder) null() { e.b = append(e.b, "null"...) }

package console

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/necrostack/necrogen/internal/operate"
	"github.com/necrostack/necrogen/runtime/contract"
)

//go:embed assets
var assets embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"line": lineOf, "lines": linesOf, "age": operate.FormatAge, "state": operate.OrganState, "ill": isIll, "organOf": organOfFinding, "link": linkTo, "nav": navTo, "noun": nounOf,
	"depth": func(depth int) int { return min(depth, deepestRow) },
	"gap": func(nanos, begin int64) string {
		return "+" + time.Duration(max(nanos-begin, 0)).Round(time.Millisecond).String()
	},
	"time": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"ago":  func(t time.Time) string { return operate.FormatAge(time.Since(t)) },
	"in":   func(t time.Time) string { return operate.FormatAge(time.Until(t)) },
}).ParseFS(assets, "assets/*.html"))

// linkTo returns the address of a page with parameters: names and values in turn. Pages stand beside each other, so that the
// address holds wherever the console is mounted.
func linkTo(page string, parameters ...string) string {
	values := url.Values{}
	for i := 0; i+1 < len(parameters); i += 2 {
		if parameters[i+1] != "" {
			values.Set(parameters[i], parameters[i+1])
		}
	}
	if len(values) == 0 {
		return page
	}
	return page + "?" + values.Encode()
}

// navLink is a link of the navigation; Here says that it leads to the page that is shown.
type navLink struct {
	Page, Title string
	Here        bool
}

func navTo(shown, page, title string) navLink { return navLink{page, title, page == shown} }

// nounOf returns the singular or the plural of a noun, as a number wants it.
func nounOf(n int, singular string) string {
	if n == 1 {
		return singular
	}
	return singular + "s"
}

// view is what a template is filled with.
type view struct {
	Title  string
	Page   string
	User   string
	Acts   bool   // the user may act
	Token  string // for forms
	Notice string // what the last action did
	Live   bool   // the script renews it
	Error  string // why there is less than there should be
	Data   any
}

// page makes what one page shows. It may return both data and an error.
type page struct {
	title string
	live  bool
	data  func(c *console, ctx context.Context, q url.Values) (any, error)
}

// pages are by the last part of their addresses, which is the name of their template as well.
var pages = map[string]page{
	"overview":  {"Overview", true, (*console).overviewPage},
	"organ":     {"Organ", true, (*console).organPage},
	"dead":      {"Dead letters", true, (*console).deadPage},
	"letter":    {"Dead letter", false, (*console).letterPage},
	"scheduled": {"Scheduled events", true, (*console).scheduledPage},
	"schedules": {"Schedules", true, (*console).schedulesPage},
	"states":    {"States", true, (*console).statesPage},
	"state":     {"State", true, (*console).statePage},
	"chain":     {"Chain", false, (*console).chainPage},
	"events":    {"Stored events", false, (*console).eventsPage},
	"doctor":    {"Doctor", false, (*console).doctorPage},
	"confirm":   {"Are you sure?", false, (*console).confirmPage},
}

// servePage answers with a page. One that cannot be read as a whole shows what could be, and says why.
func (c *console) servePage(w http.ResponseWriter, r *http.Request, name, user string) {
	if name == "" {
		name = "overview"
	}
	p, ok := pages[name]
	if !ok {
		c.renderPage(w, http.StatusNotFound, &view{Title: "No such page", Page: "missing", User: user, Acts: c.mayAct(user),
			Error: "the console has no page " + strconv.Quote(lineOf(name)) + ": follow a link of the navigation"})
		return
	}
	q := r.URL.Query()
	v := view{Title: p.title, Page: name, User: user, Acts: c.mayAct(user), Live: p.live, Notice: noticeOf(q)}
	var err error
	if v.Data, err = p.data(c, r.Context(), q); err != nil {
		v.Error = err.Error()
	}
	if v.Acts {
		v.Token = tokenOf(w, r)
	}
	status := http.StatusOK
	if v.Data == nil {
		status = statusOf(err)
	}
	c.renderPage(w, status, &v)
}

// statusOf returns the status of a page that has nothing to show because of an error.
func statusOf(err error) int {
	switch {
	case errors.Is(err, errNotID):
		return http.StatusBadRequest
	case errors.Is(err, contract.ErrNoOrgan), errors.Is(err, errNoLetter), errors.Is(err, errNoAction), errors.Is(err, errNoState), errors.Is(err, errNoChain):
		return http.StatusNotFound
	default:
		return http.StatusServiceUnavailable
	}
}

var errNotID = errors.New("an id is 32 hexadecimal digits or a UUID, and whole: copy it again, or follow a link of the pages")

// parseID reads an id from an address or a form.
func parseID(text string) (contract.ID, error) {
	id, err := contract.ParseID(text)
	if err != nil {
		return id, fmt.Errorf("%q is no id: %w", lineOf(text), errNotID)
	}
	return id, nil
}

// renderPage fills the template of a page, whose headers and status are written only after that succeeded.
func (c *console) renderPage(w http.ResponseWriter, status int, v *view) {
	var out bytes.Buffer
	if err := templates.ExecuteTemplate(&out, v.Page, v); err != nil {
		c.log.Error("console: a page cannot be made", "page", v.Page, "error", err)
		http.Error(w, "this page cannot be made; the log says why", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(out.Bytes())
}

// files are what pages load.
var files = map[string]string{"style.css": "text/css; charset=utf-8", "live.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml"}

// serveFile answers with a file of the pages, and returns false when there is none of that name.
func serveFile(w http.ResponseWriter, name string) bool {
	kind, ok := files[name]
	if !ok {
		return false
	}
	text, err := assets.ReadFile("assets/" + name)
	if err != nil {
		return false
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "private, max-age=300")
	w.Write(text)
	return true
}

// overview is the data of the first page.
type overview struct {
	Health contract.Health
	Totals contract.OrganHealth
	Severe int

	Drawing *drawing // nil for none
}

// OrganOf returns the health of the organ of a box; zero for that of an event, and for an organ that only WithTopology knows.
func (o overview) OrganOf(b box) contract.OrganHealth {
	i := slices.IndexFunc(o.Health.Organs, func(h contract.OrganHealth) bool { return b.Organ && h.Organ == b.Name })
	if i < 0 {
		return contract.OrganHealth{}
	}
	return o.Health.Organs[i]
}

// isIll reports whether an organ wants somebody to look at it.
func isIll(h contract.OrganHealth) bool {
	state := operate.OrganState(h)
	return h.Dead > 0 || state != "running" && state != "idle"
}

func (c *console) overviewPage(ctx context.Context, _ url.Values) (any, error) {
	h, err := c.readHealth(ctx)
	o := overview{Health: h}
	for _, organ := range h.Organs {
		o.Totals.Ready += organ.Ready
		o.Totals.Leased += organ.Leased
		o.Totals.Scheduled += organ.Scheduled
		o.Totals.Dead += organ.Dead
	}
	for _, f := range h.Findings() {
		if f.Severe {
			o.Severe++
		}
	}
	if err == nil {
		o.Drawing, err = c.readTopology(ctx)
	}
	return o, err
}

// organView is the data of the page of an organ.
type organView struct {
	contract.OrganHealth
	Events []string
}

func (c *console) organPage(ctx context.Context, q url.Values) (any, error) {
	h, err := c.findOrgan(ctx, q.Get("organ"))
	if err != nil {
		return nil, err
	}
	v := organView{OrganHealth: h}
	bound, err := c.readBound(ctx)
	for _, event := range slices.Sorted(maps.Keys(bound)) {
		if slices.Contains(bound[event], h.Organ) {
			v.Events = append(v.Events, event)
		}
	}
	return v, err
}

// scheduledView is the data of the page of events that wait for their time.
type scheduledView struct {
	scheduledPage
	Delayed int
	After   string // the cursor that the page begins behind
}

func (c *console) scheduledPage(ctx context.Context, q url.Values) (any, error) {
	h, err := c.readHealth(ctx)
	if err != nil {
		return nil, err
	}
	after := q.Get("after")
	page, err := c.scheduledBehind(ctx, after)
	if after == "" && len(page.Events) >= h.Delayed {
		page.Next = "" // the first page has all events, although every page has a cursor
	}
	return scheduledView{page, h.Delayed, after}, err
}

// scheduleView is a row of schedules. Next is zero when no tick follows.
type scheduleView struct {
	Event, Every      string
	Last, Named, Next time.Time
}

func (c *console) schedulesPage(ctx context.Context, _ url.Values) (any, error) {
	records, err := c.readSchedules(ctx)
	if err != nil {
		return nil, err
	}
	list := []scheduleView{}
	for i := range records {
		s := &records[i]
		list = append(list, scheduleView{s.Schedule, s.Bound, time.Unix(0, s.FiredUpTo), time.Unix(0, s.Named), operate.TickAfter(s, s.FiredUpTo)})
	}
	return list, nil
}

// eventsView is the data of the search for stored events.
type eventsView struct {
	Query storedQuery
	found
	Most int
}

func (c *console) eventsPage(ctx context.Context, q url.Values) (any, error) {
	v := eventsView{Query: storedQuery{q.Get("organ"), q.Get("event"), q.Get("key"), q.Get("id")}, Most: mostStored}
	if v.Query.ID != "" {
		id, err := parseID(v.Query.ID)
		if err != nil {
			return v, err
		}
		v.Query.ID = id.String()
	}
	var err error
	v.found, err = c.searchStored(ctx, v.Query)
	return v, err
}

// organOfFinding returns the organ that a finding is about; empty for another subject.
func organOfFinding(subject string) string {
	organ, isOrgan := strings.CutPrefix(subject, "organ ")
	if !isOrgan {
		return ""
	}
	return organ
}

func (c *console) doctorPage(ctx context.Context, _ url.Values) (any, error) {
	list, err := c.readFindings(ctx)
	if err != nil {
		return nil, err
	}
	return list, nil
}

// confirmView is the data of the question before an action that cannot be undone.
type confirmView struct {
	Verb, Question   string
	Organ, ID, Count string
	Chosen           cause
	Matches, Read    int    // of the letters that were read to find the causes, so many have the chosen one
	Cut              bool   // there are more letters
	Back             string // the page of the answer No
	GaveUp           int    // letters among the matches whose give-up handler ran
	Again            bool   // ask whether these are meant, too
}

// IsChosen reports whether only the letters of one cause are meant.
func (v confirmView) IsChosen() bool { return v.Chosen != cause{} }

func (c *console) confirmPage(ctx context.Context, q url.Values) (any, error) {
	v := confirmView{Verb: q.Get("verb"), Organ: q.Get("organ"), ID: q.Get("id"), Back: "scheduled"}
	a, ok := actions[v.Verb]
	if !ok || a.question == "" {
		return nil, errNoAction
	}
	v.Question = a.question
	if !a.ofAll {
		if _, err := parseID(v.ID); err != nil {
			return nil, err
		}
	}
	if v.Verb == "cancel" {
		return v, nil
	}
	v.Chosen = causeFrom(q)
	v.Back = linkTo("dead", "organ", v.Organ, "event", v.Chosen.Event, "reason", v.Chosen.Reason, "error", v.Chosen.Error)
	h, err := c.findOrgan(ctx, v.Organ)
	if err != nil {
		return nil, err
	}
	if !a.ofAll {
		return v, nil
	}
	list, err := c.readCauses(ctx, v.Organ, h.Dead)
	v.Count, v.Read, v.Cut = strconv.Itoa(h.Dead), list.Read, list.Cut
	v.Matches, v.GaveUp = list.countMatches(v.Chosen)
	v.Again = v.Verb == "redrive-all" && (v.GaveUp > 0 || v.Cut)
	return v, err
}

package console_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/console"
	"github.com/necrostack/necrogen/runtime/contract"
)

var placed = &contract.EventType{Name: "ORDER_PLACED", Version: 1}

// shop is a backend with an organ, and the server of a console over it.
type shop struct {
	*testing.T
	backend  *counting
	consumer contract.Consumer
	url      string
	client   *http.Client
	log      strings.Builder
}

// counting counts the calls that pages cost.
type counting struct {
	*memory.Backend
	health, letters atomic.Int32
	search          chan struct{} // each search takes from it before it reads; nil for at once
}

func (b *counting) EachStored(ctx context.Context, f func(contract.Stored) bool) error {
	if b.search != nil {
		<-b.search
	}
	return b.Backend.EachStored(ctx, f)
}

func (b *counting) Health(ctx context.Context) contract.Health {
	b.health.Add(1)
	return b.Backend.Health(ctx)
}

func (b *counting) DeadLetters(ctx context.Context, organ string, after contract.ID, limit int) ([]contract.DeadLetter, error) {
	b.letters.Add(1)
	return b.Backend.DeadLetters(ctx, organ, after, limit)
}

const organ = "shop.Billing"

// openShop mounts a console at /console/ of a server.
func openShop(t *testing.T, options ...console.Option) *shop {
	s := &shop{T: t, backend: &counting{Backend: memory.New()}, client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	consumers, err := s.backend.Subscribe(t.Context(), []contract.Subscription{
		{Organ: organ, Path: "example.com/shop", Events: []*contract.EventType{placed}, Lease: time.Minute, DeadLimit: 1000, DeadBytes: 8 << 20},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.consumer = consumers[0]
	mux := http.NewServeMux()
	mux.Handle("/console/", console.New(s.backend, append([]console.Option{console.WithLogger(slog.New(slog.NewTextHandler(&s.log, nil)))}, options...)...))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.url = server.URL + "/console/"
	return s
}

// publish stores events with these payloads.
func (s *shop) publish(due time.Time, payloads ...[]byte) (ids []contract.ID) {
	for _, payload := range payloads {
		id := contract.NewID()
		m := contract.Message{ID: id, Correlation: id, Type: placed, Payload: payload, Nanos: time.Now().UnixNano(), Key: "order-7",
			Headers: map[string]string{"authorization": "hunter2", "trace": "<b>"}}
		if !due.IsZero() {
			m.Due = due.UnixNano()
		}
		if _, err := s.backend.Publish(s.Context(), []contract.Message{m}, contract.PublishOptions{}); err != nil {
			s.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// bury makes dead letters of events with these payloads.
func (s *shop) bury(death contract.Death, payloads ...[]byte) (ids []string) {
	s.publish(time.Time{}, payloads...)
	for len(ids) < len(payloads) {
		ds, err := s.consumer.Fetch(s.Context(), 100)
		if err != nil {
			s.Fatal(err)
		}
		var outcomes []contract.Outcome
		for i := range ds {
			ids = append(ids, contract.DeliveryID(ds[i].Message.ID, organ).String())
			outcomes = append(outcomes, contract.Outcome{Delivery: &ds[i], Kind: contract.OutcomeDead, Death: &death})
		}
		if _, err := s.consumer.Settle(s.Context(), outcomes); err != nil {
			s.Fatal(err)
		}
	}
	return ids
}

// get returns a page.
func (s *shop) get(address string) (status int, page string, header http.Header) {
	s.Helper()
	r, err := s.client.Get(s.url + address)
	if err != nil {
		s.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		s.Fatal(err)
	}
	return r.StatusCode, string(text), r.Header
}

// tokenOf finds the token of a form.
var tokenOf = regexp.MustCompile(`name="token" value="([A-Z2-7]+)"`)

// post sends the form of an action as a browser does, or with what change makes of the request.
func (s *shop) post(change func(*http.Request), words ...string) (status int, answer, location string) {
	s.Helper()
	_, page, header := s.get(linkOf("organ", "organ", organ))
	values := url.Values{}
	if found := tokenOf.FindStringSubmatch(page); found != nil {
		values.Set("token", found[1])
	}
	for i := 0; i < len(words); i += 2 {
		values.Set(words[i], words[i+1])
	}
	r, err := http.NewRequest("POST", s.url+"act", strings.NewReader(values.Encode()))
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", strings.TrimSuffix(s.url, "/console/"))
	r.Header.Set("Cookie", strings.Split(header.Get("Set-Cookie"), ";")[0])
	if change != nil {
		change(r)
	}
	answered, err := s.client.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer answered.Body.Close()
	text, err := io.ReadAll(answered.Body)
	if err != nil {
		s.Fatal(err)
	}
	return answered.StatusCode, string(text), answered.Header.Get("Location")
}

func linkOf(page string, words ...string) string {
	values := url.Values{}
	for i := 0; i < len(words); i += 2 {
		values.Set(words[i], words[i+1])
	}
	return page + "?" + values.Encode()
}

// packText returns a MessagePack map with one text.
func packText(name, text string) []byte {
	b := append([]byte{0x81, 0xd9, byte(len(name))}, name...)
	b = binary.BigEndian.AppendUint32(append(b, 0xdb), uint32(len(text)))
	return append(b, text...)
}

// TestPages opens each page, and wants its content.
func TestPages(t *testing.T) {
	s := openShop(t)
	letter := s.bury(contract.Death{Reason: contract.ReasonPermanent, Error: "card expired"}, packText("name", "Ada"))[0]
	s.publish(time.Now().Add(time.Hour), packText("name", "later"))
	s.publish(time.Time{}, packText("name", "now"))
	for address, want := range map[string][]string{
		"":          {"shop.Billing", `<b>1</b> ready`, `<b>1</b> dead letter<`, `<b>1</b> delayed event<`, "running", "read-only"},
		"overview":  {"shop.Billing"},
		"dead":      {"dead?organ=shop.Billing"},
		"schedules": {"There are none"},
		"scheduled": {"1 event waits", "ORDER_PLACED", "order-7"},
		"doctor":    {"1 dead letters"},
		"events":    {"ready or leased", "scheduled", "chain"},
		"style.css": {"prefers-color-scheme"},
		"live.js":   {"document.hidden"},

		linkOf("organ", "organ", organ):                       {"ORDER_PLACED", "running"},
		linkOf("dead", "organ", organ):                        {"card expired", "permanent", letter},
		linkOf("letter", "organ", organ, "id", letter):        {"card expired", "&#34;name&#34;: &#34;Ada&#34;"},
		linkOf("events", "event", "ORDER_PLACED", "key", "x"): {"0 of 3 stored events"},
	} {
		status, page, header := s.get(address)
		if status != 200 {
			t.Errorf("%s: status %d:\n%s", address, status, page)
		}
		for _, text := range want {
			if !strings.Contains(page, text) {
				t.Errorf("%s: want %q in\n%s", address, text, page)
			}
		}
		if strings.Contains(page, `action="act"`) || header.Get("Set-Cookie") != "" {
			t.Errorf("%s: a console that is read-only shows a form, or sets a cookie", address)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin"} {
			if got := header.Get(name); got != want {
				t.Errorf("%s: %s is %q", address, name, got)
			}
		}
		policy := header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the policy is %q", address, policy)
		}
	}
	for address, want := range map[string]int{
		"nothing": 404, linkOf("organ", "organ", "no"): 404, linkOf("letter", "organ", organ, "id", "x"): 400,
		linkOf("confirm", "verb", "pause"): 404, "?" + strings.Repeat("x", 9000): 414,
	} {
		if status, page, _ := s.get(address); status != want {
			t.Errorf("%.40s: status %d, want %d:\n%s", address, status, want, page)
		}
	}
	if _, page, _ := s.get("scheduled"); strings.Contains(page, "Next page") {
		t.Errorf("all events are on the first page, which leads to a next one:\n%s", page)
	}
}

// emitter is an organ whose event no organ handles.
type emitter struct{}

func (emitter) NecroOrgan() contract.OrganSpec {
	return contract.OrganSpec{Name: organ, Routes: []contract.Route{{Event: placed, Emits: []*contract.EventType{{Name: "PAID<b>"}}}}}
}

// TestTopology draws the events that an organ handles, and those that it emits where WithTopology names them.
func TestTopology(t *testing.T) {
	for told, options := range map[string][]console.Option{"": nil, "PAID&lt;b&gt;": {console.WithTopology(emitter{})}} {
		_, page, _ := openShop(t, options...).get("")
		_, picture, found := strings.Cut(page, "<svg")
		if !found || !strings.Contains(picture, ">ORDER_PLACED</text>") || !strings.Contains(picture, told) {
			t.Errorf("told %q:\n%s", told, page)
		}
		if arrows := strings.Count(picture, "marker-end"); arrows != len(options)+1 {
			t.Errorf("told %q: %d arrows", told, arrows)
		}
	}
}

// TestHostileContent buries letters whose bytes want to be more than text, and reads them on every page that shows them.
func TestHostileContent(t *testing.T) {
	const script, ansi = `"><script>alert(1)</script><img src=x onerror=alert(1)>`, "\x1b[31mred \u202etxt"
	big := make([]byte, 1<<20)
	rand.Read(big)
	death := contract.Death{Reason: contract.ReasonExhausted, Error: script + ansi + " password=hunter2", Stack: script + ansi + "\ntoken=hunter2"}
	for name, payload := range map[string][]byte{
		"script":        packText("name", script),
		"control":       packText("name", ansi),
		"1 MiB":         packText("name", strings.Repeat("<b>\x1b", 1<<18)),
		"random":        big,
		"invalid UTF-8": packText("name", "\xff\xfe<i>"),
		"secret":        packText("api_key", "hunter2"),
		"900 deep":      slices.Concat([]byte{0x81, 0xa1, 'd'}, bytes.Repeat([]byte{0x91}, 900), []byte{0xdd, 0, 0, 0x20, 0}, make([]byte, 0x2000)),
		"empty":         nil,
	} {
		t.Run(name, func(t *testing.T) {
			s := openShop(t, console.WithActions(nil))
			letter := s.bury(death, payload)[0]
			for _, address := range []string{
				"", linkOf("dead", "organ", organ), linkOf("letter", "organ", organ, "id", letter), "events", linkOf("events", "key", script+ansi),
				linkOf("confirm", "verb", "discard", "organ", script+ansi, "id", script), linkOf("organ", "organ", script+ansi),
			} {
				status, page, _ := s.get(address)
				if status != 200 && status != 400 && status != 404 {
					t.Errorf("%.60s: status %d", address, status)
				}
				if len(page) > 1<<20 {
					t.Errorf("%.60s: a page of %d bytes", address, len(page))
				}
				for _, bad := range []string{"<script>", "<img", "<b>\x1b", "<i>", "\x1b", "hunter2"} {
					if strings.Contains(page, bad) && !strings.Contains(address, "key=") { // the searched text stays in its field
						t.Errorf("%.60s: %q is in the page", address, bad)
					}
				}
				if strings.Contains(page, "<script>") || strings.Contains(page, "<img") {
					t.Errorf("%.60s: markup is not escaped", address)
				}
			}
		})
	}
}

// TestActions does what operators do, by the forms of the pages.
func TestActions(t *testing.T) {
	s := openShop(t, console.WithActions(nil))
	did := func(verb string, n int, words ...string) {
		t.Helper()
		status, answer, location := s.post(nil, append([]string{"verb", verb}, words...)...)
		if status != 303 || !strings.Contains(location, fmt.Sprintf("did=%s&n=%d", verb, n)) {
			t.Fatalf("%s: %d to %q: %s", verb, status, location, answer)
		}
		if shown, page, _ := s.get(location); shown != 200 || !strings.Contains(page, `role="status"`) {
			t.Errorf("%s: %d, and no notice:\n%s", verb, shown, page)
		}
	}
	health := func() contract.OrganHealth { return s.backend.Backend.Health(t.Context()).Organs[0] }

	did("pause", 1, "organ", organ, "reason", "the bank is down")
	if got := health().Paused; !strings.HasPrefix(got, "the bank is down (by local, ") {
		t.Errorf("paused: %q", got)
	}
	did("resume", 1, "organ", organ)
	if got := health().Paused; got != "" {
		t.Errorf("paused after resume: %q", got)
	}

	failed := contract.Death{Reason: contract.ReasonExhausted, Error: "no"}
	var many [][]byte
	for range 120 {
		many = append(many, packText("name", "Ada"))
	}
	letters := s.bury(failed, many...)
	did("redrive", 1, "organ", organ, "id", letters[3])
	did("discard", 1, "organ", organ, "id", letters[4])
	if h := health(); h.Ready != 1 || h.Dead != 118 {
		t.Errorf("%d are ready, %d dead", h.Ready, h.Dead)
	}
	if _, page, _ := s.get(linkOf("confirm", "verb", "redrive-all", "organ", organ)); !strings.Contains(page, `name="count" value="118"`) {
		t.Errorf("the question has no count:\n%s", page)
	}
	did("redrive-all", 60, "organ", organ, "count", "60") // more than a page
	if h := health(); h.Ready != 61 || h.Dead != 58 {
		t.Errorf("%d are ready, %d dead", h.Ready, h.Dead)
	}
	did("discard-all", 58, "organ", organ, "count", "58")
	if status, answer, _ := s.post(nil, "verb", "discard", "organ", organ, "id", letters[4]); status != 409 || !strings.Contains(answer, "not here any more") {
		t.Errorf("a letter that is gone: %d: %s", status, answer)
	}

	later := s.publish(time.Now().Add(time.Hour), packText("name", "a"), packText("name", "b"))
	did("run", 1, "id", later[0].String())
	did("cancel", 1, "id", later[1].String())
	if status, _, _ := s.post(nil, "verb", "cancel", "id", later[1].String()); status != 409 {
		t.Errorf("an event that is gone: %d", status)
	}
	if log := s.log.String(); strings.Count(log, `msg="console action"`) != 10 || !strings.Contains(log, "user=local verb=discard-all organ=shop.Billing") {
		t.Errorf("the audit lines are\n%s", log)
	}
}

// TestMistakes makes the mistakes of operators: the answer names the mistake and the way out.
func TestMistakes(t *testing.T) {
	s := openShop(t, console.WithActions(nil))
	letter := s.bury(contract.Death{Reason: contract.ReasonPermanent}, packText("name", "Ada"))[0]
	absent := contract.NewID().String()
	for address, want := range map[string]string{
		"nothing":                        "follow a link of the navigation",
		"act":                            "press its button",
		linkOf("organ", "organ", "no"):   "the overview lists all organs",
		linkOf("events", "id", "x"):      "32 hexadecimal digits",
		linkOf("scheduled", "after", ""): "0 events wait",
		linkOf("dead", "organ", organ, "after", letter):      "Go to the first page",
		linkOf("dead", "organ", organ, "after", absent):      "begin at the first",
		linkOf("letter", "organ", organ, "id", absent):       "open the list of its organ again",
		linkOf("letter", "organ", organ, "id", "x"):          "32 hexadecimal digits",
		linkOf("confirm", "verb", "discard", "organ", organ): "32 hexadecimal digits",
	} {
		if _, page, _ := s.get(address); !strings.Contains(page, want) {
			t.Errorf("%s: want %q in\n%s", address, want, page)
		}
	}
	for _, c := range []struct {
		status int
		want   string
		words  []string
	}{
		{403, "load the page again", []string{"verb", "pause", "organ", organ, "token", "wrong"}},
		{409, "press its button", []string{"verb", "dance"}},
		{409, "needs a reason", []string{"verb", "pause", "organ", organ}},
		{409, "32 hexadecimal digits", []string{"verb", "redrive", "organ", organ}},
		{409, "open the page Scheduled again", []string{"verb", "run", "id", absent}},
	} {
		if status, page, _ := s.post(nil, c.words...); status != c.status || !strings.Contains(page, c.want) {
			t.Errorf("%v: status %d, want %d and %q in\n%s", c.words, status, c.status, c.want, page)
		}
	}
}

// TestGiveUpsStay: letters whose give-up handler ran are redriven with all of an organ only when that is asked for.
func TestGiveUpsStay(t *testing.T) {
	s := openShop(t, console.WithActions(nil))
	s.bury(contract.Death{Reason: contract.ReasonExhausted, GaveUp: true}, packText("name", "Ada"))
	if _, page, _ := s.get(linkOf("confirm", "verb", "redrive-all", "organ", organ)); !strings.Contains(page, "also the 1 whose give-up handler ran") {
		t.Errorf("the question does not tell of it:\n%s", page)
	}
	for _, c := range []struct{ again, want string }{{"", "n=0"}, {"yes", "n=1"}} {
		if _, _, location := s.post(nil, "verb", "redrive-all", "organ", organ, "count", "1", "again", c.again); !strings.Contains(location, c.want) {
			t.Errorf("again %q: %s", c.again, location)
		}
	}
}

// TestForgedActions sends forms that a page of another site could have sent, and forms of users who may not act.
func TestForgedActions(t *testing.T) {
	words := []string{"verb", "pause", "organ", organ, "reason", "forged"}
	for name, change := range map[string]func(*http.Request){
		"another origin": func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		"no origin":      func(r *http.Request) { r.Header.Del("Origin") },
		"null origin":    func(r *http.Request) { r.Header.Set("Origin", "null") },
		"another site":   func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"a sibling":      func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"no cookie":      func(r *http.Request) { r.Header.Del("Cookie") },
		"another cookie": func(r *http.Request) { r.Header.Set("Cookie", "necrostack_console="+rand.Text()) },
		"an empty token": func(r *http.Request) {
			r.Header.Set("Cookie", "necrostack_console=")
			r.Body = io.NopCloser(strings.NewReader("verb=pause&token=&reason=x&organ=" + organ))
			r.ContentLength = -1
		},
		"a token in the address": func(r *http.Request) {
			r.URL.RawQuery = "token=" + strings.Split(r.Header.Get("Cookie"), "=")[1]
			r.Body = io.NopCloser(strings.NewReader("verb=pause&reason=x&organ=" + organ))
			r.ContentLength = -1
		},
	} {
		s := openShop(t, console.WithActions(nil))
		if status, answer, _ := s.post(change, words...); status != 403 || s.backend.Backend.Health(t.Context()).Organs[0].Paused != "" {
			t.Errorf("%s: %d: %s", name, status, answer)
		}
		if log := s.log.String(); !strings.Contains(log, "console action refused") {
			t.Errorf("%s: no audit line: %s", name, log)
		}
	}
	s := openShop(t)
	if status, answer, _ := s.post(nil, words...); status != 403 || !strings.Contains(answer, "change nothing") {
		t.Errorf("a read-only console: %d: %s", status, answer)
	}
	s = openShop(t, console.WithActions(nil))
	if status, _, _ := s.post(nil, append(words, "reason", strings.Repeat("x", 100<<10))...); status != 400 {
		t.Errorf("a form of 100 KiB: %d", status)
	}
	if r, err := s.client.Post(s.url+"overview", "text/plain", nil); err != nil || r.StatusCode != 405 {
		t.Errorf("a page by POST: %v, %v", r, err)
	}
	for _, part := range []string{"HttpOnly", "SameSite=Strict"} {
		if _, _, header := s.get("overview"); !strings.Contains(header.Get("Set-Cookie"), part) {
			t.Errorf("the cookie is %q", header.Get("Set-Cookie"))
		}
	}
}

// TestPagesShareCalls opens 50 pages at once, which cost the backend as much as one page; without pages there are no calls.
func TestPagesShareCalls(t *testing.T) {
	s := openShop(t)
	s.bury(contract.Death{Reason: contract.ReasonPermanent}, packText("name", "Ada"))
	if n := s.backend.health.Load(); n != 0 {
		t.Errorf("the backend is asked %d times though there is no page", n)
	}
	begin, pages := time.Now(), make(chan struct{})
	for range 50 {
		go func() {
			s.get(linkOf("dead", "organ", organ))
			pages <- struct{}{}
		}()
	}
	for range 50 {
		<-pages
	}
	most := 1 + int32(time.Since(begin)/(2*time.Second))                                                         // an answer is shared for two seconds
	if health, letters := s.backend.health.Load(), s.backend.letters.Load(); health > most || letters > 2*most { // those of the page, and their causes
		t.Errorf("50 pages ask for health %d times, for letters %d times; want at most %d", health, letters, most)
	}
}

// TestSearchesKeepNoPageWaiting: a user who may read alone can begin many searches, each of which reads a large store.
func TestSearchesKeepNoPageWaiting(t *testing.T) {
	s := openShop(t)
	s.backend.search = make(chan struct{})
	ended := make(chan struct{})
	for i := range 10 {
		go func() {
			s.get(linkOf("events", "key", fmt.Sprint(i)))
			ended <- struct{}{}
		}()
	}
	s.backend.search <- struct{}{} // two of them have begun, and one goes on
	time.Sleep(50 * time.Millisecond)
	page := make(chan string)
	go func() {
		_, text, _ := s.get("overview")
		page <- text
	}()
	select {
	case text := <-page:
		if !strings.Contains(text, organ) {
			t.Error(text)
		}
	case <-time.After(2 * time.Second):
		t.Error("the overview waits for searches")
		defer func() { <-page }()
	}
	close(s.backend.search)
	for range 10 {
		<-ended
	}
}

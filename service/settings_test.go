package service

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/internal/testkit/files"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var discard = slog.New(slog.DiscardHandler)

// page is the document with the table of variables.
const page = "../docs/service.md"

// TestDocument: the page has a line for each variable, as the table has it.
func TestDocument(t *testing.T) {
	text := files.Read(t, page)
	for _, row := range table {
		fallback := row.fallback
		if fallback != "" {
			fallback = "`" + fallback + "`"
		}
		line := "| `" + row.name + "` | " + row.does + " | " + fallback + " |\n"
		if !strings.Contains(text, line) {
			t.Errorf("%s has no line\n%s", page, line)
		}
	}
}

// quietly sets variables so that a service listens nowhere.
func quietly(t *testing.T, environment map[string]string) {
	t.Helper()
	for _, name := range []string{"NECRO_HTTP_ADDR", "NECRO_ADMIN_ADDR", "NECRO_CONSOLE_ADDR"} {
		t.Setenv(name, "none")
	}
	for name, value := range environment {
		t.Setenv(name, value)
	}
}

// named is an organ that handles nothing.
type named struct{ name string }

func (o named) NecroOrgan() contract.OrganSpec { return contract.OrganSpec{Name: o.name, Path: "test"} }

// logOf returns no logger where the mistake is in what the environment says about it.
func logOf(want string) *slog.Logger {
	if strings.Contains(want, "text or json") {
		return nil
	}
	return discard
}

// TestMistakes: each ends Run with ErrConfig, and says what to do.
func TestMistakes(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for want, environment := range map[string]map[string]string{
		`the program has no organ "shop.Biling": did you mean shop.Billing?; there are shop.Billing, shop.Mail`: {"NECRO_ORGANS": "shop.Biling"},
		"the organ shop.Mail is there twice":                        {"NECRO_ORGANS": "shop.Mail, shop.Mail"},
		"NECRO_SHOP_BILING_RETRY is about no organ of this program": {"NECRO_SHOP_BILING_RETRY": "3"},
		"NECRO_CONSOLE_ACTIONS=yes: need true or false":             {"NECRO_CONSOLE_ACTIONS": "yes"},
		"can be reached from other machines: name a file of users":  {"NECRO_CONSOLE_ADDR": ":0"},
		"NECRO_CONSOLE_USERS":                                       {"NECRO_CONSOLE_ADDR": "127.0.0.1:0", "NECRO_CONSOLE_USERS": "/missing"},
		"listen for admin: listen tcp " + taken.Addr().String():     {"NECRO_ADMIN_ADDR": taken.Addr().String()},
		"its URL begins with \"mysql:\"":                            {"NECRO_BACKEND_URL": "mysql:shop"},
		"need text or json":                                         {"NECRO_LOG_FORMAT": "xml"},
	} {
		t.Run(want, func(t *testing.T) {
			quietly(t, environment)
			err := Run(t.Context(), Config{Log: logOf(want), Organs: []necro.Organ{named{"shop.Billing"}, named{"shop.Mail"}}})
			if !errors.Is(err, ErrConfig) || ExitCode(err) != ExitConfig || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		})
	}
}

// TestOrgansOfAProcess: a process runs the organs that NECRO_ORGANS names, and takes policies of the others.
func TestOrgansOfAProcess(t *testing.T) {
	for value, want := range map[string]int{"": 2, "shop.Mail": 1, "none": 0} {
		quietly(t, map[string]string{"NECRO_ORGANS": value, "NECRO_SHOP_BILLING_RETRY": "3"})
		ctx, stop := context.WithCancel(t.Context())
		ran := -1
		err := Run(ctx, Config{
			Log:    discard,
			Organs: []necro.Organ{named{"shop.Billing"}, named{"shop.Mail"}},
			Setup: func(_ context.Context, spine *necro.Spine) error {
				ran = len(spine.Organs())
				stop()
				return nil
			},
		})
		if err != nil || ran != want {
			t.Errorf("NECRO_ORGANS=%s: %d organs run, want %d; %v", value, ran, want, err)
		}
	}
}

// TestPartsAreReplaced: a part is the program's own, or left out.
func TestPartsAreReplaced(t *testing.T) {
	quietly(t, nil)
	own := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("own")) })
	for _, c := range []struct {
		config Config
		want   map[string]int // codes of pages
		body   string         // of all that answer
	}{
		{Config{}, map[string]int{"/livez": 200, "/readyz": 200, "/metrics": 200}, ""},
		{Config{Health: own, Metrics: own}, map[string]int{"/livez": 200, "/readyz": 200, "/metrics": 200}, "own"},
		{Config{Health: Off(), Metrics: Off(), Console: Off()}, map[string]int{"/livez": 404, "/readyz": 404, "/metrics": 404}, ""},
	} {
		backend := memory.New()
		c.config.Backend = backend
		p := &parts{config: &c.config, settings: settings{traceRatio: -1, grace: 1}, log: discard}
		if err := p.build(t.Context()); err != nil {
			t.Fatal(err)
		}
		for path, code := range c.want {
			w := httptest.NewRecorder()
			p.adminHandler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
			if w.Code != code || !strings.Contains(w.Body.String(), c.body) {
				t.Errorf("%s answers %d %.200q, want %d", path, w.Code, w.Body, code)
			}
		}
		if err := p.release(); err != nil {
			t.Error(err)
		}
		if err := backend.Close(); err != nil {
			t.Errorf("a backend of the program was closed: %v", err)
		}
	}
}

// TestItsOwnEndIsAnError: a service whose organs end by themselves does not end as if it were told to.
func TestItsOwnEndIsAnError(t *testing.T) {
	quietly(t, nil)
	err := Run(t.Context(), Config{
		Log:    discard,
		Organs: []necro.Organ{named{"shop.Mail"}},
		Setup:  func(_ context.Context, spine *necro.Spine) error { return spine.Close() },
	})
	if !errors.Is(err, necro.ErrClosed) || ExitCode(err) != ExitFailed {
		t.Errorf("%v, exit code %d", err, ExitCode(err))
	}
	err = Run(t.Context(), Config{Log: discard, Setup: func(context.Context, *necro.Spine) error { return errors.New("no database") }})
	if ExitCode(err) != ExitFailed || !strings.Contains(err.Error(), "set up the service: no database") {
		t.Errorf("%v", err)
	}
}

// TestNoURLIsTold: the log tells a backend's scheme, and nothing of a text that is no URL.
func TestNoURLIsTold(t *testing.T) {
	for url, want := range map[string]string{
		"memory": "memory", "sqlite:shop.db": "sqlite", "postgres://app:s3cret@db/shop": "postgres",
		"host=db user=app password=s3cret": "unreadable", "password=s3cret:host=db": "unreadable", "s3cret": "unreadable",
	} {
		for own, want := range map[bool]string{false: want, true: "of the program"} {
			var told strings.Builder
			s := settings{backendURL: url}
			s.logSettings(slog.New(slog.NewTextHandler(&told, nil)), own)
			if text := told.String(); strings.Contains(text, "s3cret") || !strings.Contains(text, want) {
				t.Errorf("%s: the log is %s", url, text)
			}
		}
	}
}

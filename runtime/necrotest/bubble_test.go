package necrotest_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/necrotest"
)

// helperVariable names what the test binary does when it is started again: what fails or ends the
// process cannot be looked at from inside.
const helperVariable = "NECROTEST_HELPER"

// TestHelperProcess is what startAgain runs.
func TestHelperProcess(t *testing.T) {
	necrotest.SetPatience(200 * time.Millisecond)
	switch os.Getenv(helperVariable) {
	case "server":
		necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
			server := httptest.NewServer(http.NotFoundHandler())
			defer server.Close()
			if _, err := http.Get(server.URL); err != nil {
				t.Error(err)
			}
			k.Publish(&Placed{ID: "a", Amount: 1})
			k.Drain() // waits for a retry, and so for time to pass
		}, necro.WithOrgans(&Billing{failures: 1}, &Books{}))
	case "leak":
		necrotest.Exhaust(t, func(w *necrotest.World) {
			sql.OpenDB(noDatabase{})
			w.Organs = func() []necro.Organ { return []necro.Organ{&Billing{}, &Books{}} }
		}, &Placed{ID: "a", Amount: 1})
	default:
		t.Skip("it is for startAgain")
	}
}

// startAgain returns what the test binary prints as a helper, which has to fail.
func startAgain(t *testing.T, helper string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHelperProcess$", "-test.timeout=5m")
	cmd.Env = append(os.Environ(), helperVariable+"="+helper)
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Errorf("%s does not fail:\n%s", helper, out)
	}
	return string(out)
}

// noDatabase is a database that cannot be reached. A *sql.DB of it has a goroutine all the same.
type noDatabase struct{}

func (noDatabase) Connect(context.Context) (driver.Conn, error) {
	return nil, errors.New("no database")
}
func (noDatabase) Driver() driver.Driver { return nil }

// TestStandstillNamesTheGoroutine: a real server stops virtual time. That is told, with the goroutine
// that waits, long before the timeout of the test.
func TestStandstillNamesTheGoroutine(t *testing.T) {
	out := startAgain(t, "server")
	for _, want := range []string{"necrotest: virtual time stands still", "(IO wait)", "httptest", "an http.RoundTripper that calls the handler"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// TestLeftoverNamesTheGoroutine: a *sql.DB that is not closed fails Exhaust, and does not panic.
func TestLeftoverNamesTheGoroutine(t *testing.T) {
	out := startAgain(t, "leak")
	for _, want := range []string{"--- FAIL: TestHelperProcess", "World.Cleanup", "connectionOpener"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "panic:") {
		t.Errorf("it panics:\n%s", out)
	}
}

// TestCleanupEndsWhatTheWorldOpened opens a database in every run: Cleanup closes it, last one first,
// when the Snapshot is taken.
func TestCleanupEndsWhatTheWorldOpened(t *testing.T) {
	var order []string
	necrotest.Exhaust(t, func(w *necrotest.World) {
		order = nil
		db := sql.OpenDB(noDatabase{})
		w.Cleanup(func() { order = append(order, "database"); db.Close() })
		w.Cleanup(func() { order = append(order, "statement") })
		w.Organs = func() []necro.Organ { return []necro.Organ{&Billing{}, &Books{}} }
		w.Snapshot = func() any { order = append(order, "snapshot"); return nil }
	}, &Placed{ID: "a", Amount: 1})
	if want := []string{"snapshot", "statement", "database"}; !slices.Equal(order, want) {
		t.Errorf("a run ends with %v, want %v", order, want)
	}
}

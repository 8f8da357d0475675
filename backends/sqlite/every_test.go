package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// TestScheduleIsRememberedFor30Days without a call that names it, and no longer. The file was made before there were schedules.
func TestScheduleIsRememberedFor30Days(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.db")
	openFile(t, path).Close()
	db := openRaw(t, path)
	execute(t, db, `DROP TABLE every`)
	b := openFile(t, path)
	at := time.Now().Add(-time.Hour).UnixNano()
	for _, name := range []string{"young", "old"} {
		if state, err := b.Fire(t.Context(), contract.Firing{Schedule: name, UpTo: at}); err != nil || !state.Fired {
			t.Fatal(state, err)
		}
	}
	execute(t, db, `UPDATE every SET named = named - 29 * 86400000000000 WHERE schedule = 'young'`,
		`UPDATE every SET named = named - 31 * 86400000000000 WHERE schedule = 'old'`)
	for _, c := range []struct {
		name string
		want int64
	}{{"other", 0}, {"young", at}, {"old", 0}} {
		if state, err := b.FiredUpTo(t.Context(), c.name, contract.ScheduleClaim{}); err != nil || state.FiredUpTo != c.want {
			t.Errorf("%s is at %+v, %v, want %d", c.name, state, err, c.want)
		}
	}
	if got := numberIn(t, db, `SELECT count(*) FROM every WHERE named > 1000000000 * (unixepoch() - 3600)`); got != 1 {
		t.Errorf("%d schedules are kept and were named now, want the young one", got)
	}
}

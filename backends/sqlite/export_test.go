package sqlite

import (
	"context"
	"fmt"
)

// BoundPages bounds the file, as a full disk does.
func BoundPages(b *Backend, pages int) error {
	return b.submitJob(context.Background(), false, func(t *transaction) error {
		return t.s.runScript(fmt.Sprintf(`PRAGMA max_page_count = %d`, pages))
	})
}

// WaitingJobs returns how many jobs wait for a transaction.
func WaitingJobs(b *Backend) int {
	b.writer.mu.Lock()
	defer b.writer.mu.Unlock()
	return len(b.writer.jobs)
}

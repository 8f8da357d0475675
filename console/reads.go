package console

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/necrostack/necrogen/internal/operate"
	"github.com/necrostack/necrogen/runtime/contract"
)

// How old an answer may be.
const (
	fresh  = 2 * time.Second
	stable = 10 * time.Second // of what changes with releases, or costs more
)

// Sizes of pages, and how many stored events a search reads.
const (
	pageSize   = 50
	mostRead   = 10_000
	mostStored = 100
)

// as returns the backend as an interface that not every engine has. The error names what the pages cannot show then.
func as[T any](c *console, what string) (T, error) {
	b, ok := c.backend.(T)
	if !ok {
		return b, fmt.Errorf("this backend does not show %s", what)
	}
	return b, nil
}

// readHealth returns the backend's health. It may have organs beside an error.
func (c *console) readHealth(ctx context.Context) (contract.Health, error) {
	h, err := ask(ctx, c.answers, "health", fresh, func(ctx context.Context) (contract.Health, error) { return c.backend.Health(ctx), nil })
	if err == nil {
		err = h.Err
	}
	return h, err
}

// findOrgan returns the health of one organ.
func (c *console) findOrgan(ctx context.Context, name string) (contract.OrganHealth, error) {
	h, err := c.readHealth(ctx)
	for _, o := range h.Organs {
		if o.Organ == name {
			return o, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("organ %q: %w; the overview lists all organs", lineOf(name), contract.ErrNoOrgan)
	}
	return contract.OrganHealth{}, err
}

func (c *console) readBound(ctx context.Context) (map[string][]string, error) {
	b, err := as[contract.Inspector](c, "which events its organs handle")
	if err != nil {
		return nil, err
	}
	return ask(ctx, c.answers, "bound", stable, b.Bound)
}

func (c *console) readFindings(ctx context.Context) ([]contract.Finding, error) {
	return ask(ctx, c.answers, "findings", stable, func(ctx context.Context) ([]contract.Finding, error) { return operate.FindAll(ctx, c.backend) })
}

// lettersBehind returns a page of the dead letters of an organ, behind one of them.
func (c *console) lettersBehind(ctx context.Context, organ string, after contract.ID) ([]contract.DeadLetter, error) {
	b, err := as[contract.Admin](c, "dead letters")
	if err != nil {
		return nil, err
	}
	return ask(ctx, c.answers, fmt.Sprintf("dead %s %s", after, organ), fresh, func(ctx context.Context) ([]contract.DeadLetter, error) {
		return b.DeadLetters(ctx, organ, after, pageSize)
	})
}

// scheduledPage is a page of events that wait for their time.
type scheduledPage struct {
	Events []contract.ScheduledEvent
	Next   string
}

func (c *console) scheduledBehind(ctx context.Context, after string) (scheduledPage, error) {
	b, err := as[contract.ScheduleAdmin](c, "scheduled events")
	if err != nil {
		return scheduledPage{}, err
	}
	return ask(ctx, c.answers, "scheduled "+after, fresh, func(ctx context.Context) (p scheduledPage, err error) {
		p.Events, p.Next, err = b.Scheduled(ctx, after, pageSize)
		return p, err
	})
}

func (c *console) readSchedules(ctx context.Context) ([]contract.ScheduleRecord, error) {
	b, err := as[contract.TickingBackend](c, "schedules")
	if err != nil {
		return nil, err
	}
	return ask(ctx, c.answers, "schedules", fresh, b.Schedules)
}

// storedQuery chooses stored events. An empty field chooses all.
type storedQuery struct{ Organ, Event, Key, ID string }

// found are the stored events of a query.
type found struct {
	Events []contract.Stored
	Read   int
	Cut    bool // there may be more
}

// searchStored reads stored events until enough match, and at most mostRead of them.
func (c *console) searchStored(ctx context.Context, q storedQuery) (found, error) {
	b, err := as[contract.Inspector](c, "stored events")
	if err != nil {
		return found{}, err
	}
	return ask(ctx, c.searches, fmt.Sprintf("stored %q", q), stable, func(ctx context.Context) (f found, err error) {
		err = b.EachStored(ctx, func(s contract.Stored) bool {
			if f.Read == mostRead || len(f.Events) == mostStored {
				f.Cut = true
				return false
			}
			f.Read++
			if q.matchesStored(&s) {
				f.Events = append(f.Events, s)
			}
			return true
		})
		return f, err
	})
}

func (q *storedQuery) matchesStored(s *contract.Stored) bool {
	m := &s.Message
	return (q.Organ == "" || q.Organ == s.Organ) && (q.Event == "" || q.Event == m.Type.Name || strings.HasPrefix(m.Type.Name, q.Event+timerMark)) && (q.Key == "" || q.Key == m.Key) &&
		(q.ID == "" || q.ID == m.ID.String() || q.ID == m.Correlation.String())
}

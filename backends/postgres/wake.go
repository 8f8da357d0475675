package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

// Processes notify each other only while one of them sleeps, because a notification in each transaction would make all
// commits of the server wait for each other. A Fetch that finds nothing writes a row of the table asleep and looks once
// more. After each commit that has stored something, the waker of the process removes the rows of its organs and notifies
// those processes.

// wakeInterval is how often a process notifies others at most.
const wakeInterval = 10 * time.Millisecond

// waker is one goroutine of a backend.
type waker struct {
	b     *Backend
	mu    sync.Mutex
	news  map[int32]bool // organs; guarded by mu
	told  chan struct{}  // has a token when news may not be empty
	first atomic.Int64   // when the first delayed event is due, as far as the watcher knows; 0 for none
	nudge chan struct{}  // has a token when the watcher has to look
}

func newWaker(b *Backend) *waker {
	return &waker{b: b, news: map[int32]bool{}, told: make(chan struct{}, 1), nudge: make(chan struct{}, 1)}
}

// addNews has other processes be told that organs may have work.
func (w *waker) addNews(organs []int32) {
	w.mu.Lock()
	for _, n := range organs {
		w.news[n] = true
	}
	w.mu.Unlock()
	sendToken(w.told)
}

// noteDue has the watcher look when an event is due before all that it knows of.
func (w *waker) noteDue(due int64) {
	if first := w.first.Load(); first == 0 || due < first {
		sendToken(w.nudge)
	}
}

func sendToken(ch chan<- struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

func (w *waker) tellNews(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.told:
		}
		if err := w.notifySleepers(ctx); err != nil && ctx.Err() == nil {
			w.b.log.Debug("postgres: other processes were not told of news: they look by themselves", "namespace", w.b.namespace, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wakeInterval):
		}
	}
}

// channelOf returns the name of the channel on which processes listen.
func channelOf(namespace string) string { return "necrostack_" + namespace }

// wakeOthers notifies the other processes that sleep for some organs.
const wakeOthers = `
	WITH sleepers AS (SELECT organ, process FROM {asleep} WHERE organ = ANY ($1::int[]) AND process <> $2 FOR UPDATE SKIP LOCKED),
	woken AS (DELETE FROM {asleep} a USING sleepers s WHERE a.organ = s.organ AND a.process = s.process RETURNING a.organ)
	SELECT pg_notify($3, string_agg(DISTINCT organ::text, ' ')) FROM woken HAVING count(*) > 0`

// notifySleepers notifies others of the news. At most a thousand organs fit into a notification.
func (w *waker) notifySleepers(ctx context.Context) error {
	organs := w.takeNews()
	for len(organs) > 0 {
		n := min(len(organs), 500)
		err := w.b.transactSteps(ctx, true, step{text: wakeOthers, values: []any{organs[:n], w.b.process, channelOf(w.b.namespace)}})
		if err != nil {
			return err
		}
		organs = organs[n:]
	}
	return nil
}

func (w *waker) takeNews() (organs []int32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for n := range w.news {
		organs = append(organs, n)
	}
	clear(w.news)
	return organs
}

// keepListening wakes calls of Fetch when another process tells of news, on a connection of its own. While there is none, the watcher
// looks.
func (b *Backend) keepListening(ctx context.Context) {
	for pause := 100 * time.Millisecond; ctx.Err() == nil; pause = min(2*pause, 10*time.Second) {
		began := time.Now()
		err := b.listenOnce(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > time.Minute {
			pause = 100 * time.Millisecond
		}
		b.log.Debug("postgres: not listening: calls that wait look by themselves", "namespace", b.namespace, "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

func (b *Backend) listenOnce(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, b.listens)
	if err != nil {
		return err
	}
	defer func() {
		bounded, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		conn.Close(bounded)
	}()
	if _, err := conn.Exec(ctx, fmt.Sprintf("LISTEN %q", channelOf(b.namespace))); err != nil {
		return err
	}
	for {
		news, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		b.wakeOrgans(readNews(news.Payload))
	}
}

// readNews reads the organs of a notification. Anyone may have sent it.
func readNews(text string) (organs []int32) {
	for _, field := range strings.Fields(text) {
		if n, err := strconv.ParseInt(field, 10, 32); err == nil {
			organs = append(organs, int32(n))
		}
	}
	return organs
}

package loop

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/held"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/redis/go-redis/v9"
)

// TestOffersBehindARefusedOne has a delivery wait behind a slow handler, in virtual time, while all offers are refused,
// because there is a backlog. A process that has worked that off at any moment gets the next offer within 250 ms, and
// until then the offers come less often than ten times a second.
func TestOffersBehindARefusedOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := redis.NewClient(&redis.Options{})
		defer client.Close()
		quiet := slog.New(slog.DiscardHandler)
		b := NewProcess(Config{Namespace: "offers", PartitionCount: 1, Log: quiet}, conn.NewServers(client, quiet))
		q := newQueue(b.Partitions[0], contract.Subscription{Organ: "in", Lease: time.Hour})
		q.consumers = []*consumer{{}}
		waiting := []*held.Entry{{Stream: held.MainStream, ID: "1-1", Size: 1, Read: time.Now()}}
		q.held.AddEntries(1, false, func(ds []contract.Delivery) ([]contract.Delivery, *held.Entry) {
			if len(waiting) == 0 {
				return ds, nil
			}
			e := waiting[0]
			waiting = nil
			e.NoteRead(0)
			return append(ds, contract.Delivery{Ref: e}), e
		})

		begin := time.Now()
		var refused []time.Duration
		b.Workers.Go(func() {
			q.paceOffers(func(context.Context, int, int) (int, error) {
				refused = append(refused, time.Since(begin))
				return 0, nil
			})
		})
		const whole = 10 * time.Second
		time.Sleep(whole)
		b.end()
		b.Workers.Wait()

		last := time.Duration(0)
		for _, at := range append(refused, whole) {
			if at-last > 250*time.Millisecond {
				t.Errorf("no offer from %v to %v, want one every 250ms", last, at)
			}
			last = at
		}
		if most := int(whole / (150 * time.Millisecond)); len(refused) > most {
			t.Errorf("%d offers in %v, want %d at most while all are refused", len(refused), whole, most)
		}
	})
}

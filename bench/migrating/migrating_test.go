// Package migrating holds docs/migrating.md to its word: the three programs do the same.
package migrating

import (
	"context"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hibiken/asynq"
	"github.com/necrostack/necrogen/internal/testkit/poll"
	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/bench/migrating/fromasynq"
	"github.com/necrostack/necrogen/bench/migrating/fromwatermill"
	"github.com/necrostack/necrogen/bench/migrating/tonecro"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	necro "github.com/necrostack/necrogen/runtime"
)

// TestSameProgram places a blocked order and another one with each program. The blocked one is
// given up, and kept where the program keeps such.
func TestSameProgram(t *testing.T) {
	for _, p := range []struct {
		name  string
		place func(redis.UniversalClient, string) error
		serve func(context.Context, redis.UniversalClient, io.Writer) error
		kept  func(context.Context, *testing.T, *redis.Client) int
	}{
		{"watermill", fromwatermill.Place, fromwatermill.Serve, keptByWatermill},
		{"asynq", fromasynq.Place, fromasynq.Serve, keptByAsynq},
		{"necro", tonecro.Place, tonecro.Serve, keptByNecro},
	} {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			client := redis.NewClient(&redis.Options{Addr: redistest.Start(t).Addr()})
			for _, id := range []string{"blocked", "A-1"} {
				if err := p.place(client, id); err != nil {
					t.Fatal(err)
				}
			}
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			printed, ended := new(screen), make(chan error, 1)
			go func() { ended <- p.serve(ctx, client, printed) }()
			poll.Until(t, "both orders are through", func() bool {
				return printed.String() == "charge 4200 for A-1\nship A-1\n" && p.kept(ctx, t, client) == 1
			})
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}

func keptByWatermill(ctx context.Context, _ *testing.T, client *redis.Client) int {
	return int(client.XLen(ctx, "poison").Val())
}

func keptByAsynq(_ context.Context, _ *testing.T, client *redis.Client) int {
	tasks, _ := asynq.NewInspectorFromRedisClient(client).ListArchivedTasks("default")
	return len(tasks)
}

func keptByNecro(ctx context.Context, t *testing.T, client *redis.Client) int {
	backend, err := redisstream.New(client)
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Close()
	letters, _ := backend.DeadLetters(ctx, "shop.Billing", necro.ID{}, 10)
	return len(letters)
}

// screen is what a program prints.
type screen struct {
	mu   sync.Mutex
	text []byte
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = slices.Concat(s.text, b)
	return len(b), nil
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Clone(string(s.text))
}

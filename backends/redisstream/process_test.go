package redisstream

import (
	"log/slog"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
)

// openProcess returns a process with a namespace of its own. It lasts as long as the test.
func openProcess(t *testing.T, server *redistest.Server) *process {
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	quiet := slog.New(slog.DiscardHandler)
	b := newProcess(config{namespace: redistest.Namespace(t), partitionCount: 1, pack: maxPack, log: quiet}, conn.NewServers(client, quiet))
	t.Cleanup(func() {
		b.close()
		client.Close()
	})
	return b
}

// numberOf sends a command that answers with a number.
func numberOf(t *testing.T, p *partition, args ...any) int {
	t.Helper()
	r := p.SendCommand(t.Context(), args)
	n := r.Int()
	if r.Err != nil {
		t.Fatal(args, r.Err)
	}
	return n
}

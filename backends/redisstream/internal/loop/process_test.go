package loop

import (
	"log/slog"
	"testing"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/redis/go-redis/v9"
)

// openProcess returns a process with a namespace of its own. It lasts as long as the test.
func openProcess(t *testing.T, server *redistest.Server) *Process {
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	quiet := slog.New(slog.DiscardHandler)
	b := NewProcess(Config{Namespace: redistest.Namespace(t), PartitionCount: 1, Pack: message.MaxPack, Log: quiet}, conn.NewServers(client, quiet))
	t.Cleanup(func() {
		b.Close()
		client.Close()
	})
	return b
}

// numberOf sends a command that answers with a number.
func numberOf(t *testing.T, p *Partition, args ...any) int {
	t.Helper()
	r := p.SendCommand(t.Context(), args)
	n := r.Int()
	if r.Err != nil {
		t.Fatal(args, r.Err)
	}
	return n
}

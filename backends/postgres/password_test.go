package postgres_test

import (
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/postgres"
	"github.com/necrostack/necrogen/internal/testkit/poll"
	"github.com/necrostack/necrogen/runtime/contract"
)

// logged is what a backend has logged.
type logged struct {
	mu   sync.Mutex
	text strings.Builder // guarded by mu
}

func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// TestPasswordsStayUntold: a password comes from the address, the environment or the password file. When the server takes it no
// more, neither an error nor a line of the log has it.
func TestPasswordsStayUntold(t *testing.T) {
	server := sharedServer(t)
	_, port, err := net.SplitHostPort(server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	for source, addressOf := range map[string]func(t *testing.T, user string) string{
		"address": func(_ *testing.T, user string) string {
			return "postgres://" + user + ":s3cret@" + server.Addr() + "/postgres?sslmode=disable"
		},
		"settings": func(_ *testing.T, user string) string {
			return fmt.Sprintf("host=127.0.0.1 port=%s dbname=postgres sslmode=disable user=%s password=s3cret", port, user)
		},
		"environment": func(t *testing.T, user string) string {
			t.Setenv("PGPASSWORD", "s3cret")
			return "postgres://" + user + "@" + server.Addr() + "/postgres?sslmode=disable"
		},
		"file": func(t *testing.T, user string) string {
			file := filepath.Join(t.TempDir(), "pgpass")
			if err := os.WriteFile(file, []byte("127.0.0.1:"+port+":*:"+user+":s3cret\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			t.Setenv("PGPASSFILE", file)
			return "postgres://" + user + "@" + server.Addr() + "/postgres?sslmode=disable"
		},
	} {
		t.Run(source, func(t *testing.T) {
			user, log := "password_by_"+source, &logged{}
			address := addressOf(t, user)
			query(t, server, `CREATE ROLE `+user+` LOGIN PASSWORD 's3cret'; GRANT CREATE ON DATABASE postgres TO `+user)
			options := []postgres.Option{postgres.WithNamespace(user), postgres.WithPatience(5 * time.Second),
				postgres.WithLogger(slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))}
			b, err := postgres.Open(t.Context(), address, options...)
			if err != nil {
				t.Fatal("the password is not taken")
			}
			defer b.Close()
			query(t, server, `ALTER ROLE `+user+` PASSWORD 'another'; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '`+user+`'`)
			poll.Until(t, "the backend is not let in", func() bool {
				_, err := b.Publish(t.Context(), []contract.Message{messageOf("one")}, contract.PublishOptions{})
				if err != nil && containsSecret(err) {
					t.Fatal("an error of Publish has the password")
				}
				return contract.IsPermanent(err)
			})
			poll.Until(t, "that is logged", func() bool { return strings.Contains(log.String(), "does not let this user in") })
			if again, err := postgres.Open(t.Context(), address, options...); err == nil {
				again.Close()
				t.Error("a wrong password is taken")
			} else if containsSecret(err) || !strings.Contains(err.Error(), "check user, password and database") {
				t.Errorf("open: error %s", strings.ReplaceAll(err.Error(), "s3cret", "<password>"))
			}
			b.Close()
			if strings.Contains(log.String(), "s3cret") {
				t.Error("the log has the password")
			}
		})
	}
}

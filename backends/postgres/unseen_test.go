package postgres_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/necrostack/necrogen/backends/postgres"
	"github.com/necrostack/necrogen/runtime/contract"
)

// losingProxy stands between a backend and its server.
type losingProxy struct {
	net.Listener
	server string
	lose   atomic.Pointer[[]byte] // of the transaction whose answer has these bytes the answer is lost, once it is committed
}

// startLosingProxy starts a proxy, which ends with the test.
func startLosingProxy(t *testing.T, server string) *losingProxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	p := &losingProxy{Listener: l, server: server}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(client)
		}
	}()
	return p
}

func (p *losingProxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		io.Copy(server, client)
		server.Close()
	}()
	var answer []byte // since the first of the bytes; nil before
	for buffer := make([]byte, 1<<16); ; {
		n, err := server.Read(buffer)
		if err != nil {
			return
		}
		if lose := p.lose.Load(); answer == nil && lose != nil && bytes.Contains(buffer[:n], *lose) {
			answer = []byte{}
		}
		if answer == nil {
			client.Write(buffer[:n])
		} else if answer = append(answer, buffer[:n]...); bytes.Contains(answer, []byte("COMMIT\x00")) {
			p.lose.Store(nil)
			return
		}
	}
}

// TestLostAnswerKeepsTheOrderOfAKey: a Fetch whose answer is lost has leased the first event of a key. The next Fetch finds it
// again, in front of the second one, and as one that nobody has run.
func TestLostAnswerKeepsTheOrderOfAKey(t *testing.T) {
	t.Parallel()
	for name, lanes := range map[string]int{"lanes": 4, "no lanes": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := sharedServer(t)
			proxy := startLosingProxy(t, server.Addr())
			b, err := postgres.Open(t.Context(), strings.Replace(server.URL(), server.Addr(), proxy.Addr().String(), 1), postgres.WithNamespace(newNamespace()), postgres.WithLogger(nil))
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			c := subscribe(t, b, lanedOrgan(lanes))
			payloads := []string{"first payload", "second payload"}
			for _, text := range payloads {
				if _, err := b.Publish(t.Context(), []contract.Message{keyedMessage("key", text)}, contract.PublishOptions{}); err != nil {
					t.Fatal(err)
				}
			}
			lose := []byte(payloads[0])
			proxy.lose.Store(&lose)
			if ds, err := c.Fetch(t.Context(), 1); !errors.Is(err, contract.ErrBackendUnavailable) {
				t.Fatalf("a Fetch whose answer is lost: %d deliveries, %v", len(ds), err)
			}
			for _, want := range payloads {
				d := fetchOne(t, c)
				if string(d.Payload) != want || d.Suspect {
					t.Errorf("%q comes, suspect %t, want %q and no suspect", d.Payload, d.Suspect, want)
				}
				if _, err := c.Settle(t.Context(), []contract.Outcome{{Delivery: d}}); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

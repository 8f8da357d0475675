package conn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/runtime/contract"
)

// answered is an error that a server answered with.
func answered(text string) error { return fmt.Errorf("a call: %w", resp.ServerError(text)) }

// TestErrorsSayWhatWasDone wants of each kind of error what a caller may do next.
func TestErrorsSayWhatWasDone(t *testing.T) {
	t.Parallel()
	cut := &net.OpError{Op: "read", Err: errors.New("connection reset")}
	for _, c := range []struct {
		err                         error
		network, unavailable, later bool
	}{
		{answered("ERR wrong type"), false, false, false},
		{answered("LOADING the data"), false, true, true},
		{answered("READONLY you cannot"), false, true, true},
		{answered("MOVED 1 a:1"), false, false, true},
		{answered("TRYAGAIN"), false, false, true},
		{answered("LOADINGS"), false, false, false}, // another code
		{cut, true, true, true},
		{io.EOF, true, true, true},
		{fmt.Errorf("%w: %w", context.DeadlineExceeded, cut), true, true, true}, // the network was slow
		{context.Canceled, true, false, false},                                  // the caller gave up: the command may have been sent
		{ErrAnotherServer, false, false, false},
		{&LocalError{Text: "stale"}, true, false, false},
		{&LocalError{Text: "late", Later: true}, true, false, true},
		{fmt.Errorf("a page: %w", ErrTooLarge), false, false, false},
		{resp.ErrShape, false, false, false},
		{contract.ErrClosed, false, false, false},
		{nil, false, false, false},
	} {
		if network, unavailable, later := IsNetwork(c.err), IsUnavailable(c.err), MayServeLater(c.err); network != c.network || unavailable != c.unavailable || later != c.later {
			t.Errorf("%v: network %t, unavailable %t, later %t; want %t, %t, %t", c.err, network, unavailable, later, c.network, c.unavailable, c.later)
		}
	}
}

// TestOutagePutsOffAlone has a server of two fail: calls for its partition are put off until it answers, and
// those of the other partition are not. A server that answers with an error answers.
func TestOutagePutsOffAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, checkOutage) // where no time passes between a failure and the next call
}

func checkOutage(t *testing.T) {
	s := NewServers(nil, slog.New(slog.DiscardHandler))
	down, up := s.AddNode("a"), s.AddNode("b")
	for range toldFrom + 1 {
		down.noteCall(io.EOF)
	}
	down.noteCall(context.Canceled) // says nothing
	if err := down.PutOff(); !errors.Is(err, io.EOF) {
		t.Errorf("a call for a server that is down is put off with %v", err)
	}
	if err := up.PutOff(); err != nil {
		t.Errorf("a call for the other server is put off: %v", err)
	}
	if time.Sleep(maxPutOff); down.PutOff() != nil {
		t.Error("a call is put off for more than the longest time")
	}
	down.noteCall(io.EOF)
	if down.noteCall(answered("ERR wrong type")); down.PutOff() != nil {
		t.Error("a call is put off after the server has answered")
	}
	alone := NewServers(nil, slog.New(slog.DiscardHandler)).AddNode("a")
	if alone.noteCall(io.EOF); alone.PutOff() != nil {
		t.Error("a call for the only partition is put off")
	}
}

// TestMovesNameTheirAddress reads where a slot is from answers, also from odd ones.
func TestMovesNameTheirAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ASK 6591 127.0.0.1:7001": "127.0.0.1:7001", "ASK 6591 host:7001": "host:7001", "ASK 6591 :7001": "", "ASK 6591": "",
		"ASK": "", "ASK 1 a:1 more": "", "MOVED 6591 127.0.0.1:7001": "", "ASKING 1 a:1": "",
	} {
		if got := movedTo(resp.ServerError(text), "ASK"); got != want {
			t.Errorf("%q names %q, want %q", text, got, want)
		}
	}
}

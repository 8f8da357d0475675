package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/all"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/necrostack/necrogen/necroctl"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestConsole opens the pages over engines that other processes can see, with an event for each organ.
func TestConsole(t *testing.T) {
	for name, url := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "shop.db"), "redis": redistest.Start(t).URL()} {
		t.Run(name, func(t *testing.T) {
			fillShop(t, url)
			ctx, interrupt := context.WithCancel(t.Context())
			out, in := io.Pipe()
			code := make(chan int)
			go func() {
				ctl := necroctl.Command{Open: open, Console: serveConsole, Stdout: in, Stderr: in}
				code <- ctl.Run(ctx, []string{"console", "-backend", url, "-listen", "127.0.0.1:0"})
			}()
			address, err := bufio.NewReader(out).ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			for page, want := range map[string]string{
				"": "shop.Billing", "organ?organ=shop.Billing": "ORDER_PLACED", "dead?organ=shop.Mail": "no dead letters",
				"scheduled": "1 event waits", "schedules": "There are none", "events": "ORDER_PLACED", "doctor": "nobody consumes",
			} {
				if status, text := getPage(t, strings.TrimSpace(address)+page); status != 200 || !strings.Contains(text, want) {
					t.Errorf("%s: %d, want %q in\n%s", page, status, want, text)
				}
			}
			interrupt()
			if got := <-code; got != necroctl.ExitDone {
				t.Errorf("exit code %d", got)
			}
		})
	}
}

// fillShop stores an event for an organ that nobody runs, and a delayed one.
func fillShop(t *testing.T, url string) {
	t.Helper()
	b, err := all.Open(t.Context(), url, all.WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	subs := slices.Clone(organs)
	for i := range subs {
		subs[i].Path, subs[i].Lease, subs[i].DeadLimit, subs[i].DeadBytes, subs[i].Pack = "example.com/shop", time.Minute, 1000, 1<<20, 1
	}
	if _, err := b.Subscribe(t.Context(), subs); err != nil {
		t.Fatal(err)
	}
	for _, due := range []int64{0, time.Now().Add(time.Hour).UnixNano()} {
		id := contract.NewID()
		m := contract.Message{ID: id, Correlation: id, Type: placed, Payload: []byte{0x80}, Nanos: time.Now().UnixNano(), Due: due}
		if _, err := b.Publish(t.Context(), []contract.Message{m}, contract.PublishOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

func getPage(t *testing.T, address string) (int, string) {
	t.Helper()
	r, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(text)
}

// TestConsoleRefuses an address that others reach, and two ways of naming the user.
func TestConsoleRefuses(t *testing.T) {
	file := "sqlite:" + filepath.Join(t.TempDir(), "shop.db")
	fillShop(t, file)
	for want, flags := range map[string][]string{
		"there is no authenticator": {"-listen", "0.0.0.0:0"},
		"choose one":                {"-users", "x", "-user-header", "y"},
		"read the file of users":    {"-users", "no-such-file", "-listen", "127.0.0.1:0"},
	} {
		var said strings.Builder
		ctl := necroctl.Command{Open: open, Console: serveConsole, Stdout: io.Discard, Stderr: &said}
		if code := ctl.Run(t.Context(), append([]string{"console", "-backend", file}, flags...)); code != necroctl.ExitError || !strings.Contains(said.String(), want) {
			t.Errorf("%v: exit code %d: %s", flags, code, fmt.Sprint(&said))
		}
	}
}

package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/sqlite"
	"github.com/necrostack/necrogen/runtime/contract"
)

// The test binary runs itself as other processes. The first of these variables says what a process does, the others with
// what.
const (
	roleVariable = "NECRO_SQLITE_TEST_ROLE"
	fileVariable = "NECRO_SQLITE_TEST_FILE"
	nameVariable = "NECRO_SQLITE_TEST_NAME"
)

var (
	typeFirst  = &contract.EventType{Name: "FIRST", Version: 1}
	typeSecond = &contract.EventType{Name: "SECOND", Version: 1}
)

// runRole is the main function of a process that a test has started. It ends when it is killed.
func runRole(role string) int {
	b, err := sqlite.Open(os.Getenv(fileVariable), sqlite.WithLogger(nil))
	if err == nil {
		switch role {
		case "work":
			err = work(b)
		case "publish":
			err = publishAndWrite(b, os.Getenv(nameVariable))
		case "delay":
			err = publishLater(b)
		case "count":
			err = countInState(b)
		}
	}
	fmt.Fprintln(os.Stderr, role, err)
	return 1
}

// organOf returns a subscription whose leases run out soon after its process was killed.
func organOf(name string, event *contract.EventType) contract.Subscription {
	return contract.Subscription{Organ: name, Path: "example.com/" + name, Events: []*contract.EventType{event}, Lease: 2 * time.Second}
}

// work turns each FIRST into a SECOND with the same payload.
func work(b *sqlite.Backend) error {
	ctx := context.Background()
	cs, err := b.Subscribe(ctx, []contract.Subscription{organOf("first", typeFirst)})
	if err != nil {
		return err
	}
	for {
		var ds []contract.Delivery
		err := whileUnavailable(func() (err error) { ds, err = cs[0].Fetch(ctx, 16); return err })
		if err != nil {
			return err
		}
		var outcomes []contract.Outcome
		for i := range ds {
			emit := contract.Message{ID: contract.DeriveID(ds[i].ID, contract.ID{}, 1), Type: typeSecond, Payload: ds[i].Payload, Nanos: ds[i].Nanos}
			outcomes = append(outcomes, contract.Outcome{Delivery: &ds[i], Emit: []contract.Message{emit}})
		}
		if err := whileUnavailable(func() error { _, err := cs[0].Settle(ctx, outcomes); return err }); err != nil {
			return err
		}
	}
}

// whileUnavailable repeats a call as a spine does: another process that is stopped may hold the lock of the file.
func whileUnavailable(call func() error) error {
	for {
		if err := call(); !errors.Is(err, contract.ErrBackendUnavailable) {
			return err
		}
	}
}

// publishAndWrite publishes one event after the other, and writes the name of each on its standard output when Publish has
// returned.
func publishAndWrite(b *sqlite.Backend, name string) error {
	for n := 0; ; n++ {
		event := fmt.Sprintf("%s-%d", name, n)
		m := contract.Message{ID: contract.IDOf(event), Type: typeFirst, Payload: []byte(event), Nanos: time.Now().UnixNano()}
		if err := whileUnavailable(func() error { return publishAll(context.Background(), b, []contract.Message{m}) }); err != nil {
			return err
		}
		if _, err := fmt.Println(event); err != nil {
			return err
		}
	}
}

// house is a file with the processes that work on it.
type house struct {
	*testing.T
	path string
	b    *sqlite.Backend // of this process
}

// openHouse opens a file in which the organs first and sink are bound, of which the sink only collects.
func openHouse(t *testing.T) *house {
	h := &house{T: t, path: filepath.Join(t.TempDir(), "shop.db")}
	b, err := sqlite.Open(h.path, sqlite.WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	h.b = b
	cs, err := b.Subscribe(t.Context(), []contract.Subscription{organOf("first", typeFirst), organOf("sink", typeSecond)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cs {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// start starts a process, whose standard output goes to a file.
func (h *house) start(role, name string, out *os.File) *exec.Cmd {
	h.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role, fileVariable+"="+h.path, nameVariable+"="+name)
	cmd.Stderr = os.Stderr
	if out != nil {
		cmd.Stdout = out
	}
	if err := cmd.Start(); err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { kill(cmd) })
	return cmd
}

// kill ends a process at once, as kill -9 does.
func kill(cmd *exec.Cmd) {
	cmd.Process.Kill()
	cmd.Wait()
}

// stored returns how many deliveries of an organ are not done.
func (h *house) stored(organ string) int {
	h.Helper()
	health := h.b.Health(h.Context())
	if health.Err != nil {
		h.Fatal(health.Err)
	}
	for _, o := range health.Organs {
		if o.Organ == organ {
			return o.Ready + o.Leased + o.Scheduled
		}
	}
	h.Fatalf("no organ %s", organ)
	return 0
}

// until polls for a condition.
func (h *house) until(what string, cond func() bool) {
	h.Helper()
	for deadline := time.Now().Add(3 * time.Minute); !cond(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			h.Fatalf("never came true: %s", what)
		}
	}
}

// collected returns how often each event came to the sink.
func (h *house) collected() map[string]int {
	h.Helper()
	sink := organOf("sink", typeSecond)
	sink.Lease = time.Hour
	cs, err := h.b.Subscribe(h.Context(), []contract.Subscription{sink})
	if err != nil {
		h.Fatal(err)
	}
	seen := map[string]int{}
	for h.stored("sink") > 0 {
		ds, err := cs[0].Fetch(h.Context(), 1000)
		if err != nil {
			h.Fatal(err)
		}
		var outcomes []contract.Outcome
		for i := range ds {
			seen[string(ds[i].Payload)]++
			outcomes = append(outcomes, contract.Outcome{Delivery: &ds[i]})
		}
		if _, err := cs[0].Settle(h.Context(), outcomes); err != nil {
			h.Fatal(err)
		}
	}
	return seen
}

// TestKilledProcessesLoseNothing kills publishers and workers again and again at work. Every event whose Publish had returned
// comes out once, and none twice.
func TestKilledProcessesLoseNothing(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	log, err := os.Create(filepath.Join(t.TempDir(), "published"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for round := range 6 {
		before := h.stored("sink")
		publisher := h.start("publish", fmt.Sprint(round), log)
		workers := []*exec.Cmd{h.start("work", "", nil), h.start("work", "", nil)}
		h.until("events come through", func() bool { return h.stored("sink") >= before+100 })
		for _, cmd := range append(workers, publisher) {
			kill(cmd)
		}
	}
	h.start("work", "", nil)
	h.until("everything is handled", func() bool { return h.stored("first") == 0 })
	seen := h.collected()
	for event, times := range seen {
		if times != 1 {
			t.Errorf("event %s came out %d times", event, times)
		}
	}
	written, err := os.ReadFile(log.Name())
	if err != nil {
		t.Fatal(err)
	}
	published := 0
	for lines := bufio.NewScanner(strings.NewReader(string(written))); lines.Scan(); published++ {
		if seen[lines.Text()] == 0 {
			t.Errorf("event %s was published, and is lost", lines.Text())
		}
	}
	if published < 100 {
		t.Errorf("%d events were published, which proves little", published)
	}
	t.Logf("%d events published, %d came out", published, len(seen))
}

// publishAll is Publish where no message is a duplicate that counts.
func publishAll(ctx context.Context, b contract.Backend, msgs []contract.Message) error {
	_, err := b.Publish(ctx, msgs, contract.PublishOptions{})
	return err
}

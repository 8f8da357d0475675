//go:build unix

package sqlite_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// TestStoppedProcessHoldsUpNoOther stops one of two workers, as a debugger or a frozen container does: the other goes on and takes
// over what the stopped one held. When it is continued its late settle changes nothing.
func TestStoppedProcessHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	const events = 2000
	var msgs []contract.Message
	for n := range events {
		msgs = append(msgs, contract.Message{ID: contract.NewID(), Type: typeFirst, Payload: fmt.Append(nil, n), Nanos: time.Now().UnixNano()})
	}
	stopped, other := h.start("work", "", nil), h.start("work", "", nil)
	h.until("both work", func() bool {
		for _, o := range h.b.Health(t.Context()).Organs {
			if o.Organ == "first" {
				return o.Consumers == 2
			}
		}
		return false
	})
	if _, err := h.b.Publish(t.Context(), msgs, contract.PublishOptions{}); err != nil {
		t.Fatal(err)
	}
	h.until("they have begun", func() bool { return h.stored("sink") > 0 })
	// A process that is stopped in the middle of a transaction has the lock of the file: nothing can go on then.
	for goesOn := false; !goesOn; {
		stopProcess(t, stopped.Process.Pid)
		m := contract.Message{ID: contract.NewID(), Type: &contract.EventType{Name: "PROBE", Version: 1, Output: true}, Nanos: 1}
		if goesOn = publishAll(t.Context(), h.b, []contract.Message{m}) == nil; !goesOn {
			stopped.Process.Signal(syscall.SIGCONT)
		}
	}
	h.until("the other one handles everything", func() bool { return h.stored("first") == 0 })
	if err := stopped.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	h.until("everything stays handled", func() bool { return h.stored("sink") == events })
	kill(stopped)
	kill(other)
	seen := h.collected()
	for n := range events {
		if times := seen[fmt.Sprint(n)]; times != 1 {
			t.Errorf("event %d came out %d times", n, times)
		}
	}
}

// stopProcess stops a child, and returns when all of its threads stand: until one of them has taken the signal the others
// go on, and may lock the file.
func stopProcess(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for {
		var status syscall.WaitStatus
		_, err := syscall.Wait4(pid, &status, syscall.WUNTRACED, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			t.Fatal(err)
		case status.Stopped():
			return
		default:
			t.Fatalf("the process ended in place of being stopped: %v", status)
		}
	}
}

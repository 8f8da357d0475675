package necroctl_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/necrostack/necrogen/necroctl"
)

// TestTail publishes events of two keys until one that is tailed was shown.
func TestTail(t *testing.T) {
	b, err := redisstream.Open(redistest.Start(t).URL(), redisstream.WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var out bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ctl := necroctl.Command{Backend: b, Stdout: &out}
		ended <- ctl.Run(t.Context(), []string{"tail", "-limit", "1", "-type", "A", "-for", "k", "-o", "json"})
	}()
	for {
		for _, args := range [][]string{{"A", "-key", "other"}, {"B", "-key", "k"}, {"A", "-key", "k"}} {
			ctl := necroctl.Command{Backend: b, Stdout: &bytes.Buffer{}}
			if code := ctl.Run(t.Context(), append(append([]string{"publish", "-park"}, args...), `{"n": 1}`)); code != 0 {
				t.Fatal("publish: exit code", code)
			}
		}
		select {
		case code := <-ended:
			if line := out.String(); code != 0 || !strings.Contains(line, `"type":"A"`) || !strings.Contains(line, `"key":"k"`) ||
				!strings.Contains(line, `"data":{"n":1}`) || strings.Count(line, "\n") != 1 {
				t.Errorf("exit code %d, %s", code, line)
			}
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
}

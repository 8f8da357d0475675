package necroctl_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/necrostack/necrogen/necroctl"
)

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// TestOutputIsNotWritten wants no verb to be done whose output nobody gets.
func TestOutputIsNotWritten(t *testing.T) {
	server := redistest.Start(t)
	id := deadLetter(t, server.URL())
	for _, args := range []string{"help", "help tail", "version", "completion bash", "organs", "events -o json", "doctor", "dead ls", "dead show " + id} {
		t.Setenv("NECRO_REDIS_URL", server.URL())
		t.Setenv("NECRO_REDIS_NAMESPACE", "shop")
		var stderr bytes.Buffer
		ctl := necroctl.Command{Stdout: full{}, Stderr: &stderr}
		if code := ctl.Run(t.Context(), strings.Fields(args)); code != necroctl.ExitError || stderr.String() != "necroctl: no space left\n" {
			t.Errorf("%s: exit code %d, %q", args, code, &stderr)
		}
	}
}

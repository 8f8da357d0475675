package necroctl_test

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/necrostack/necrogen/necroctl"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestACL runs the verbs as the users that docs/redis.md describes: one who operates, and one who
// only looks, and is refused whatever changes something.
func TestACL(t *testing.T) {
	server := redistest.Start(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	for _, user := range []string{"shop", "look"} {
		rule := aclRule(t, user)
		if user == "shop" {
			rule = append(rule, "+xread")
		}
		if err := client.Do(t.Context(), rule...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	id := deadLetter(t, server.URL())
	event := "0fac0ede-da1b-a235-468f-39963a8c83a7"
	changes := [][]string{
		{"publish", "-park", "-id", event, "UNHEARD", "{}"}, {"pause", "billing"}, {"resume", "billing"}, {"dead", "redrive", "-yes", id},
		{"dead", "discard", "-yes", "-all"}, {"remove-organ", "-yes", "billing"},
	}
	look := user{t, "look", server.Addr()}
	for _, args := range changes {
		look.wants(necroctl.ExitError, "the user may not do this: docs/redis.md lists the commands", args...)
	}
	operate := user{t, "shop", server.Addr()}
	operate.wants(0, event, changes[0]...)
	for _, u := range []user{look, operate} {
		u.wants(0, "abandoned", "organs")
		u.wants(0, "PLACED", "events")
		u.wants(0, "parked", "chain", event)
		u.wants(0, `"event": "PLACED"`, "snapshot")
		u.wants(0, "permanent", "dead", "ls")
		u.wants(0, "no use", "dead", "show", id)
		u.wants(0, "DUE", "scheduled", "ls")
		u.wants(0, "EVERY", "schedules")
		u.wants(necroctl.ExitWrong, "nobody consumes", "doctor")
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			u.wants(0, "SEEN", "tail", "-limit", "1", "-type", "SEEN")
		}()
		for open := true; open; {
			operate.wants(0, "-", "publish", "-park", "SEEN", "{}")
			select {
			case <-ended:
				open = false
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
	for _, args := range changes[1:] {
		operate.wants(0, "", args...)
	}
}

// aclRule returns the words of a command of docs/redis.md.
func aclRule(t *testing.T, user string) (words []any) {
	t.Helper()
	page, err := os.ReadFile("../docs/redis.md")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile("(?m)^ACL SETUSER " + user + " .*$").FindString(string(page))
	if line == "" {
		t.Fatal("docs/redis.md has no ACL rule of user", user)
	}
	for _, word := range strings.Fields(line) {
		words = append(words, word)
	}
	return words
}

// deadLetter leaves an organ behind whose one event is a dead letter, and another that waits.
func deadLetter(t *testing.T, url string) (id string) {
	t.Helper()
	b, err := redisstream.Open(url, redisstream.WithNamespace("shop"), redisstream.WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	placed := &contract.EventType{Name: "PLACED", Version: 1}
	cs, err := b.Subscribe(t.Context(), []contract.Subscription{
		{Organ: "billing", Path: "example.com/shop", Events: []*contract.EventType{placed}, Lease: time.Minute, DeadLimit: 10, DeadBytes: 1 << 20, Pack: 1, Order: contract.OrderStrict},
	})
	if err != nil {
		t.Fatal(err)
	}
	var ms []contract.Message
	for range 2 {
		id := contract.NewID()
		ms = append(ms, contract.Message{ID: id, Correlation: id, Type: placed, Payload: []byte{0x80}, Nanos: time.Now().UnixNano()})
	}
	if _, err := b.Publish(t.Context(), ms, contract.PublishOptions{}); err != nil {
		t.Fatal(err)
	}
	ds, err := cs[0].Fetch(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	id = contract.DeliveryID(ds[0].ID, "billing").String()
	death := &contract.Death{Reason: contract.ReasonPermanent, Error: "no use"}
	if _, err := cs[0].Settle(t.Context(), []contract.Outcome{{Delivery: &ds[0], Kind: contract.OutcomeDead, Death: death}}); err != nil {
		t.Fatal(err)
	}
	return id
}

// user runs verbs as somebody.
type user struct {
	*testing.T
	name, addr string
}

// wants wants an exit code, and a text that is shown.
func (u user) wants(code int, text string, args ...string) {
	var out bytes.Buffer
	ctl := necroctl.Command{Stdout: &out, Stderr: &out}
	got := ctl.Run(u.Context(), append(args, "-namespace", "shop", "-redis", "redis://"+u.name+":secret@"+u.addr))
	if got != code || !strings.Contains(out.String(), text) {
		u.Errorf("%s: %v: exit code %d, want %d and %q:\n%s", u.name, args, got, code, text, &out)
	}
}

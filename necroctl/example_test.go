package necroctl_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/necrostack/necrogen/necroctl"
)

// A payload is shown as JSON by who knows nothing of its type.
func ExampleToJSON() {
	payload, err := msgpack.Marshal([]any{int8(-3), uint16(700), 2.0, "naïve", []byte{1, 2}, nil, true, map[int]string{1: "a"}})
	if err != nil {
		panic(err)
	}
	text, err := necroctl.ToJSON(payload)
	fmt.Println(string(text), err)
	_, err = necroctl.ToJSON(payload[:3])
	fmt.Println(err != nil)
	// Output:
	// [-3,700,2.0,"naïve",{"$bytes":"AQI="},null,true,{"1":"a"}] <nil>
	// true
}

// A program whose events are in memory mounts the command: nothing else can look into it.
func ExampleCommand() {
	backend := memory.New()
	ctl := necroctl.Command{Name: "shop admin", Backend: backend, Stdin: strings.NewReader(`{"parcel": "parcel-1"}`), Stdout: io.Discard, Stderr: os.Stdout}
	ctl.Run(context.Background(), []string{"publish", "-park", "PARCEL_SENT"}) // prints the id
	ctl.Stdout = os.Stdout
	code := ctl.Run(context.Background(), []string{"events"})
	fmt.Println(code)
	// Output:
	// EVENT        WAITING  SCHEDULED  DEAD  PARKED  DROPPED  ORGANS
	// PARCEL_SENT  0        0          0     1       0
	// 0
}

// TestMounted runs a verb as a part of a program, on the program's backend.
func TestMounted(t *testing.T) {
	b, err := redisstream.Open(redistest.Start(t).URL(), redisstream.WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	ctl := necroctl.Command{Name: "shop admin", Backend: b, Stdout: os.Stderr}
	for want, args := range map[int][]string{
		necroctl.ExitDone: {"organs"}, necroctl.ExitError: {"organs", "-redis", "redis://elsewhere"},
	} {
		if got := ctl.Run(context.Background(), args); got != want {
			t.Errorf("%v: exit code %d, want %d", args, got, want)
		}
	}
	if h := b.Health(t.Context()); h.Err != nil {
		t.Error("the program's backend was closed:", h.Err)
	}
}

// JSON that an operator writes, or that ToJSON wrote, becomes an event's payload.
func ExampleFromJSON() {
	payload, err := necroctl.FromJSON([]byte(`{"id": "order-7", "amount": 99.5, "lines": [1, -2, 18446744073709551615], "raw": {"$bytes": "AQI="}, "$bytes": 1}`))
	if err != nil {
		panic(err)
	}
	text, err := necroctl.ToJSON(payload)
	fmt.Println(string(text), err)
	_, err = necroctl.FromJSON([]byte(`{"raw": {"$bytes": "?"}}`))
	fmt.Println(err)
	// Output:
	// {"id":"order-7","amount":99.5,"lines":[1,-2,18446744073709551615],"raw":{"$bytes":"AQI="},"$bytes":1} <nil>
	// raw: $bytes: illegal base64 data at input byte 0
}

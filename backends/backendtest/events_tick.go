package backendtest

import (
	"fmt"

	"github.com/necrostack/necrogen/runtime/contract"
)

// tickEvent is an event that is published by itself. Each test has types of its own.
type tickEvent struct{ of *contract.EventType }

// tickType returns the type of an event with a schedule.
func tickType(name string, every contract.Schedule, aliases ...string) *contract.EventType {
	t := &contract.EventType{Name: name, Version: 1, Aliases: aliases, Every: &every}
	t.New = func() contract.Event { return &tickEvent{t} }
	t.Is = func(e contract.Event) bool { p, ok := e.(*tickEvent); return ok && p != nil && p.of == t }
	return t
}

func (e *tickEvent) NecroEvent() *contract.EventType { return e.of }

func (e *tickEvent) Validate() error { return nil }

func (e *tickEvent) AppendMsgpack(b []byte) ([]byte, error) { return append(b, 0x80), nil }

func (e *tickEvent) ReadMsgpack(b []byte) (rest []byte, err error) {
	if len(b) == 0 || b[0] != 0x80 {
		return nil, fmt.Errorf("%s: not a tick", e.of.Name)
	}
	return b[1:], nil
}

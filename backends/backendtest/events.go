package backendtest

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/necrostack/necrogen/runtime/contract"
)

// item is every event type of the suite: a number to know it by, a key and a text. It is
// written by hand, so that the suite stands on the runtime alone.
type item[K kind] struct {
	N    int64
	Key  string
	Text string
}

// kind makes a type of its own out of item.
type kind interface{ event() *contract.EventType }

type (
	kindA      struct{}
	kindB      struct{}
	kindC      struct{}
	kindD      struct{}
	kindOld    struct{} // version 1 of kindNew
	kindNew    struct{}
	kindOut    struct{} // meant for the outside
	kindNow    struct{} // renamed: it was formerName
	kindFormer struct{} // kindNow before that

	eventA      = item[kindA]
	eventB      = item[kindB]
	eventC      = item[kindC]
	eventD      = item[kindD]
	eventOld    = item[kindOld]
	eventNew    = item[kindNew]
	eventOut    = item[kindOut]
	eventNow    = item[kindNow]
	eventFormer = item[kindFormer]
)

var (
	typeA      = newType[kindA]("SUITE_A")
	typeB      = newType[kindB]("SUITE_B")
	typeC      = newType[kindC]("SUITE_C")
	typeD      = newType[kindD]("SUITE_D")
	typeNow    = renamedType(newType[kindNow]("SUITE_RENAMED"))
	typeFormer = newType[kindFormer](formerName)
	typeOut    = outputType(newType[kindOut]("SUITE_OUT"))
	typeOld    = newType[kindOld]("SUITE_GROWN")
	typeNew    = grownType(newType[kindNew]("SUITE_GROWN"))
)

func (kindA) event() *contract.EventType      { return typeA }
func (kindB) event() *contract.EventType      { return typeB }
func (kindC) event() *contract.EventType      { return typeC }
func (kindD) event() *contract.EventType      { return typeD }
func (kindOld) event() *contract.EventType    { return typeOld }
func (kindNew) event() *contract.EventType    { return typeNew }
func (kindOut) event() *contract.EventType    { return typeOut }
func (kindNow) event() *contract.EventType    { return typeNow }
func (kindFormer) event() *contract.EventType { return typeFormer }

func newType[K kind](name string) *contract.EventType {
	return &contract.EventType{
		Name:    name,
		Version: 1,
		New:     func() contract.Event { return &item[K]{} },
		Is:      func(e contract.Event) bool { p, ok := e.(*item[K]); return ok && p != nil },
		Key:     func(e contract.Event) string { return e.(*item[K]).Key },
	}
}

const formerName = "SUITE_FORMER"

func renamedType(t *contract.EventType) *contract.EventType {
	t.Aliases = []string{formerName}
	return t
}

// formerEvent returns a renamed event in bytes, as an older program published it.
func formerEvent(e *env, n int64) contract.Message {
	e.Helper()
	msg := message(&eventNow{N: n})
	payload, err := msg.Encoded()
	e.ok(err, "encode")
	msg.Type, msg.Event, msg.Payload = &contract.EventType{Name: formerName, Version: 1}, nil, payload
	return msg
}

func outputType(t *contract.EventType) *contract.EventType {
	t.Output = true
	return t
}

// grownType is version 2 of typeOld: an upcast adds 1000 to the number.
func grownType(t *contract.EventType) *contract.EventType {
	t.Version, t.Previous = 2, typeOld
	typeOld.Upcast = func(e contract.Event) (contract.Event, error) {
		old := e.(*eventOld)
		return &eventNew{N: old.N + 1000, Key: old.Key, Text: old.Text}, nil
	}
	return t
}

// invalid is a number that breaks the rule which all items share.
const invalid = -1

// unencodable is a text that no item can be encoded with.
const unencodable = "\xff unencodable"

func (*item[K]) NecroEvent() *contract.EventType {
	var k K
	return k.event()
}

func (i *item[K]) Validate() error {
	if i.N != invalid {
		return nil
	}
	return &contract.ValidationError{
		Event:      i.NecroEvent().Name,
		Violations: []contract.Violation{{Path: "n", Rule: "gte", Param: "0", Message: "must be at least 0"}},
	}
}

// AppendMsgpack writes an array of the three fields, each in its longest form.
func (i *item[K]) AppendMsgpack(b []byte) ([]byte, error) {
	if i.Text == unencodable {
		return b, errors.New("text cannot be encoded")
	}
	b = append(b, 0x93, 0xd3)
	b = binary.BigEndian.AppendUint64(b, uint64(i.N))
	return appendText(appendText(b, i.Key), i.Text), nil
}

func (i *item[K]) ReadMsgpack(b []byte) (rest []byte, err error) {
	if len(b) < 10 || b[0] != 0x93 || b[1] != 0xd3 {
		return nil, fmt.Errorf("%s: not an item", i.NecroEvent().Name)
	}
	i.N = int64(binary.BigEndian.Uint64(b[2:]))
	if i.Key, b, err = readText(b[10:]); err != nil {
		return nil, err
	}
	i.Text, b, err = readText(b)
	return b, err
}

func appendText(b []byte, s string) []byte {
	b = binary.BigEndian.AppendUint32(append(b, 0xdb), uint32(len(s)))
	return append(b, s...)
}

func readText(b []byte) (string, []byte, error) {
	if len(b) < 5 || b[0] != 0xdb {
		return "", nil, errors.New("item: not a text")
	}
	n := binary.BigEndian.Uint32(b[1:])
	if uint64(len(b)-5) < uint64(n) {
		return "", nil, errors.New("item: text is cut off")
	}
	return string(b[5 : 5+n]), b[5+n:], nil
}

// numbered is what all items have.
type numbered interface{ number() int64 }

func (i *item[K]) number() int64 { return i.N }

// numberOf returns the number of the event in a message, typed or encoded.
func numberOf(m *contract.Message) int64 {
	if e, ok := m.Event.(numbered); ok {
		return e.number()
	}
	var a eventA // all items are encoded alike
	if _, err := a.ReadMsgpack(m.Payload); err != nil {
		return invalid
	}
	return a.N
}

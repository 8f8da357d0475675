package main

import (
	"github.com/vmihailenco/msgpack/v5"

	"github.com/necrostack/necrogen/bench/msgporder"
	"github.com/necrostack/necrogen/bench/order"
)

// codecContests: an order of eleven fields to bytes and back.
func codecContests() []contest {
	plain, labelled := order.Sample(), order.SampleLabelled()
	peerPlain, peerLabelled := msgporder.Sample(), msgporder.SampleLabelled()
	return []contest{
		{
			name:  "encode/plain",
			title: "encode an order of 11 fields without a map",
			ours:  contestant{"necro AppendMsgpack", encode(plain.AppendMsgpack)},
			peers: []peer{
				{contestant{"tinylib/msgp MarshalMsg", encode(peerPlain.MarshalMsg)}, share(0.7)},
				{contestant{"vmihailenco/msgpack Marshal", encode(marshal(&plain))}, share(0)},
			},
		}, {
			name:  "encode/map",
			title: "encode an order of 11 fields with a map of 4 entries (ours writes them sorted, msgp does not)",
			ours:  contestant{"necro AppendMsgpack", encode(labelled.AppendMsgpack)},
			peers: []peer{
				{contestant{"tinylib/msgp MarshalMsg", encode(peerLabelled.MarshalMsg)}, share(0.9)},
				{contestant{"vmihailenco/msgpack Marshal", encode(marshal(&labelled))}, share(0)},
			},
		}, {
			name:  "decode/plain",
			title: "decode an order of 11 fields without a map",
			ours:  contestant{"necro ReadMsgpack", decode(plain.AppendMsgpack, (*order.Placed).ReadMsgpack)},
			peers: []peer{
				{contestant{"tinylib/msgp UnmarshalMsg", decode(peerPlain.MarshalMsg, (*msgporder.Placed).UnmarshalMsg)}, share(0.7)},
				{contestant{"vmihailenco/msgpack Unmarshal", decode(marshal(&plain), unmarshal[order.Placed])}, share(0)},
			},
		}, {
			name:  "decode/map",
			title: "decode an order of 11 fields with a map of 4 entries",
			ours:  contestant{"necro ReadMsgpack", decode(labelled.AppendMsgpack, (*order.Labelled).ReadMsgpack)},
			peers: []peer{
				{contestant{"tinylib/msgp UnmarshalMsg", decode(peerLabelled.MarshalMsg, (*msgporder.Labelled).UnmarshalMsg)}, share(0.9)},
				{contestant{"vmihailenco/msgpack Unmarshal", decode(marshal(&labelled), unmarshal[order.Labelled])}, share(0)},
			},
		},
	}
}

// appender is how contestants encode: into a buffer that is used again.
type appender func(b []byte) ([]byte, error)

// encode opens a contestant that encodes the same event again and again.
func encode(into appender) func() work {
	return func() work {
		buf := make([]byte, 0, 1024)
		return work{run: func(n int) {
			for range n {
				_, err := into(buf)
				check(err)
			}
		}, leave: func() {}}
	}
}

// decode opens a contestant that decodes the same bytes into a new event each time.
func decode[E any](into appender, read func(*E, []byte) ([]byte, error)) func() work {
	return func() work {
		payload, err := into(nil)
		check(err)
		var e *E // out here, so that events are made on the heap, as in a program
		return work{run: func(n int) {
			for range n {
				e = new(E)
				_, err := read(e, payload)
				check(err)
			}
		}, leave: func() {}}
	}
}

// marshal encodes as vmihailenco/msgpack does, which always makes a new buffer.
func marshal(e any) appender {
	return func([]byte) ([]byte, error) { return msgpack.Marshal(e) }
}

func unmarshal[E any](e *E, b []byte) ([]byte, error) { return nil, msgpack.Unmarshal(b, e) }

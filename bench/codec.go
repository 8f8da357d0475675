package main

import (
	"encoding/json"

	gojson "github.com/goccy/go-json"
	"github.com/tinylib/msgp/msgp"
	"github.com/vmihailenco/msgpack/v5"
	"google.golang.org/protobuf/proto"

	"github.com/necrostack/necrogen/bench/msgporder"
	"github.com/necrostack/necrogen/bench/order"
	"github.com/necrostack/necrogen/bench/pborder"
	necro "github.com/necrostack/necrogen/runtime"
)

// codecContests: orders of several shapes to bytes and back.
func codecContests() []contest {
	plain, labelled, paid, shipped := order.Sample(), order.SampleLabelled(), order.SamplePaid(), order.SampleShipped()
	msgpPlain, msgpLabelled := msgporder.Sample(), msgporder.SampleLabelled()
	msgpPaid, msgpShipped := msgporder.SamplePaid(), msgporder.SampleShipped()

	var encode, decode []contest
	add := func(e, d contest) { encode, decode = append(encode, e), append(decode, d) }
	add(eventContests("plain", "an order of 11 fields without a map", share(0.7), &plain, &msgpPlain, pborder.Sample()))
	add(eventContests("map", "an order of 11 fields with a map of 4 entries (ours is written sorted, the others' not)",
		share(0.9), &labelled, &msgpLabelled, pborder.SampleLabelled()))
	add(eventContests("flat", "a flat event of 5 fields", share(0.7), &paid, &msgpPaid, pborder.SamplePaid()))
	add(eventContests("nested", "a nested event of 8 parcels, 48 lines and 40 scans", share(0.7), &shipped, &msgpShipped, pborder.SampleShipped()))
	return append(encode, decode...)
}

// eventContests returns the contests of one event, as ours has it, as msgp and as Protocol Buffers do.
// The goal is that against msgp.
func eventContests[E, M, P any,
	Ours interface {
		*E
		necro.Event
	}, Msgp interface {
		*M
		msgp.Marshaler
		msgp.Unmarshaler
	}, Proto interface {
		*P
		proto.Message
	},
](name, what string, goal goal, e Ours, m Msgp, p Proto) (encoded, decoded contest) {
	vmihailenco := func([]byte) ([]byte, error) { return msgpack.Marshal(e) }
	protobuf := func(b []byte) ([]byte, error) { return proto.MarshalOptions{}.MarshalAppend(b[:0], p) }
	standard := func([]byte) ([]byte, error) { return json.Marshal(e) }
	goccy := func([]byte) ([]byte, error) { return gojson.Marshal(e) }
	encoded = contest{
		name:  "encode/" + name,
		title: "encode " + what,
		ours:  contestant{"necro AppendMsgpack", encodeWork(e.AppendMsgpack)},
		peers: []peer{
			{contestant{"tinylib/msgp MarshalMsg", encodeWork(m.MarshalMsg)}, goal},
			{contestant{"vmihailenco/msgpack Marshal", encodeWork(vmihailenco)}, share(0)},
			{contestant{"protobuf MarshalAppend", encodeWork(protobuf)}, share(0)},
			{contestant{"goccy/go-json Marshal", encodeWork(goccy)}, share(0)},
			{contestant{"encoding/json Marshal", encodeWork(standard)}, share(0)},
		},
	}
	decoded = contest{
		name:  "decode/" + name,
		title: "decode " + what,
		ours:  contestant{"necro ReadMsgpack", decodeWork(e.AppendMsgpack, func(e *E, b []byte) error { _, err := Ours(e).ReadMsgpack(b); return err })},
		peers: []peer{
			{contestant{"tinylib/msgp UnmarshalMsg", decodeWork(m.MarshalMsg, func(m *M, b []byte) error { _, err := Msgp(m).UnmarshalMsg(b); return err })}, goal},
			{contestant{"vmihailenco/msgpack Unmarshal", decodeWork(vmihailenco, func(e *E, b []byte) error { return msgpack.Unmarshal(b, e) })}, share(0)},
			{contestant{"protobuf Unmarshal", decodeWork(protobuf, func(p *P, b []byte) error { return proto.Unmarshal(b, Proto(p)) })}, share(0)},
			{contestant{"goccy/go-json Unmarshal", decodeWork(goccy, func(e *E, b []byte) error { return gojson.Unmarshal(b, e) })}, share(0)},
			{contestant{"encoding/json Unmarshal", decodeWork(standard, func(e *E, b []byte) error { return json.Unmarshal(b, e) })}, share(0)},
		},
	}
	return encoded, decoded
}

// encodeWork opens a contestant that encodes the same event again and again, into a buffer that is
// used again by those who take one.
func encodeWork(into func(b []byte) ([]byte, error)) func() work {
	return func() work {
		buf := make([]byte, 0, 16<<10)
		return work{run: func(n int) {
			for range n {
				_, err := into(buf)
				checkError(err)
			}
		}, leave: func() {}}
	}
}

// decodeWork opens a contestant that decodes the same bytes into a new event each time.
func decodeWork[E any](into func(b []byte) ([]byte, error), read func(*E, []byte) error) func() work {
	return func() work {
		payload, err := into(nil)
		checkError(err)
		var e *E // out here, so that events are made on the heap, as in a program
		return work{run: func(n int) {
			for range n {
				e = new(E)
				checkError(read(e, payload))
			}
		}, leave: func() {}}
	}
}

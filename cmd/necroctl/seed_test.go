package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/necrostack/necrogen/backends/all"
	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/runtime/contract"
)

// The events and organs of the shop. Nothing is generated for them: to necroctl they are names.
var (
	placed = &contract.EventType{Name: "ORDER_PLACED", Version: 1}
	taken  = &contract.EventType{Name: "PAYMENT_TAKEN", Version: 2}
	organs = []contract.Subscription{
		{Organ: "shop.Billing", Events: []*contract.EventType{placed}},
		{Organ: "shop.Mail", Events: []*contract.EventType{taken}},
	}
)

// seed leaves a shop behind: four orders of which the first was paid, two became dead letters,
// and one waits; the payment waits for an organ that nobody runs; and an event is parked.
func seed(ts *testscript.TestScript, neg bool, args []string) {
	b := openShop(ts, args...)
	defer b.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	billing := subscribe(ctx, ts, b)[0]
	var orders []contract.Message
	for i := range 4 {
		orders = append(orders, message(ts, placed, fmt.Sprint("order-", i+1), map[string]any{"order_id": fmt.Sprint("order-", i+1), "amount": 99.5, "lines": []int{i}}))
	}
	publish := func(msgs ...contract.Message) {
		_, err := b.Publish(ctx, msgs, contract.PublishOptions{})
		ts.Check(err)
	}
	publish(orders...)
	publish(message(ts, &contract.EventType{Name: "UNHEARD", Version: 1}, "", map[string]any{"n": 1}))
	var ds []contract.Delivery
	for len(ds) < 3 {
		more, err := billing.Fetch(ctx, 3-len(ds))
		ts.Check(err)
		ds = append(ds, more...)
	}
	paid := message(ts, taken, "order-1", map[string]any{"order_id": "order-1"})
	paid.Correlation, paid.Causation, paid.Hops = orders[0].ID, orders[0].ID, 1
	_, err := billing.Settle(ctx, []contract.Outcome{
		{Delivery: &ds[0], Kind: contract.OutcomeAck, Emit: []contract.Message{paid}},
		{Delivery: &ds[1], Kind: contract.OutcomeDead, Death: &contract.Death{Reason: contract.ReasonPermanent, Error: "card expired"}},
		{Delivery: &ds[2], Kind: contract.OutcomeDead, Death: &contract.Death{Reason: contract.ReasonExhausted, Error: "panic: \x1b[31mnil map", Stack: "goroutine 7 [running]:"}},
	})
	ts.Check(err)
	ts.Setenv("EVENT_PAYMENT", paid.ID.String())
	for i, name := range []string{"PAID", "EXPIRED", "PANICKED", "WAITING"} {
		ts.Setenv(name, contract.DeliveryID(orders[i].ID, "shop.Billing").String())
		ts.Setenv("EVENT_"+name, orders[i].ID.String())
	}
}

// consume handles what waits for an organ: "consume shop.Billing 2".
func consume(ts *testscript.TestScript, neg bool, args []string) {
	b := openShop(ts)
	defer b.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	for i, c := range subscribe(ctx, ts, b) {
		for done := 0; organs[i].Organ == args[0] && fmt.Sprint(done) != args[1]; {
			ds, err := c.Fetch(ctx, 1)
			ts.Check(err)
			for i := range ds {
				_, err = c.Settle(ctx, []contract.Outcome{{Delivery: &ds[i]}})
				ts.Check(err)
				done++
			}
		}
	}
}

// remind publishes three events that wait for their time, the last one for the shortest.
func remind(ts *testscript.TestScript, neg bool, args []string) {
	b := openShop(ts)
	defer b.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	for i := range 3 {
		key := fmt.Sprint("order-", i+1)
		m := message(ts, placed, key, map[string]any{"order_id": key})
		m.Due = time.Now().Add(time.Duration(9-i) * time.Hour).UnixNano()
		_, err := b.Publish(ctx, []contract.Message{m}, contract.PublishOptions{})
		ts.Check(err)
		ts.Setenv(fmt.Sprint("LATER", i+1), m.ID.String())
	}
}

// fire lets the backend know two schedules: NIGHTLY has fired now, and FORGOTTEN, which is of every hour, a day ago.
func fire(ts *testscript.TestScript, neg bool, args []string) {
	b, ok := openShop(ts).(contract.TickingBackend)
	if !ok {
		ts.Fatalf("the backend keeps no schedules")
	}
	defer b.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	now := time.Now().Truncate(time.Second)
	for schedule, at := range map[string]time.Time{"NIGHTLY": now, "FORGOTTEN": now.Add(-24 * time.Hour)} {
		every := contract.Schedule{Expression: "30 2 * * *", Zone: "Europe/Berlin"}
		if schedule == "FORGOTTEN" {
			every = contract.Schedule{Expression: "1h"}
		}
		claim := contract.ScheduleClaim{Wants: every.String()}
		_, err := b.Fire(ctx, contract.Firing{Schedule: schedule, Claim: claim, Bound: claim.Wants, UpTo: at.UnixNano()})
		ts.Check(err)
	}
}

// configure sends a command to the server: "redis config set save ”".
func configure(ts *testscript.TestScript, neg bool, args []string) {
	client := redis.NewClient(&redis.Options{Addr: ts.Getenv("ADDR"), ReadTimeout: 2 * time.Minute})
	defer client.Close()
	words := make([]any, len(args))
	for i, arg := range args {
		words[i] = arg
	}
	ts.Check(client.Do(context.Background(), words...).Err())
}

// openShop opens the backend of a script as a program does. With a namespace, on Redis, it has two partitions.
func openShop(ts *testscript.TestScript, namespace ...string) (b contract.Backend) {
	var err error
	url := cmp.Or(ts.Getenv("NECRO_BACKEND_URL"), "redis://"+ts.Getenv("ADDR"))
	if len(namespace) > 0 {
		b, err = redisstream.Open(url, redisstream.WithLogger(nil), redisstream.WithNamespace(namespace[0]), redisstream.WithPartitions(2))
	} else {
		b, err = all.Open(context.Background(), url, all.WithLogger(nil))
	}
	ts.Check(err)
	return b
}

func subscribe(ctx context.Context, ts *testscript.TestScript, b contract.Backend) []contract.Consumer {
	var subs []contract.Subscription
	for _, s := range organs {
		s.Path, s.Lease, s.DeadLimit, s.DeadBytes, s.Pack = "example.com/shop", time.Minute, 1000, 1<<20, 1
		subs = append(subs, s)
	}
	cs, err := b.Subscribe(ctx, subs)
	ts.Check(err)
	return cs
}

// message returns an event with these fields. They are sorted, because scripts compare the text of whole events.
func message(ts *testscript.TestScript, t *contract.EventType, key string, fields map[string]any) contract.Message {
	var payload bytes.Buffer
	encoder := msgpack.NewEncoder(&payload)
	encoder.SetSortMapKeys(true)
	ts.Check(encoder.Encode(fields))
	id := contract.NewID()
	return contract.Message{ID: id, Correlation: id, Type: t, Payload: payload.Bytes(), Key: key, Nanos: time.Now().UnixNano()}
}

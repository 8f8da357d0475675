package redisstream_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// rig is what a test works with: a namespace on a server, and a client to look behind the
// backend.
type rig struct {
	*testing.T
	ctx       context.Context // bounds the whole test
	server    *redistest.Server
	redis     *redis.Client
	namespace string
}

// share returns a rig on the server that tests share which do it no harm.
func share(t *testing.T) *rig {
	t.Helper()
	return newRig(t, redistest.Shared(t))
}

// alone returns a rig on a server of its own.
func alone(t *testing.T, options ...string) *rig {
	t.Helper()
	return newRig(t, redistest.Start(t, options...))
}

// patience is how long a test waits for a condition that must come true. It grows with the -timeout of go test, because
// a loaded machine is given a long one, and a run that expects failures a short one.
func patience(t *testing.T) time.Duration {
	deadline, limited := t.Deadline()
	if !limited {
		return 3 * time.Minute
	}
	return min(3*time.Minute, max(30*time.Second, time.Until(deadline)/4))
}

// soon is much less than the leases of these tests, and much more than a repetition takes.
func (r *rig) soon() time.Duration { return patience(r.T) / 4 }

func newRig(t *testing.T, server *redistest.Server) *rig {
	ctx, cancel := context.WithTimeout(context.Background(), patience(t))
	t.Cleanup(cancel)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	t.Cleanup(func() { client.Close() })
	return &rig{T: t, ctx: ctx, server: server, redis: client, namespace: redistest.Namespace(t)}
}

// open returns a backend as a process of its own would have it.
func (r *rig) open(options ...redisstream.Option) *redisstream.Backend {
	r.Helper()
	return r.openAt(r.server.URL(), options...)
}

func (r *rig) openAt(url string, options ...redisstream.Option) *redisstream.Backend {
	r.Helper()
	b, err := redisstream.Open(url, append(r.usual(), options...)...)
	r.ok(err, "open")
	r.Cleanup(func() { b.Close() })
	return b
}

// usual are the options of every backend.
func (r *rig) usual() []redisstream.Option {
	quiet := redisstream.WithLogger(slog.New(slog.DiscardHandler))
	return []redisstream.Option{redisstream.WithNamespace(r.namespace), quiet}
}

// key is the name of a key of partition 0.
func (r *rig) key(name string) string { return r.keyOf(0, name) }

func (r *rig) keyOf(partition int, name string) string {
	return fmt.Sprintf("necro:{%s:%d}:%s", r.namespace, partition, name)
}

// ok ends the test when err is not nil.
func (r *rig) ok(err error, doing string) {
	r.Helper()
	if err != nil {
		r.Fatalf("%s: %v", doing, err)
	}
}

// quickOnce wants one of many attempts to take no longer than a limit. A machine that is loaded delays some of them, while a
// wait that belongs to the code delays all.
func (r *rig) quickOnce(what string, limit time.Duration, attempt func() time.Duration) {
	r.Helper()
	fastest := time.Hour
	for range 20 {
		if fastest = min(fastest, attempt()); fastest <= limit || r.Failed() {
			return
		}
	}
	r.Errorf("%s: the fastest of 20 attempts took %v, want at most %v", what, fastest, limit)
}

// until polls until what is expected has come true.
func (r *rig) until(what string, cond func() bool) {
	r.Helper()
	for !cond() {
		if r.ctx.Err() != nil {
			r.Fatalf("never came true: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// same compares, and reports both sides.
func same[V comparable](r *rig, what string, got, want V) {
	r.Helper()
	if got != want {
		r.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// do sends a command that must succeed.
func (r *rig) do(args ...any) any {
	r.Helper()
	v, err := r.redis.Do(r.ctx, args...).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		r.Fatalf("%v: %v", args, err)
	}
	return v
}

// len returns how many entries a stream has.
func (r *rig) len(stream string) int {
	r.Helper()
	return int(r.do("XLEN", r.key(stream)).(int64))
}

// message returns an event in an envelope, encoded, as a spine would publish it.
func message(ev contract.Event) contract.Message {
	id, t := contract.NewID(), ev.NecroEvent()
	payload, err := ev.AppendMsgpack(nil)
	if err != nil {
		panic(err) // no event of the tests has an encoding that fails
	}
	return contract.Message{
		ID: id, Correlation: id, Type: t, Event: ev, Payload: payload, Key: t.Key(ev), Nanos: time.Now().UnixNano(),
	}
}

// steps returns count messages, numbered from first on.
func steps(first, count int) []contract.Message {
	msgs := make([]contract.Message, count)
	for i := range msgs {
		msgs[i] = message(&Step{N: first + i})
	}
	return msgs
}

// publish publishes messages together.
func (r *rig) publish(b contract.Backend, msgs ...contract.Message) {
	r.Helper()
	r.ok(publishAll(r.ctx, b, msgs), "publish")
}

// sub returns a subscription whose leases do not run out while a test lasts.
func sub(organ string, events ...contract.Event) contract.Subscription {
	s := contract.Subscription{Organ: organ, Path: "example.com/tests", Lease: 2 * time.Minute, DeadLimit: 1000, DeadBytes: 1 << 20}
	for _, ev := range events {
		s.Events = append(s.Events, ev.NecroEvent())
	}
	return s
}

// consumer is a contract.Consumer whose errors end the test.
type consumer struct {
	contract.Consumer
	r *rig
}

// subscribe binds organs in one step.
func (r *rig) subscribe(b contract.Backend, subs ...contract.Subscription) []*consumer {
	r.Helper()
	list, err := b.Subscribe(r.ctx, subs)
	r.ok(err, "subscribe")
	out := make([]*consumer, len(list))
	for i, c := range list {
		out[i] = &consumer{c, r}
		r.Cleanup(func() { c.Close() })
	}
	return out
}

// bind binds organs that get their events and do nothing with them.
func (r *rig) bind(subs ...contract.Subscription) {
	r.Helper()
	b := r.open()
	r.subscribe(b, subs...)
	r.ok(b.Close(), "close")
}

// fetch is Fetch with a copy of what it hands out, which stays as it is.
func (c *consumer) fetch(ctx context.Context, limit int) ([]*contract.Delivery, error) {
	ds, err := c.Fetch(ctx, limit)
	ds = slices.Clone(ds)
	list := make([]*contract.Delivery, len(ds))
	for i := range ds {
		list[i] = &ds[i]
	}
	return list, err
}

// take fetches until it has n deliveries, which come soon. Like a spine it repeats what fails.
func (c *consumer) take(n int) []*contract.Delivery {
	c.r.Helper()
	ctx, cancel := context.WithTimeout(c.r.ctx, c.r.soon())
	defer cancel()
	var list []*contract.Delivery
	for len(list) < n {
		ds, err := c.fetch(ctx, n-len(list))
		if ctx.Err() != nil && len(list)+len(ds) < n {
			c.r.Fatalf("fetch: %v, with %d of %d deliveries: %v", err, len(list), n, numbers(list))
		}
		if err != nil {
			time.Sleep(5 * time.Millisecond)
		}
		list = append(list, ds...)
	}
	return list
}

// takeSome returns what one Fetch hands out that has something. Like a spine it repeats what fails.
func (c *consumer) takeSome(limit int) []*contract.Delivery {
	c.r.Helper()
	for {
		ds, err := c.fetch(c.r.ctx, limit)
		if len(ds) > 0 {
			return ds
		}
		if c.r.ctx.Err() != nil {
			c.r.Fatalf("fetch: %v", err)
		}
	}
}

// none wants no delivery for a while.
func (c *consumer) none(d time.Duration) {
	c.r.Helper()
	ctx, cancel := context.WithTimeout(c.r.ctx, d)
	defer cancel()
	if ds, err := c.fetch(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
		c.r.Errorf("fetched %v, %v, want nothing", numbers(ds), err)
	}
}

// settle settles, and wants every outcome to be applied.
func (c *consumer) settle(outcomes ...contract.Outcome) {
	c.r.Helper()
	results, err := c.Settle(c.r.ctx, outcomes)
	c.r.ok(err, "settle")
	for i := range outcomes {
		if !results.IsApplied(i) {
			c.r.Errorf("outcome %d of %d was not applied", i, len(outcomes))
		}
	}
}

// insist repeats a settle until it returns no error, as a spine does, and returns how often
// it failed.
func (c *consumer) insist(outcomes ...contract.Outcome) (failures int) {
	c.r.Helper()
	for ; ; failures++ {
		_, err := c.Settle(c.r.ctx, outcomes)
		if err == nil {
			return failures
		}
		if c.r.ctx.Err() != nil {
			c.r.Fatalf("settle: %v", err)
		}
	}
}

func (c *consumer) ack(ds ...*contract.Delivery) {
	c.r.Helper()
	for _, d := range ds {
		c.settle(ack(d))
	}
}

func ack(d *contract.Delivery, emit ...contract.Message) contract.Outcome {
	return contract.Outcome{Delivery: d, Kind: contract.OutcomeAck, Emit: emit}
}

func retry(d *contract.Delivery, delay time.Duration) contract.Outcome {
	return contract.Outcome{Delivery: d, Kind: contract.OutcomeRetry, Delay: delay}
}

func bury(d *contract.Delivery) contract.Outcome {
	return contract.Outcome{Delivery: d, Kind: contract.OutcomeDead, Death: &contract.Death{Reason: contract.ReasonPermanent, Error: "no use"}}
}

// next is what a handler emits: the same id for the same delivery, whoever runs it.
func next(d *contract.Delivery) contract.Message {
	m := message(&Next{N: number(d), Key: d.Key})
	m.ID, m.Correlation, m.Causation = contract.IDOf("next of "+d.ID.String()), d.Correlation, d.ID
	m.Key, m.Hops = d.Key, d.Hops+1
	return m
}

// number returns the number of the Step in a delivery.
func number(d *contract.Delivery) int {
	var s Step
	if _, err := s.ReadMsgpack(d.Payload); err != nil {
		return -1
	}
	return s.N
}

func numbers(ds []*contract.Delivery) []int {
	list := make([]int, len(ds))
	for i, d := range ds {
		list[i] = number(d)
	}
	return list
}

// wants compares the numbers of deliveries, in order.
func (r *rig) wants(ds []*contract.Delivery, want ...int) {
	r.Helper()
	if got := numbers(ds); !slices.Equal(got, want) {
		r.Errorf("deliveries: got %v, want %v", got, want)
	}
}

// upTo returns the numbers from 0 to n-1.
func upTo(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// stored is a message as it stands in a stream.
type stored struct {
	entry string
	id    contract.ID
	name  string
	key   string
}

// messages reads all messages of a stream of partition p, without the backend.
func (r *rig) messages(p int, stream string) []stored {
	r.Helper()
	entries, err := r.redis.XRange(r.ctx, r.keyOf(p, stream), "-", "+").Result()
	r.ok(err, "read "+stream)
	var list []stored
	for _, e := range entries {
		var pack [][]any
		r.ok(msgpack.Unmarshal([]byte(e.Values["m"].(string)), &pack), "decode "+stream)
		for _, m := range pack {
			s := stored{entry: e.ID, name: m[4].(string), key: m[8].(string)}
			copy(s.id[:], m[1].([]byte))
			list = append(list, s)
		}
	}
	return list
}

// onceEach wants a stream to hold so many messages, no two of them with one id.
func (r *rig) onceEach(stream string, want int) {
	r.Helper()
	count := map[contract.ID]int{}
	for _, m := range r.messages(0, stream) {
		if count[m.id]++; count[m.id] == 2 {
			r.Errorf("%s holds %s more than once", stream, m.id)
		}
	}
	same(r, "different messages in "+stream, len(count), want)
}

// health returns what the backend says of an organ.
func (r *rig) health(b contract.Backend, organ string) contract.OrganHealth {
	r.Helper()
	h := b.Health(r.ctx)
	r.ok(h.Err, "health")
	for _, o := range h.Organs {
		if o.Organ == organ {
			return o
		}
	}
	r.Fatalf("health knows no organ %s", organ)
	return contract.OrganHealth{}
}

// organ is an organ as generated code would describe it.
type organ struct{ spec contract.OrganSpec }

func (o organ) NecroOrgan() contract.OrganSpec { return o.spec }

func newOrgan(name string, policy contract.Policy, routes ...contract.Route) contract.Organ {
	return organ{contract.OrganSpec{Name: name, Path: "example.com/tests", Policy: policy, Routes: routes}}
}

// event is a pointer to an event's struct.
type event[E any] interface {
	*E
	contract.Event
}

// on is a route to a handler of one type, which may emit others.
func on[E any, P event[E]](handle func(ctx context.Context, ev P, emit func(contract.Event)) error, emits ...contract.Event) contract.Route {
	route := contract.Route{
		Event: P(nil).NecroEvent(), Method: "Handle",
		Handle: func(ctx context.Context, ev contract.Event, out *contract.Emissions) error {
			return handle(ctx, ev.(P), out.Add)
		},
	}
	for _, ev := range emits {
		route.Emits = append(route.Emits, ev.NecroEvent())
	}
	return route
}

// spine returns a spine that logs nothing. Its handlers end by themselves, so a loaded machine has as much grace as it needs.
func (r *rig) spine(b contract.Backend, options ...necro.Option) *necro.Spine {
	r.Helper()
	s, err := necro.New(b, append([]necro.Option{necro.WithLogger(nil), necro.WithGrace(time.Minute)}, options...)...)
	r.ok(err, "new spine")
	return s
}

// run runs a spine until stop is called, or the test ends.
func (r *rig) run(s *necro.Spine) (stop func()) {
	ctx, cancel := context.WithCancel(r.ctx)
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			r.Errorf("run: %v", err)
		}
	})
	r.Cleanup(stop)
	return stop
}

// journal is an append-only record that handlers write.
type journal[V any] struct {
	mu   sync.Mutex
	list []V
}

func (j *journal[V]) add(v V) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.list = append(j.list, v)
}

func (j *journal[V]) all() []V {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.list)
}

func (j *journal[V]) len() int { return len(j.all()) }

// oneLine wants an error that a person can read at a glance.
func (r *rig) oneLine(err error, texts ...string) {
	r.Helper()
	if err == nil {
		r.Errorf("no error, want one with %q", texts)
		return
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			r.Errorf("error %q lacks %q", err, text)
		}
	}
	if strings.ContainsAny(err.Error(), "\r\n") || len(err.Error()) > 250 {
		r.Errorf("error of more than a line: %q", err)
	}
}

// publishAll is Publish where no message is a duplicate that counts.
func publishAll(ctx context.Context, b contract.Backend, msgs []contract.Message) error {
	_, err := b.Publish(ctx, msgs, contract.PublishOptions{})
	return err
}

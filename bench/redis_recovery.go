package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/necrostack/necrogen/bench/order"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// A process is killed while it has slow deliveries in its hands; another one recovers them. The floor is the
// lease, which no process can know to be over earlier, and the work itself by as many handlers.
const (
	recoveryJobs     = 64
	recoveryHandlers = 32
	recoveryGoal     = 1.5
)

// printRecovery prints how long recovery takes after kill -9, against a lease and the work itself.
func printRecovery(w io.Writer, s settings, url string) ([]string, error) {
	job, rounds := time.Second, max(1, s.rounds/20)
	if s.rounds == 1 {
		job = 100 * time.Millisecond
	}
	lease := 2 * job
	floor := lease + job*(recoveryJobs/recoveryHandlers)
	fmt.Fprintf(w, "redis: recovery after kill -9: %d jobs of %v, %d handlers, leases of %v\n", recoveryJobs, job, recoveryHandlers, lease)
	var ours, theirs []sample
	for range rounds {
		took, err := recoverJobs(url, job, lease)
		if err != nil {
			return nil, err
		}
		ours, theirs = append(ours, sample{nanos: float64(took)}), append(theirs, sample{nanos: float64(floor)})
	}
	v := share(recoveryGoal).judge(ours, theirs)
	fmt.Fprintf(w, "  necro  %v  against %v, a lease and the work itself: %s  %s\n\n",
		time.Duration(median(nanosOf(ours))).Round(time.Millisecond), floor, v, v.targetText())
	return v.missText("redis-recovery", "a lease and the work itself"), nil
}

func nanosOf(samples []sample) (list []float64) {
	for _, s := range samples {
		list = append(list, s.nanos)
	}
	return list
}

// recoverJobs kills a process that works on the jobs, and returns how long another one takes from then on.
func recoverJobs(url string, job, lease time.Duration) (time.Duration, error) {
	client := dialRedis(url)
	defer client.Close()
	emptyServer(client)
	s := slowSpine(url, job, lease, func() {})
	s.bindBusy(contract.Policy{Order: necro.OrderFirstAttempts})
	for i := range recoveryJobs { // one by one: each is an entry of its own, which any process may take
		sample := order.Sample()
		sample.OrderID = keyOf(i)
		checkError(s.Publish(context.Background(), &sample))
	}
	kill, err := startCrasher(url)
	if err != nil {
		return 0, err
	}
	stop := s.startSpine()
	kill()
	start := time.Now()
	awaitNone(func() int64 {
		time.Sleep(10 * time.Millisecond)
		return recoveryJobs - int64(s.Stats().Handled)
	})
	took := time.Since(start)
	stop()
	s.closeSpine()
	return took, nil
}

// slowSpine has an organ whose handlers take their time.
func slowSpine(url string, job, lease time.Duration, begins func()) redisSpine {
	policy := contract.Policy{Concurrency: recoveryHandlers}
	return newRedisSpine(url, nil, necro.WithLease(lease), necro.WithOrgans(organOf("bench.Busy", policy, func(*order.Placed) error {
		begins()
		time.Sleep(job)
		return nil
	})))
}

// crashEnv makes this program the process that is killed: it holds the server's URL.
const crashEnv = "BENCH_CRASH"

// startCrasher starts a process that works on jobs that never end, and returns when all its handlers do.
func startCrasher(url string) (kill func(), err error) {
	p, err := startChild(crashEnv, url)
	if err != nil {
		return nil, err
	}
	return func() {
		p.Process.Kill()
		p.Wait() // says that it was killed
	}, nil
}

// serveUntilKilled takes as many jobs as there are handlers, and never ends one.
func serveUntilKilled(url string) {
	running := make(chan bool, recoveryJobs)
	s := slowSpine(url, time.Hour, time.Second, func() { running <- true })
	go func() { checkError(s.Run(context.Background())) }()
	for range recoveryHandlers {
		<-running
	}
	fmt.Println("serves")
	select {}
}

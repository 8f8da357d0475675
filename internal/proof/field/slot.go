package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// moveSlot moves the slot of a partition to the next node, with all that is in it, as an operator does.
func moveSlot(g *ground) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var nodes []*redis.Client
	for _, addr := range g.cluster.Addrs() {
		node := redis.NewClient(&redis.Options{Addr: addr})
		defer node.Close()
		nodes = append(nodes, node)
	}
	from, key, err := somePartition(ctx, nodes, g.rng.IntN(len(nodes)))
	if err != nil || key == "" {
		return err
	}
	to := (from + 1) % len(nodes)
	slot, err := nodes[from].ClusterKeySlot(ctx, key).Result()
	if err != nil {
		return err
	}
	ids := make([]string, len(nodes))
	for i, node := range nodes {
		if ids[i], err = node.Do(ctx, "CLUSTER", "MYID").Text(); err != nil {
			return err
		}
	}
	if err := nodes[to].Do(ctx, "CLUSTER", "SETSLOT", slot, "IMPORTING", ids[from]).Err(); err != nil {
		return fmt.Errorf("import slot %d: %w", slot, err)
	}
	if err := nodes[from].Do(ctx, "CLUSTER", "SETSLOT", slot, "MIGRATING", ids[to]).Err(); err != nil {
		return fmt.Errorf("migrate slot %d: %w", slot, err)
	}
	time.Sleep(openSlot) // work goes on meanwhile, and behind the last key, too
	if err := migrateKeys(ctx, nodes[from], g.cluster.Addrs()[to], int(slot)); err != nil {
		return err
	}
	time.Sleep(openSlot)
	for i := range nodes { // the new owner first
		node := nodes[(to+i)%len(nodes)]
		if err := node.Do(ctx, "CLUSTER", "SETSLOT", slot, "NODE", ids[to]).Err(); err != nil {
			return fmt.Errorf("assign slot %d: %w", slot, err)
		}
	}
	return nil
}

// openSlot is how long a slot is being moved before its first key is, and after its last one.
const openSlot = time.Second

// somePartition returns a node that holds a partition, beginning with the one at first, and a key of that.
func somePartition(ctx context.Context, nodes []*redis.Client, first int) (node int, key string, err error) {
	for i := range nodes {
		node = (first + i) % len(nodes)
		found, err := nodes[node].Keys(ctx, "necro:*meta").Result()
		if err != nil {
			return 0, "", err
		}
		if len(found) > 0 {
			return node, found[0], nil
		}
	}
	return 0, "", nil
}

// migrateKeys moves all keys of a slot.
func migrateKeys(ctx context.Context, from *redis.Client, to string, slot int) error {
	host, port, err := net.SplitHostPort(to)
	if err != nil {
		return err
	}
	for {
		keys, err := from.ClusterGetKeysInSlot(ctx, slot, 100).Result()
		if err != nil || len(keys) == 0 {
			return err
		}
		for _, key := range keys {
			err := from.Do(ctx, "MIGRATE", host, port, key, 0, 5000).Err()
			if err != nil && strings.HasPrefix(err.Error(), "CLUSTERDOWN") {
				break // the nodes do not hear each other for a moment, as on a loaded machine
			}
			if err != nil && !strings.Contains(err.Error(), "NOKEY") {
				return fmt.Errorf("migrate %s: %w", key, err)
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
}

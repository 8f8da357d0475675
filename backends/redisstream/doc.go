// Package redisstream keeps events in Redis Streams, for several processes and across crashes.
// It needs Redis 7.0 or Valkey, alone, behind Sentinel or as a Cluster, with or without TLS.
//
//	backend, err := redisstream.Open("redis://localhost:6379/0")
//	spine, err := necro.New(backend, necro.WithOrgans(&Billing{}))
//
// Every organ has a stream of its own. One Lua script settles a delivery: it takes the delivery away, stores the
// emissions of its handler, schedules its retry or keeps its dead letter. Events that come together share an
// entry of a stream (a pack), each settled on its own.
//
// docs/redis.md tells the guarantees by the settings of Redis, and describes the keys.
package redisstream

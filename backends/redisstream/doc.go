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
//
// For those who change it: the package has what users and the runtime call, as functions over the packages in internal.
// Package loop runs the consumers, held knows what they have leased, store has the atomic steps, table says which organ
// gets which event, message is the stored form of an event, and conn reaches the servers. Publishing is here
// (publish.go), because it needs none of the consumers. Begin with backend.go, then read the comment of package loop.
package redisstream

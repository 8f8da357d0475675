package contract

import "encoding/binary"

// LaneBackend is a Backend that spreads the deliveries of an organ over lanes, so that order by key holds over all of its
// processes while they share the work. It takes a Subscription with Lanes above 1, and then keeps these rules:
//
//   - A delivery is in the lane [LaneOf] of its key, or of its event's id where it has no key.
//   - A lane has one owner at a time, which is a consumer, and the owner alone is handed the lane's deliveries: those of a
//     key in stored order, with what OrderKey says of failed and declined ones. So a delivery of a key is only handed to
//     another consumer when every earlier one of the key is settled or was taken back.
//   - A lane is leased. Each Fetch, Settle, Extend and Release of a consumer renews all of its lanes for Subscription.Lease, and
//     so does a Fetch that waits. When the lease is over, the lane is free, and what its owner held comes back, as of any lease.
//     A settle by the former owner is lost then, whoever has the lane, and also when the former owner has it again.
//   - Lanes are shared evenly to within one among the consumers that have fetched and whose leases run. A consumer with
//     too many is handed no more of a lane, and the lane is free as soon as all that it holds of the lane is settled or
//     released. Close frees a consumer's lanes at once.
//   - A decline hands the delivery's lane to another consumer that shares, one that has declined none of the lane since a
//     decline of the lane was counted: within 100 ms, at once when the former owner holds nothing more of the lane. Such a
//     decline is not counted, and has no delay: the delivery is in front of its key for the new owner. Where there is no
//     such consumer the decline counts as any other: Declines, Declined and Delay hold. Sharing evenly leaves the lane
//     with its new owner for one lease.
//   - The number of lanes is bound as Order is: processes that want another run under the bound one (Binding.Lanes), and it
//     changes when no living process wants it. What is stored by then keeps its order: a key's deliveries are not handed
//     out as long as a consumer holds an earlier one of the key under the number before.
//
// What a consumer remembers of a key may be out of date when a lane comes back to it: [StateWrite].Read finds that.
type LaneBackend interface {
	Backend
	KeepsLanes() bool
}

// MaxLanes is how many lanes an organ has at most.
const MaxLanes = 256

// LaneOf returns the lane of a delivery among so many lanes: [LaneHash] modulo their number. It is 0 for fewer than two.
func LaneOf[K ~string | ~[]byte](key K, id ID, lanes int) int {
	if lanes < 2 {
		return 0
	}
	return int(LaneHash(key, id) % uint32(lanes))
}

// LaneHash returns the hash that says which lane a delivery is in: that of its key, or of its event's id where the key is
// empty. It is below 1<<31, so that a signed column of 32 bits holds it, and stable for ever: stored deliveries
// and processes of several releases depend on it. It allocates nothing. It does not withstand an adversary, who can put
// all keys into one lane, and gains no more than by using one key.
func LaneHash[K ~string | ~[]byte](key K, id ID) uint32 {
	if len(key) == 0 {
		return foldLane(binary.BigEndian.Uint64(id[:8]) ^ foldProduct(binary.BigEndian.Uint64(id[8:]), laneFactor))
	}
	h := uint64(0xcbf29ce484222325) // FNV-1a
	for i := range len(key) {
		h = (h ^ uint64(key[i])) * 0x100000001b3
	}
	return foldLane(h)
}

// laneFactor is an odd number with as many ones as zeros, as wyhash has them.
const laneFactor = 0xa0761d6478bd642f

// foldLane makes 31 bits of a hash, each of which depends on all of its bits.
func foldLane(h uint64) uint32 {
	return uint32(foldProduct(h^0xe7037ed1a0b428db, laneFactor) >> 33)
}

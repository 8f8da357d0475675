package loop

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
)

// The partitions of a namespace are told apart by the number in the braces of their keys, the tag. Redis hashes the text
// in the braces alone, so a tag decides on the slot, and with it on the node of a cluster. Tags are chosen once, when a
// namespace is first used, so that nodes with equal ranges of slots hold equally many partitions. The meta of partition 0
// names them, and every process goes by that.

// slots is how many slots a cluster has, which its nodes share in ranges.
const slots = 16384

// spreadLayout is the layout of a namespace whose partitions have chosen tags. A release that does not
// know of tags refuses it: it would look for the partitions elsewhere.
var spreadLayout = strconv.Itoa(message.Layout) + "s"

// tagPrefix returns the prefix of a partition's keys. Its tag is a number: the partition's own, unless the meta of
// partition 0, whose tag is 0 always, names others.
func tagPrefix(namespace string, tag int) string {
	return fmt.Sprintf("necro:{%s:%d}:", namespace, tag)
}

// placePartitions gives the partitions the tags that the namespace has. The caller connects, so no other goroutine uses
// the partitions yet. A text that no process of ours has written is an error, and changes nothing.
func (b *Process) placePartitions(text string) error {
	if text == "" {
		return nil
	}
	words := strings.Fields(text)
	tags := make([]int, len(words))
	for i, word := range words {
		tag, err := strconv.Atoi(word)
		if err != nil || tag < 0 || i == 0 && tag != 0 || slices.Contains(tags[:i], tag) {
			return fmt.Errorf("redis: namespace %s has tags %q, which are no different numbers from 0 on", b.Namespace, clipText(text))
		}
		tags[i] = tag
	}
	if len(tags) != len(b.Partitions) {
		return fmt.Errorf("redis: namespace %s has %d tags for %d partitions", b.Namespace, len(tags), len(b.Partitions))
	}
	for i, p := range b.Partitions {
		p.prefix = tagPrefix(b.Namespace, tags[i])
		p.PlaceKey(p.Key("meta"))
	}
	b.tags = text
	return nil
}

// findLayout finds the tags of a namespace while the server of partition 0, which names them, is down: those
// that a cluster's partitions would get now, or the plain numbers, if all other partitions that can be reached
// are there. It returns one of these, or nil. The caller connects, so no other goroutine uses the partitions
// yet.
func (b *Process) findLayout(ctx context.Context) *Partition {
	if tags := b.proposedTags(); tags != "" && b.placePartitions(tags) == nil {
		if found := b.findPartition(ctx); found != nil {
			return found
		}
	}
	if b.placePartitions(plainTags(len(b.Partitions))) != nil {
		return nil
	}
	b.tags = ""
	return b.findPartition(ctx)
}

// findPartition returns a partition that is where the tags say, unless another one is missing there.
func (b *Process) findPartition(ctx context.Context) (found *Partition) {
	for _, p := range b.Partitions[1:] {
		r := p.SendCommand(ctx, []any{"hmget", p.Key("meta"), "layout", "partitions"})
		got := r.Strings()
		if r.Err == nil && (len(got) != 2 || got[1] != strconv.Itoa(len(b.Partitions))) {
			return nil
		}
		if r.Err == nil {
			found = p
		}
	}
	return found
}

// plainTags are the numbers of n partitions.
func plainTags(n int) string {
	tags := make([]string, n)
	for i := range tags {
		tags[i] = strconv.Itoa(i)
	}
	return strings.Join(tags, " ")
}

// clipText bounds a text of the server that an error shows.
func clipText(text string) string { return text[:min(len(text), 80)] }

// proposedTags returns the tags that a namespace gets which is first used now: on a cluster the partitions have slots at
// equal distances, so that nodes with equal ranges hold as many each. Elsewhere it returns nothing, for plain numbers.
func (b *Process) proposedTags() string {
	if b.tags != "" {
		return b.tags
	}
	if !b.servers.IsCluster() || len(b.Partitions) == 1 {
		return ""
	}
	return spreadTags(b.Namespace, len(b.Partitions))
}

// spreadTags chooses n tags. A slot is at most a few away from where it should be, towards the middle
// of the range between two nodes' borders.
func spreadTags(namespace string, n int) string {
	first, distance := slotOf(namespace, 0), slots/n
	tags := make([]string, n)
	tags[0] = "0"
	for tag, left := 1, n-1; left > 0; tag++ {
		slot := slotOf(namespace, tag)
		for p := 1; p < n; p++ {
			wanted := (first + p*slots/n) % slots
			off := slot - wanted
			if first%distance > distance/2 {
				off = -off
			}
			if tags[p] == "" && off >= 0 && off < max(1, min(8, distance/4)) {
				tags[p] = strconv.Itoa(tag)
				left--
				break
			}
		}
	}
	return strings.Join(tags, " ")
}

// slotOf returns the slot of a partition's keys: CRC-16 of the text in the braces (XMODEM), as Redis computes it.
func slotOf(namespace string, tag int) int {
	crc := uint16(0)
	for _, c := range []byte(namespace + ":" + strconv.Itoa(tag)) {
		crc ^= uint16(c) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return int(crc) % slots
}

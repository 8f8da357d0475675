package main

import "github.com/necrostack/necrogen/internal/proof/sabotage"

// redisEdits break the Go part of backends/redisstream.
var redisEdits = map[string][]sabotage.Edit{
	"redis-marks-rounded": {{
		In: "backends/redisstream/internal/store", Decl: "appendMark",
		Old: `binary.BigEndian.AppendUint64(b, mark)`,
		New: `binary.BigEndian.AppendUint64(b, mark &^ 0x7ff)`,
	}},
	"redis-conflict-done": {{
		In: "backends/redisstream/internal/loop", Decl: "(*queue).noteSettled",
		Old: `resultOf(answers[i]) == contract.ResultConflict`,
		New: `false`,
	}},
	"redis-state-divided": {{
		In: "backends/redisstream/internal/loop", Decl: "(*Process).checkSubscription",
		Old: `n > 1 && sub.State`,
		New: `false`,
	}},
	"redis-record-trusted": {{
		In: "backends/redisstream", Decl: "(*partition).recordFrom",
		Old: `return noRecord`,
		New: `return contract.StateRecord{Mark: r.Mark}`,
	}},
	"state-unknown-kept": {{
		In: "runtime/internal/engine", Decl: "(*worker).prepareState",
		Old: `w.organ.states.forgetRecord(d.Key)`,
	}},
	"redis-batches-divided": {{
		In: "backends/redisstream/internal/loop", Decl: "(*consumer).fetchOnce",
		Old: `q.takeDeliveries(limit)`,
		New: `q.takeDeliveries(max(1, limit/len(c.queues)/len(c.queues)))`,
	}},
	"unavailable-unmatched": {{
		In: "backends/redisstream/internal/conn", Decl: "(*unavailableError).Is",
		Old: `contract.ErrBackendUnavailable`,
		New: `nil`,
	}},
	"redis-term-unseen": {{
		In: "backends/redisstream/internal/conn", Decl: "(*Node).meetServer",
		Old: `server == t.server`,
		New: `true`,
	}},
	"redis-term-offered": {{
		In: "backends/redisstream/internal/loop", Decl: "(*queue).offerSome",
		Old: `q.enterTerm(ctx, entriesOf(ds))`,
		New: `q.enterTerm(ctx, entriesOf(nil))`,
	}},
	"redis-term-aside": {{
		In: "backends/redisstream/internal/loop", Decl: "(*queue).setAside",
		Old: `q.enterTerm(ctx, entriesOf(ds))`,
		New: `q.enterTerm(ctx, entriesOf(nil))`,
	}},
	"redis-term-distrusted": {{
		In: "backends/redisstream/internal/loop", Decl: "(*queue).foreignEntries",
		Old: `same[i] == '1'`,
		New: `same[i] == '2'`,
	}},
	"redis-older-pass": {{
		In: "backends/redisstream/internal/held", Decl: "(*Share).NoteKeys",
		Old: `s.holds == holds`,
		New: `true`,
	}},
	"held-comes-twice": {{
		In: "backends/redisstream/internal/held", Decl: "(*Share).GiveBack",
		Old: `!EntryOf(d).changeState(int(d.Tag), giveBack)`,
		New: `!EntryOf(d).changeState(int(d.Tag), giveBack) && false`,
	}},
	"redis-older-open": {{
		In: "backends/redisstream/internal/held", Decl: "(*Gate).NoteAnswer",
		Old: `g.halts != haltsBefore`,
		New: `false`,
	}},
	"redis-node-stops-all": {{
		In: "backends/redisstream/internal/loop", Decl: "(*Process).MayWait",
		Old: `len(b.Partitions) > 1`,
		New: `len(b.Partitions) < 1`,
	}},
	"redis-slot-unanchored": {{
		In: "backends/redisstream/internal/loop", Decl: "(*Partition).anchorKeys",
		Old: `!p.process.servers.IsCluster()`,
		New: `true`,
	}},
	"redis-ask-unfollowed": {{
		In: "backends/redisstream/internal/conn", Decl: "(*Node).askNodes",
		Old: `!resp.HasCode(r.Err, "ASK")`,
		New: `resp.HasCode(r.Err, "ASK")`,
	}},
	"redis-pack-hoarded": {{
		In: "backends/redisstream/internal/loop", Decl: "(*queue).offerLater",
		Old: `q.p.process.Workers.Go(q.offerWaiting)`,
	}},
	"redis-pack-trickles": {{
		In: "backends/redisstream/internal/loop", Decl: "(*queue).waitsFor",
		Old: `max(time.Since(q.fetched), time.Since(read))`,
		New: `min(time.Since(q.fetched), time.Since(read))`,
	}},
	"redis-offers-rest": {{
		In: "backends/redisstream/internal/loop", Decl: "(*queue).restFromOffers",
		Old: `min(max(2*q.offerRest, offerAfter), mostRest)`,
		New: `max(2*q.offerRest, offerAfter)`,
	}},
	"redis-script-a-trip": {{
		In: "backends/redisstream/internal/loop", Decl: "(*queue).divideParts",
		Old: `n > 0 && room < 0`,
		New: `n > 0`,
	}},
	"redis-stale-parts": {{
		In: "backends/redisstream/internal/loop", Decl: "(*queue).sendParts",
		Old: `
			stale = true
			continue`,
		New: `stale = false`,
	}},
	"redis-two-steps": {{
		In: "backends/redisstream/internal/loop", Decl: "(*queue).settleAll",
		Old: `giveUpUnencodable(outcomes)`,
		New: `
			giveUpUnencodable(outcomes)
			var emit []contract.Message
			for i := range outcomes {
				emit, outcomes[i].Emit = append(emit, outcomes[i].Emit...), nil
			}
			defer func() {
				q.p.CallFresh(ctx, func(t *table.Bindings) *resp.Reply {
					rs := table.NewRoutes(q.p.Keys(), t)
					w := store.NewRowsWithIDs(&rs.Routes)
					for i := range emit {
						addMessage(rs, w, withPayload(&emit[i]))
					}
					w.Close()
					publish := store.PublishRequest{Keys: q.p.Keys(), Digest: t.Digest, Number: int(time.Now().UnixNano()), Renew: true, Process: q.p.process.Name + "'", Rows: w}
					return q.p.RunCall(ctx, publish.Call())
				})
			}()`,
	}},
	"released-overtakes": {{
		In: "backends/redisstream/internal/loop", Decl: "(*queue).giveUp",
		Old: `q.order() != "-" && len(ds) > 0`,
		New: `false`,
	}},
	"redis-gone-unknown": {{
		In: "backends/redisstream", Decl: "(*partition).letterID",
		Old: `"deadid:", "gone:", "before:"`,
		New: `"deadid:"`,
	}},
	"redis-organ-unknown": {{
		In: "backends/redisstream", Decl: "(*Backend).checkKnown",
		Old: `return fmt.Errorf("redis: organ %s: %w", organ, contract.ErrNoOrgan)`,
		New: `return nil`,
	}},
	"redis-strict-divided": {{
		In: "backends/redisstream/internal/loop", Decl: "(*Process).checkSubscription",
		Old: `n > 1 && sub.Order == contract.OrderStrict`,
		New: `false`,
	}},
	"redis-packs-too-long": {{
		In: "backends/redisstream/internal/store", Decl: "(*Rows).isFull",
		Old: `w.Routes.List[w.route].Pack`,
		New: `1000`,
	}},
	"redis-packs-too-large": {{
		In: "backends/redisstream/internal/store", Decl: "PackBytes",
		Old: `64 << 10`,
		New: `64 << 20`,
	}},
	"redis-keys-scattered": {{
		In: "backends/redisstream", Decl: "(*Backend).partitionOf",
		Old: `text != ""`,
		New: `false`,
	}},
	"redis-partitions-heap": {{
		In: "backends/redisstream/internal/loop", Decl: "spreadTags",
		Old: `first + p*slots/n`,
		New: `first + p`,
	}},
	"redis-tags-unread": {{
		In: "backends/redisstream/internal/loop", Decl: "(*Process).placePartitions",
		Old: `tagPrefix(b.Namespace, tags[i])`,
		New: `tagPrefix(b.Namespace, i)`,
	}},
	"redis-not-rebound": {{
		In: "backends/redisstream/internal/loop", Decl: "(*Partition).rebindOrgans",
		Old: `return p.bindOrgans(ctx, queues)`,
		New: `return nil`,
	}},
	"redis-lost-reads": {{
		In: "backends/redisstream/internal/loop", Decl: "(*queue).claimSome",
		Old: `Recover: recovering`,
		New: `Recover: false`,
	}},
	"redis-nobody-sweeps": {{
		In: "backends/redisstream/internal/loop", Decl: "(*schedule).promoteOn",
		Old: `more = s.promoteDue(ctx, s.p.process.Name) || more`,
	}},
	"redis-looks-alone": {{
		In: "backends/redisstream/internal/loop", Decl: "(*Partition).lookAround",
		Old: `slices.Chunk(queues, maxLook)`,
		New: `slices.Chunk(queues, 1)`,
	}},
	"redis-busy-pokes": {{
		In: "backends/redisstream/internal/loop", Decl: "(*reader).joinQueue",
		Old: `r.number != slowReader && r.blocked != nil && !r.blocked[q] && !r.poking && r.takesQueue(q)`,
		New: `r.blocked != nil && !r.blocked[q] && !r.poking`,
	}, {
		In: "backends/redisstream/internal/loop", Decl: "(*reader).missesQueue",
		Old: `r.number != slowReader && q.hasWaiting() && r.takesQueue(q)`,
		New: `q.hasWaiting()`,
	}},
	"redis-full-publishes": {{
		In: "backends/redisstream/internal/store", Decl: "publishScript",
		Old: `""`,
		New: `allowOOM`,
	}},
	"redis-full-cannot-drain": {{
		In: "backends/redisstream/internal/store", Decl: "settleScript",
		Old: `allowOOM`,
		New: `""`,
	}},
	"redis-primary-not-followed": {{
		In: "backends/redisstream/internal/conn", Decl: "(*Node).callClient",
		Old: `n.servers.followPrimaries()`,
	}, {
		In: "backends/redisstream/internal/conn", Decl: "(*Node).meetServer",
		Old: `t.blind ||`,
		New: `true ||`,
	}},
	"redis-range-unchecked": {{
		In: "internal/envelope", Decl: "(*Fields).Number",
		Old: `v < 0 ||`,
	}},
	"redis-letters-unbounded": {{
		In: "backends/redisstream/internal/message", Decl: "ClipMiddle",
		Old: `len(text) <= limit`,
		New: `true`,
	}},
	"redis-letters-not-paged": {{
		In: "backends/redisstream", Decl: "(*partition).deadLetters",
		Old: `*room -= size / n`,
	}},
	"redis-password-told": {{
		In: "backends/redisstream/internal/conn", Decl: "ParseURL",
		Old: `errors.New(`,
		New: `errors.New(text + `,
	}},
	"plain-port-silent": {{
		In: "backends/redisstream/internal/conn", Decl: "RefusePlain",
		Old: `options.TLSConfig == nil`,
		New: `true`,
	}},
	"redis-clock-forward": {{
		In: "backends/redisstream/internal/loop", Decl: "(*serverClock).takeSighting",
		Old: `s.shows-s.received > c.ahead+clockSlack`,
		New: `false`,
	}, {
		In: "backends/redisstream/internal/loop", Decl: "(*serverClock).latestTime",
		Old: `!c.known || c.unsure`,
		New: `c.ahead > 0`,
	}},
}

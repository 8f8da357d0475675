package main

import "github.com/necrostack/necrogen/internal/proof/sabotage"

// runtimeEdits break package necro, the runtime.
var runtimeEdits = map[string][]sabotage.Edit{
	"fetch-beside-return": {{
		In: "runtime/internal/engine", Decl: "(*feed).nextReady",
		Old: `f.fetching || f.returns > 0 || room <= 0`,
		New: `f.fetching || room <= 0`,
	}},
	"lost-passed": {{
		In: "runtime/internal/engine", Decl: "(*feed).dropLost",
		Old: `byKey && !gone[b.Delivery]`,
		New: `false`,
	}},
	"conflict-spends": {{
		In: "runtime/internal/engine", Decl: "(*Organ).noteConflicts",
		Old: `settled.At(i) == contract.ResultConflict`,
		New: `false`,
	}},
	"conflict-passed": {{
		In: "runtime/internal/engine", Decl: "(*worker).openRecord",
		Old: `case broken:`,
		New: `case broken && false:`,
	}},
	"state-unchecked": {{
		In: "runtime/internal/engine", Decl: "(*worker).closeState",
		Old: `w.out.State.Validate(); err != nil`,
		New: `w.out.State.Validate(); err != nil && false`,
	}},
	"state-of-nobody": {{
		In: "runtime/internal/engine", Decl: "(*Engine).CheckKey",
		Old: `m.Key != "" ||`,
		New: `true ||`,
	}},
	"state-later-read": {{
		In: "runtime/internal/engine", Decl: "(*Organ).checkKnown",
		Old: `typeOfRecord(newest, record) == nil`,
		New: `false`,
	}},
	"state-undone": {{
		In: "runtime/contract", Decl: "(*Outcome).explainRefusal",
		Old: `case o.Kind != OutcomeAck && o.Kind != OutcomeDead:`,
		New: `case false:`,
	}},
	"state-kept-for-ever": {{
		In: "runtime/internal/engine", Decl: "(*stateCache).isFull",
		Old: `len(c.records) > maxCachedRecords || c.bytes > maxCachedBytes`,
		New: `false`,
	}},
	"left-stops-all": {{
		In: "runtime/internal/engine", Decl: "(*Organ).settleRun",
		Old: `o.settlesLater() && errors.As(err, &unsettled)`,
		New: `errors.As(err, &unsettled) && false`,
	}},
	"nobody-renews": {{
		In: "runtime/internal/engine", Decl: "(*Organ).startWorkers",
		Old: `r.keepers.Go(func() { o.keepLeases(r, r.quit) })`,
	}},
	"batch-hoarded": {{
		In: "runtime/internal/engine", Decl: "lookAtWorkers",
		Old: `if pos.IsRunning()`,
		New: `if false`,
	}},
	"rate-ignored": {{
		In: "runtime/internal/engine", Decl: "(*Organ).spendToken",
		Old: `rate.Count == 0 || o.quota.takeLeft()`,
		New: `true`,
	}},
	"rate-in-bursts": {{
		In: "runtime/contract", Decl: "Rate.Spend",
		Old: `now + int64(r.Burst())`,
		New: `now + int64(r.Per)`,
	}},
	"rate-unkept": {{
		In: "runtime", Decl: "(*Spine).newOrgan",
		Old: `policy.RateCount > 0 && s.engine.Rates == nil`,
		New: `false`,
	}},
	"batch-trickles": {{
		In: "runtime/internal/engine", Decl: "(*sight).notePosition",
		Old: `!s.pos.IsOfBatch(pos)`,
		New: `s.pos != pos`,
	}},
	"feed-trickles": {{
		In: "runtime/internal/engine", Decl: "(*Organ).offerFed",
		Old: `min(allSlowSince(seen), o.feed.oldestReady())`,
		New: `allSlowSince(seen)`,
	}},
	"feed-hoarded": {{
		In: "runtime/internal/engine", Decl: "(*Organ).offerFed",
		Old: `!o.mayOffer()`,
		New: `o.mayOffer()`,
	}},
	"failed-emissions": {{
		In: "runtime/internal/engine", Decl: "(*worker).runDelivery",
		Old: `w.out.Reset()`,
	}},
	"random-ids": {{
		In: "runtime/internal/engine", Decl: "(*callOutput).addEvent",
		Old: `contract.DeriveID(c.from.ID, *seed, uint64(ordinal))`,
		New: `contract.NewID()`,
	}},
	"no-ordinal": {{
		In: "runtime/internal/engine", Decl: "(*callOutput).addEvent",
		Old: `uint64(ordinal)`,
		New: `0`,
	}},
	"attempt-in-id": {{
		In: "runtime/internal/engine", Decl: "(*deliveryContext).readEnvelope",
		Old: `contract.DeriveID(d.ID, c.worker.organ.binding.Load().seed, 0)`,
		New: `contract.DeriveID(d.ID, c.worker.organ.binding.Load().seed, uint64(d.Attempts))`,
	}},
	"chain-breaks": {{
		In: "runtime/internal/engine", Decl: "(*Route).fillEnvelope",
		Old: `m.Correlation, m.Causation = d.Correlation, d.ID`,
		New: `m.Correlation, m.Causation = m.ID, d.ID`,
	}},
	"context-reused": {{
		In: "runtime/internal/batch", Decl: "(*Batch).Begin",
		Old: `make([]C, len(ds))`,
		New: `func() []C {
			if cap(b.contexts) < len(ds) {
				return make([]C, len(ds))
			}
			return b.contexts[:len(ds)]
		}()`,
	}},
	"organs-wait": {{
		In: "runtime/internal/engine", Decl: "(*worker).runDelivery",
		Old: `f := r.invokeHandler(c, t)`,
		New: `
			w.organ.engine.crashed.tokens <- struct{}{}
			f := r.invokeHandler(c, t)
			<-w.organ.engine.crashed.tokens`,
	}},
	"suspect-for-ever": {{
		In: "runtime/internal/engine", Decl: "(*worker).isolateSuspect",
		Old: `w.takeTurns(alone)`,
		New: `w.takeTurns(true)`,
	}},
	"suspects-one-by-one": {{
		In: "runtime/internal/engine", Decl: "NewOrgan",
		Old: `newTurn(policy.Concurrency)`,
		New: `newTurn(1)`,
	}},
	"crashed-group-together": {{
		In: "runtime/internal/engine", Decl: "(*worker).takeTurns",
		Old: `cap(w.organ.suspects.tokens)`,
		New: `1`,
	}},
	"crashed-side-by-side": {{
		In: "runtime/internal/engine", Decl: "(*worker).takeTurns",
		Old: `if alone`,
		New: `if alone && !alone`,
	}},
	"no-maxhops": {{
		In: "runtime/internal/engine", Decl: "(*Route).refuseDelivery",
		Old: `int(d.Hops) > r.policy.MaxHops`,
		New: `false`,
	}},
	"no-maxsteps": {{
		In: "runtime", Decl: "(*Spine).setUpEngine",
		Old: `c.maxSteps > 0`,
		New: `false`,
	}},
	"no-emission-count": {{
		In: "runtime/internal/engine", Decl: "(*outbox).addMessages",
		Old: `count > o.engine.EmitLimit`,
		New: `false`,
	}},
	"no-emission-bytes": {{
		In: "runtime/internal/engine", Decl: "(*callOutput).storeMessage",
		Old: `c.size > g.EmitBytes`,
		New: `false`,
	}},
	"hops-go-on": {{
		In: "runtime/internal/engine", Decl: "(*Engine).applyEnvelope",
		Old: `delay >= freshHops`,
		New: `false`,
	}},
	"drain-waits-for-later": {{
		In: "runtime", Decl: "(*Spine).countLeft",
		Old: `h.Overdue > 0`,
		New: `h.Delayed > 0`,
	}},
	"delay-unkept": {{
		In: "runtime", Decl: "(*Spine).checkRoute",
		Old: `spec.Delays && !s.engine.KeepsDelays`,
		New: `false`,
	}},
	"headers-uncounted": {{
		In: "runtime/internal/engine", Decl: "(*outbox).addMessages",
		Old: `headerBytes(c.headers)`,
		New: `0 * headerBytes(c.headers)`,
	}},
	"panic-forgotten": {{
		In: "runtime/internal/engine", Decl: "(*Route).invokeHandler",
		Old: `f = panicFailure(v)`,
		New: `_ = v`,
	}},
	"hostile-error": {{
		In: "internal/freeze", Decl: "Error",
		Old: `Unreadable(err, v)`,
		New: `&frozenError{}`,
	}},
	"huge-error": {{
		In: "internal/freeze", Decl: "ShortenMiddle",
		Old: `len(text) <= limit`,
		New: `true`,
	}},
	"undecodable-taken": {{
		In: "runtime/internal/engine", Decl: "decodePayload",
		Old: `
			if err != nil {
				return permanentFailure(contract.ReasonUndecodable, fmt.Errorf("decode %s: %w", d.Type.Name, err))
			}
			return nil`,
		New: `return nil`,
	}},
	"giveup-unmarked": {{
		In: "runtime/internal/engine", Decl: "(*worker).callGiveUp",
		Old: `!w.markGivenUp(o.Delivery)`,
		New: `false`,
	}},
	"timer-unstored": {{
		In: "runtime/internal/engine", Decl: "(*worker).leaveTimers",
		Old: `c.Event != nil`,
		New: `false`,
	}},
	"timer-to-all": {{
		In: "runtime/internal/engine", Decl: "(*Organ).fillTimer",
		Old: `m.Type, m.Key = o.timers[c.Type], d.Key`,
		New: `m.Key = d.Key`,
	}},
	"timer-seen": {{
		In: "runtime/internal/engine", Decl: "(*worker).namesGeneration",
		Old: `err != nil || slices.Contains(parts.timers, fired)`,
		New: `err != nil || len(parts.timers) >= 0 || slices.Contains(parts.timers, fired)`,
	}},
	"timer-of-the-past": {{
		In: "runtime/internal/engine", Decl: "(*worker).prepareTimer",
		Old: `w.settleNow(i)`,
		New: ``,
	}},
	"timer-judged-early": {{
		In: "runtime/internal/engine", Decl: "(*worker).prepareTimer",
		Old: `w.organ.states.forgetRecord(d.Key)`,
		New: ``,
	}},
	"timer-fires-twice": {{
		In: "runtime/internal/engine", Decl: "(*callOutput).addTimer",
		Old: `change, id)`,
		New: `change, contract.NewID())`,
	}},
	"timer-of-an-old-run": {{
		In: "runtime/internal/engine", Decl: "(*worker).leaveTimers",
		Old: `*seed, parts.started)`,
		New: `*seed, 0)`,
	}},
	"timer-gone-with-letter": {{
		In: "runtime/internal/engine", Decl: "(*worker).leaveTimers",
		Old: `w.last.timer && !r.gaveUp`,
		New: `w.last.timer`,
	}},
	"undo-lost": {{
		In: "runtime/internal/engine", Decl: "(*worker).leaveUndos",
		Old: `append(parts.undos, u)`,
		New: `append(parts.undos[:0], u)`,
	}},
	"undo-first-first": {{
		In: "runtime/internal/engine", Decl: "(*worker).takeUndos",
		Old: `slices.Backward(parts.undos)`,
		New: `slices.All(parts.undos)`,
	}},
	"undo-twice": {{
		In: "runtime/internal/engine", Decl: "(*worker).takeUndos",
		Old: `parts.undos = nil`,
		New: ``,
	}},
	"undo-forgotten": {{
		In: "runtime/internal/engine", Decl: "checkUndos",
		Old: `kept[k] < 0`,
		New: `false`,
	}},
	"undo-of-a-delay": {{
		In: "runtime/internal/engine", Decl: "checkUndos",
		Old: `envelope.After > 0`,
		New: `false`,
	}},
	"undo-expires": {{
		In: "runtime/internal/engine", Decl: "(*worker).closeState",
		Old: `len(parts.undos) > 0`,
		New: `false`,
	}},
	"undo-room": {{
		In: "runtime/internal/engine", Decl: "(*outbox).addMessages",
		Old: `len(out.Events) + len(out.Timers)`,
		New: `len(out.Events) + len(out.Timers) + len(step.undone)`,
	}},
	"record-form": {{
		In: "runtime/internal/engine", Decl: "(*Organ).checkKnown",
		Old: `v[1] != recordForm`,
		New: `false`,
	}},
	"undo-of-the-end": {{
		In: "runtime/internal/engine", Decl: "(*worker).leaveUndos",
		Old: `len(out.Undos) > 0 && out.Ends`,
		New: `false`,
	}},
	"undo-unknown": {{
		In: "runtime/internal/engine", Decl: "(*Organ).checkUndosKnown",
		Old: `o.typeOfUndo(u) == nil`,
		New: `false`,
	}},
	"undo-unbounded": {{
		In: "runtime/internal/engine", Decl: "(*Organ).checkUndoRoom",
		Old: `len(undos) > g.EmitLimit`,
		New: `false`,
	}},
	"undo-unnamed": {{
		In: "runtime/internal/engine", Decl: "(*Organ).addUndos",
		Old: `append([]string{version.Name}, version.Aliases...)`,
		New: `[]string{version.Name}`,
	}},
	"undo-under-faults": {{
		In: "runtime/internal/engine", Decl: "(*callOutput).addUndo",
		Old: `contract.DeriveID(c.from.ID, seed, uint64(ordinal))`,
		New: `contract.DeriveID(contract.NewID(), seed, uint64(ordinal))`,
	}},
	"timer-unnamed": {{
		In: "runtime/internal/engine", Decl: "(*Organ).namesOfTimer",
		Old: `append([]string{o.Name}, o.Spec.Aliases...)`,
		New: `[]string{o.Name}`,
	}},
	"timer-hops": {{
		In: "runtime/internal/engine", Decl: "(*Engine).applyEnvelope",
		Old: `delay >= freshHops`,
		New: `false`,
	}},
	"timer-of-no-record": {{
		In: "runtime/internal/engine", Decl: "(*worker).closeState",
		Old: `t.TTL`,
		New: `0 * t.TTL`,
	}},
	"giveup-circle": {{
		In: "runtime/internal/engine", Decl: "(*Route).callsGiveUp",
		Old: `o.Delivery.Reserve == 0`,
		New: `true`,
	}},
	"giveup-again": {{
		In: "runtime/internal/engine", Decl: "(*Organ).noteConflicts",
		Old: `f != nil`,
		New: `f != nil && false`,
	}},
	"declined-by-clock": {{
		In: "runtime/internal/engine", Decl: "(*Organ).declineFor",
		Old: `d.Declines != 0 && declinedFor(d.Declines) >= o.engine.DeclineLimit`,
		New: `d.Declined == 1`,
	}},
	"given-up-silently": {{
		In: "runtime/internal/engine", Decl: "(*Route).outcomeOfFailure",
		Old: `r.policy.OnFail == contract.Drop`,
		New: `r.policy.OnFail == contract.Drop || f.reason == contract.ReasonExhausted`,
	}},
	"unknown-dies": {{
		In: "runtime/internal/engine", Decl: "(*Organ).declineFor",
		Old: `d.Declines != 0 && declinedFor(d.Declines) >= o.engine.DeclineLimit`,
		New: `true`,
	}},
	"declined-for-ever": {{
		In: "runtime/internal/engine", Decl: "(*Organ).declineFor",
		Old: `d.Declines != 0 &&`,
		New: `d.Declines < 0 &&`,
	}},
	"declines-often": {{
		In: "runtime/internal/engine", Decl: "declineDelay",
		Old: `firstDecline << min(max(declines, 0), declineSteps)`,
		New: `firstDecline`,
	}},
	"declines-late": {{
		In: "runtime/internal/engine", Decl: "firstDecline",
		Old: `20 * time.Millisecond`,
		New: `time.Second`,
	}},
	"worker-waits": {{
		In: "runtime/internal/engine", Decl: "(*worker).noteFailure",
		Old: `o := r.outcomeOfFailure(&w.batch.Deliveries()[i], f)`,
		New: `
			o := r.outcomeOfFailure(&w.batch.Deliveries()[i], f)
			time.Sleep(o.Delay)
			o.Delay = 0`,
	}},
	"no-backoff": {{
		In: "runtime/internal/engine", Decl: "(*Route).outcomeOfFailure",
		Old: `, Delay: f.retryDelay(&r.policy, int(d.Attempts)+1)`,
	}},
	"no-jitter": {{
		In: "runtime/internal/engine", Decl: "jitterBelow",
		Old: `shortest + time.Duration(rand.Int64N(int64(max(top-shortest, 0))+1))`,
		New: `top`,
	}},
	"permanent-retried": {{
		In: "runtime/internal/engine", Decl: "(*failure).classifyError",
		Old: `contract.IsPermanent(err)`,
		New: `false`,
	}},
	"retryafter-ignored": {{
		In: "runtime/internal/engine", Decl: "(*failure).retryDelay",
		Old: `f.delayed`,
		New: `false`,
	}},
	"attempt-lost-at-stop": {{
		In: "runtime/internal/engine", Decl: "(*worker).runDelivery",
		Old: `f != nil && ended && w.run.forced.Load()`,
		New: `ended && false`,
	}},
	"waiting-marked": {{
		In: "runtime/internal/engine", Decl: "renewableOf",
		Old: `i < marked`,
		New: `i >= 0`,
	}},
	"crashes-for-ever": {{
		In: "runtime/internal/engine", Decl: "(*Route).refuseDelivery",
		Old: `d.Crashes >= maxCrashes`,
		New: `false`,
	}},
	"stop-goes-on": {{
		In: "runtime/internal/engine", Decl: "(*worker).runBatch",
		Old: `w.run.stopping.Load() ||`,
	}},
	"no-grace": {{
		In: "runtime/internal/engine", Decl: "(*worker).handlerLimits",
		Old: `stopped + int64(grace)`,
		New: `stopped`,
	}},
	"grace-for-ever": {{
		In: "runtime/internal/engine", Decl: "(*worker).checkDeadline",
		Old: `c.cancelWith(err)`,
		New: `_ = err`,
	}},
	"stop-keeps": {{
		In: "runtime/internal/engine", Decl: "(*worker).endBatch",
		Old: `w.organ.releaseDeliveries(w.run, ds[i:])`,
	}},
	"leaves-after-grace": {{
		In: "runtime", Decl: "(*run).awaitWorkers",
		Old: `s.unbindOrgans(r.Settling)`,
		New: `s.unbindOrgans(context.TODO())`,
	}},
	"closes-one-by-one": {{
		In: "runtime", Decl: "(*Spine).closeConsumers",
		Old: `
			closing.Go(func() {
				if err := closeWithin(ctx, o.Consumer()); !errors.Is(err, ErrClosed) {
					errs[i] = err
				}
			})`,
		New: `
			if err := closeWithin(ctx, o.Consumer()); !errors.Is(err, ErrClosed) {
				errs[i] = err
			}`,
	}},
	"abandoned-unsettled": {{
		In: "runtime/internal/engine", Decl: "(*worker).abandonHandler",
		Old: `w.settleAbandoned(ds, end, w.pageOfAbandoned(pos, r, ds[i:end], f))`,
		New: `_ = end`,
	}},
	"abandoned-unlogged": {{
		In: "runtime/internal/engine", Decl: "(*worker).abandonHandler",
		Old: `o.logAbandoned(&ds[i], f)`,
	}},
	"late-counts": {{
		In: "runtime/internal/batch", Decl: "(*Batch).Abandon",
		Old: `!b.position.CompareAndSwap(int64(p), int64(Abandoned))`,
		New: `false`,
	}},
	"stuck-healthy": {{
		In: "runtime", Decl: "organState",
		Old: `state.Stuck = now.Workers > 0 && now.Abandoned == now.Workers`,
	}},
	"prefetch-unbounded": {{
		In: "runtime/internal/engine", Decl: "(*feed).fetchRoom",
		Old: `min(wanted-len(f.ready), max(wanted, maxFeedWaiting)-f.count)`,
		New: `1 << 20`,
	}},
	"prefetch-ignored": {{
		In: "runtime/internal/engine", Decl: "(*Organ).fetchSize",
		Old: `o.Policy.Prefetch > 0`,
		New: `false`,
	}},
	"amplifier-unbounded": {{
		In: "runtime/internal/engine", Decl: "(*Organ).awaitPressure",
		Old: `!p.emitsMore() ||`,
		New: `limit > 0 || !p.emitsMore() ||`,
	}},
	"first-error-ends": {{
		In: "runtime/internal/engine", Decl: "(*Run).NoteFailedCall",
		Old: `c.max > 0 && n >= c.max`,
		New: `n >= c.max`,
	}},
	"hammered": {{
		In: "runtime/internal/engine", Decl: "(*Run).NoteFailedCall",
		Old: `jitterBelow(callBackoffMin, CallBackoffMax, int(n))`,
		New: `0`,
	}},
	"trouble-hidden": {{
		In: "runtime", Decl: "(*Spine).Health",
		Old: `h.Err = h.Backend.Err`,
	}},
	"tries-for-ever": {{
		In: "runtime/internal/engine", Decl: "(*Run).NoteFailedCall",
		Old: `c.max > 0 && n >= c.max`,
		New: `false`,
	}},
	"trouble-untold": {{
		In: "runtime/internal/engine", Decl: "(*Calls).logFailure",
		Old: `c.trouble.beginTrouble(what, organ)`,
		New: `c.trouble.beginTrouble(what, organ) || n > 0`,
	}},
	"recovery-untold": {{
		In: "runtime", Decl: "(*run).watchBackend",
		Old: `quiet >= troubleQuiet`,
		New: `quiet < 0`,
	}},
	"publish-waits-for-run": {{
		In: "runtime", Decl: "(*Spine).bindOnce",
		Old: `case <-ctx.Done():`,
		New: `case <-s.closing.Done():`,
	}},
	"publish-invalid": {{
		In: "runtime", Decl: "(*Spine).envelopEvent",
		Old: `err := e.Validate(); err != nil`,
		New: `err := e.Validate(); false`,
	}},
	"publish-embedding": {{
		In: "runtime", Decl: "(*Spine).envelopEvent",
		Old: `!t.Is(e)`,
		New: `false`,
	}},
	"middleware-trusted": {{
		In: "runtime", Decl: "(*Spine).wrapPublish",
		Old: `err := checkSealed(&msgs[i], sealed.msgs); err != nil`,
		New: `err := checkSealed(&msgs[i], sealed.msgs); false`,
	}},
	"emit-invalid": {{
		In: "runtime/internal/engine", Decl: "(*Route).fillEnvelope",
		Old: `err := e.Validate(); err != nil`,
		New: `err := e.Validate(); false`,
	}},
	"read-invalid": {{
		In: "runtime/internal/engine", Decl: "(*Route).readPayload",
		Old: `err := e.Validate(); err != nil`,
		New: `err := e.Validate(); false`,
	}},
	"log-without-organ": {{
		In: "runtime/internal/engine", Decl: "(*Organ).logAttrs",
		Old: `slog.String("organ", o.Name),`,
	}},
	"payload-told": {{
		In: "runtime", Decl: "(*Spine).setUpEngine",
		Old: `c.payloadSecrets != nil`,
		New: `true`,
	}},
	"breaker-hidden": {{
		In: "runtime/internal/engine", Decl: "(*breaker).noteOutcome",
		Old: `b.signalChange()`,
		New: `_ = b`,
	}},
	"breaker-forgotten": {{
		In: "backends/memory", Decl: "(*consumer).TellBreaker",
		Old: `c.breaker = b`,
		New: `c.breaker = contract.BreakerState{}`,
	}},
	"dead-breaker-shown": {{
		In:  "backends/redisstream/internal/store/health.lua",
		Old: `if consumer and living[consumer] then`,
		New: `if consumer then living[consumer] = consumer:match('^%S+')`,
	}},
	"two-packages-unseen": {{
		In: "backends/redisstream", Decl: "(*partition).findPackages",
		Old: `len(of) > 1`,
		New: `len(of) > 9`,
	}},
	"breaker-untold": {{
		In: "runtime/internal/engine", Decl: "(*breaker).noteOutcome",
		Old: `change != nil && b.tell != nil`,
		New: `false`,
	}},
	"unknown-blurred": {{
		In: "runtime/internal/engine", Decl: "(*Organ).describeUnknown",
		Old: `len(versions) == 0`,
		New: `true`,
	}},
	"uncounted": {{
		In: "runtime/internal/engine", Decl: "(*tally).noteHandled",
		Old: `t.handledN++`,
	}},
	"no-middleware": {{
		In: "runtime", Decl: "(*Spine).wrapHandler",
		Old: `len(layers) == 0`,
		New: `true`,
	}},
	"parks-untold": {{
		In: "runtime", Decl: "(*forgotten).lookAtParks",
		Old: `p.Parked > 0 &&`,
		New: `false &&`,
	}},
	"drops-untold": {{
		In: "runtime", Decl: "(*forgotten).lookAtParks",
		Old: `p.Dropped > 0 &&`,
		New: `false &&`,
	}},
	"idle-untold": {{
		In: "runtime", Decl: "(*forgotten).lookAtOrgans",
		Old: `seen && !told`,
		New: `seen && told`,
	}},
	"keys-mixed": {{
		In: "runtime/internal/engine", Decl: "(*feed).placeDelivery",
		Old: `; busy {`,
		New: `; busy && waiting != nil {`,
	}},
	"busy-key-stops": {{
		In: "runtime/internal/engine", Decl: "(*feed).fetchRoom",
		Old: `min(wanted-len(f.ready), max(wanted, maxFeedWaiting)-f.count)`,
		New: `wanted - len(f.ready) - f.count`,
	}},
	"key-stops-all": {{
		In: "runtime/internal/engine", Decl: "(*worker).holdsBack",
		Old: `return false`,
		New: `return true`,
	}},
	"suspect-passed": {{
		In: "runtime/internal/engine", Decl: "(*worker).takeStep",
		Old: `w.endBatch(i, true)`,
		New: `w.endBatch(i, false)`,
	}},
	"publisher-refused": {{
		In: "runtime", Decl: "(*Spine).addOrgans",
		Old: `var errs []error`,
		New: `
			var errs []error
			if len(s.config.organs) == 0 {
				errs = append(errs, errors.New("no organs"))
			}`,
	}},
	"publisher-consumes": {{
		In: "runtime", Decl: "(*Spine).bindOnce",
		Old: `run || !subscribed`,
		New: `subscribed || !subscribed`,
	}},
	"program-unknown": {{
		In: "runtime", Decl: "foreignEnv",
		Old: `isPolicy && complete`,
		New: `isPolicy && complete && false`,
	}},
	"policy-untold": {{
		In: "runtime", Decl: "(*Spine).logOrgans",
		Old: `describePolicy(o.Policy, contract.Policy{}, false)`,
		New: `""`,
	}},
	"foreign-env-refused": {{
		In: "runtime", Decl: "foreignEnv",
		Old: `
			if isPolicy && hint == "" {
				return "", nil`,
		New: `
			if isPolicy {
				return "", errors.New("unknown")`,
	}},
	"two-types": {{
		In: "runtime", Decl: "typeNames.addType",
		Old: `other != nil && other != t`,
		New: `other != nil && false`,
	}},
	"batch-in-parts": {{
		In: "runtime", Decl: "(*Spine).PublishBatch",
		Old: `err = s.engine.EncodePayload(&msgs[i], p)`,
		New: `
			if err = s.engine.EncodePayload(&msgs[i], p); err == nil {
				_, err = s.backend.Publish(ctx, msgs[i:i+1], contract.PublishOptions{})
			}`,
	}},
	"drain-forgets-schedule": {{
		In: "runtime", Decl: "(*Spine).countLeft",
		Old: `oh.Ready+oh.Leased+oh.Scheduled == 0`,
		New: `oh.Ready+oh.Leased == 0`,
	}},
	"drain-waits-for-paused": {{
		In: "runtime", Decl: "(*Spine).countLeft",
		Old: `oh.Paused == "" || oh.Leased > 0`,
		New: `oh.Ready > 0`,
	}},
	"halt-unreported": {{
		In: "runtime/internal/engine", Decl: "(*Organ).bookFailure",
		Old: `out.Death.Halt`,
		New: `false`,
	}},
	"drop-keeps": {{
		In: "runtime/internal/engine", Decl: "(*Route).outcomeOfFailure",
		Old: `r.policy.OnFail == contract.Drop`,
		New: `false`,
	}},
	"no-breaker": {{
		In: "runtime/internal/engine", Decl: "(*breaker).countOutcome",
		Old: `
			b.until, b.trial = time.Now().Add(b.pause), false
			return true, change`,
		New: `return false, change`,
	}},
	"trial-waited-for": {{
		In: "runtime/internal/engine", Decl: "(*Organ).handBack",
		Old: `o.breaker.takeTrialBack()`,
	}},
	"no-timeout": {{
		In: "runtime/internal/engine", Decl: "(*worker).runDelivery",
		Old: `r.policy.Timeout > 0`,
		New: `false`,
	}},
	"wall-clock": {{
		In: "runtime/internal/engine", Decl: "(*deliveryContext).Deadline",
		Old: `return monotonicTime(nanos), true`,
		New: `return monotonicTime(nanos).Round(0), true`,
	}},
	"closed-publishes": {{
		In: "runtime", Decl: "(*Spine).Close",
		Old: `s.close()`,
	}},
	"batch-counts-trips": {{
		In: "runtime/internal/engine", Decl: "(*worker).endBatch",
		Old: `w.notePace(i)`,
	}, {
		In: "runtime/internal/engine", Decl: "(*worker).endBatch",
		Old: `w.batch.End()
	w.batch.UnlockSettling()
	w.organ.freeBatchKeys(w.run, ds, held)`,
		New: `
			w.organ.settler.waitForAll()
			w.notePace(i)
			w.batch.End()
			w.batch.UnlockSettling()
			w.organ.freeBatchKeys(w.run, ds, held)`,
	}},
	"dead-letter-behind": {{
		In: "runtime/internal/engine", Decl: "(*worker).endBatch",
		Old: `w.buried ||`,
	}},
	"state-behind": {{
		In: "runtime/internal/engine", Decl: "(*worker).endBatch",
		Old: `|| w.organ.isExclusive()`,
	}},
}

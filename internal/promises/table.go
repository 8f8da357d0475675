package main

// promise is one of those that the design makes, with the tests that hold us to it.
type promise struct {
	name   string
	facets []facet
}

// facet is what one test holds us to.
type facet struct {
	edit string // the name of what takes it away, in an edits_*.go
	says string
	place
}

// place is where a test is: a folder, and the test's full name.
type place struct {
	dir, test string
	copied    bool // the test runs the go command on this repository, and needs a copy with the edit
}

func in(dir, test string) place { return place{dir: dir, test: test} }

func seam(name string) place   { return conformance("Typed/Seam/" + name) }
func spine(name string) place  { return conformance("Typed/Spine/" + name) }
func copied(name string) place { return conformance("Copied/" + name) }

func conformance(name string) place { return in("backends/backendtest", "TestMemory/"+name) }

func scriptInCopy(name string) place {
	return place{dir: "cmd/necrogen", test: "TestScripts/" + name, copied: true}
}

func script(name string) place { return in("cmd/necrogen", "TestScripts/"+name) }

func redis(name string) place { return in("backends/redisstream", name) }

func redisSeam(name string) place { return redis("TestConformance/Seam/" + name) }

func kit(name string) place { return in("runtime/necrotest", "TestExhaust"+name) }

func differential(name string) place { return in("internal/difftest", name) }

// promises is every promise that is made, in the design's order. A property that is not listed here is not
// promised.
var promises = []promise{
	{"1 Not lost", []facet{
		{"crash-loses", "What a crashed process held comes back.", seam("CrashLosesNothing")},
		{"silence-loses", "What a silent process holds comes back when its lease runs out.", seam("ExpiredLeaseComesBack")},
		{"release-loses", "What is handed back is stored.", seam("ReleaseReturnsInOrderInFront")},
		{"park-loses", "An event that nobody subscribes to waits for its first organ.", seam("ParkIsHandedOverInFront")},
		{"nobody-renews", "A slow handler keeps its lease.", spine("SlowHandlerKeepsItsLease")},
	}},
	{"2 One atomic step", []facet{
		{"two-steps", "Acknowledging and storing what was emitted is one step.", seam("SettleIsOneStep")},
		{"no-fence", "The first settle wins; a later one changes nothing.", seam("SettleAfterAnotherHolderAppliesNothing")},
		{"no-fence", "A settle that is repeated after an error forks no chain.", spine("LostSettleReplyForksNothing")},
		{"no-fence", "Counted while processes die and calls fail: nothing is lost, no chain forks.", conformance("Typed/Faults/NothingIsLostOrForked")},
		{"no-fence", "With one fault at each call of the backend in turn, the outcome is the same.", kit("FindsNothing")},
		{"failed-emissions", "What a failed attempt emitted does not count.", spine("EmissionsAreAllOrNone")},
		{"no-fence", "Settle checks that an exclusive organ is still ours.", seam("FormerOwnerSettlesNothing")},
		{"two-owners", "One process at a time runs an exclusive organ.", spine("ExclusiveOrganRunsInOneProcess")},
	}},
	{"3 Stable identity", []facet{
		{"random-ids", "Running a handler again yields the same ids.", spine("EmittedIDsAreStable")},
		{"no-ordinal", "Siblings have different ids.", spine("EmittedIDsDiffer")},
		{"attempt-in-id", "The delivery id is the same for every attempt.", spine("AttemptsKeepTheirDeliveryID")},
		{"chain-breaks", "The envelope leads back to the chain's first event.", spine("EnvelopePropagates")},
		{"context-reused", "A delivery's context is never used again.", spine("EnvelopeOutlivesItsCall")},
	}},
	{"4 Independent organs", []facet{
		{"one-copy", "Every organ gets its own delivery.", seam("FanOutIsIndependent")},
		{"organs-wait", "An organ that hangs does not disturb another.", spine("HangingOrganDisturbsNoOther")},
		{"suspect-for-ever", "A suspect that hangs does not hold up another organ's.", spine("HangingSuspectStopsNoOther")},
		{"suspects-one-by-one", "What a dead process had leased runs side by side, up to the organ's concurrency.", spine("SuspectsRunSideBySide")},
		{"crashed-group-together", "After a crash of such a group its members run one at a time.", spine("CrashedGroupRunsOneByOne")},
		{"crashed-side-by-side", "Two suspects that were marked when their process died run one after the other.", spine("CrashedSuspectRunsAlone")},
		{"all-paused", "An organ that is paused does not disturb another.", spine("PausedOrganDisturbsNoOther")},
	}},
	{"5 Bounded", []facet{
		{"no-maxhops", "maxhops ends every chain with a dead letter.", spine("MaxHopsEndsAChain")},
		{"no-maxsteps", "A process handles as many deliveries as it may, and the rest stays stored.", spine("MaxStepsEndRun")},
		{"no-emission-count", "One call emits a bounded number of events.", spine("TooManyEmissionsFailPermanently")},
		{"no-emission-bytes", "One call emits a bounded number of bytes.", copied("Spine/TooLargeEmissionsFailPermanently")},
		{"headers-uncounted", "The headers that are stored with each event are among them.", copied("Spine/HeadersCountAsEmittedBytes")},
	}},
	{"6 Poison never blocks", []facet{
		{"panic-forgotten", "A panic becomes a dead letter with its stack.", spine("PanicBecomesADeadLetterWithItsStack")},
		{"hostile-error", "An error whose own methods panic is a failure like any other.", spine("HostileErrorsAreFailures")},
		{"huge-error", "Of a huge error the beginning and the end are kept.", spine("HugeErrorTextIsShortened")},
		{"undecodable-taken", "Undecodable bytes become a dead letter.", spine("UndecodableBytesAreDeadLettered")},
		{"given-up-silently", "A delivery whose attempts are used up becomes a dead letter.", spine("RetriesAreExhausted")},
		{"bytes-forgotten", "A dead letter keeps the raw bytes.", seam("BuryKeepsRawBytes")},
		{"redrive-forgets", "A dead letter can be redriven.", seam("RedriveStoresAgain")},
		{"discard-keeps", "A dead letter can be discarded.", seam("DiscardForgets")},
		{"gone-unknown", "A page of dead letters begins behind one that is gone.", seam("DeadLettersGoOnBehindWhatIsGone")},
		{"outcome-unchecked", "An outcome that says nothing is refused, with all of its call.", seam("SettleOfNoOutcomeAppliesNothing")},
		{"dead-unbounded", "An organ whose dead letters are full pauses, and drops nothing.", seam("DeadLimitPauses")},
		{"unknown-dies", "A type or version that this program does not know waits for one that does.", spine("DeclinedDeliveryFindsItsProgram")},
		{"declined-by-clock", "How long it waits is the sum of its delays: no process's clock decides.", in("runtime", "TestDeclinesAreMeasuredByTheirDelays")},
		{"declined-for-ever", "What no program knows becomes a dead letter in the end.", spine("UnknownTypeIsDeclinedThenDeadLettered")},
		{"declines-often", "Until then it is declined ever more rarely.", spine("DeclinesGrowRare")},
		{"decline-spends", "A decline spends no attempt.", seam("DeclineCountsNoAttempt")},
	}},
	{"7 Retries wait in the backend", []facet{
		{"retry-at-once", "A retry waits for its time, and counts.", seam("RetryWaitsAndCounts")},
		{"retry-dies", "The schedule outlives the process.", seam("RetryOutlivesItsConsumer")},
		{"worker-waits", "The worker is free meanwhile.", spine("RetryWaitsInTheBackend")},
		{"no-backoff", "The delay lies within the backoff.", spine("BackoffIsBounded")},
		{"no-jitter", "What failed together is not retried together.", in("runtime", "TestJitterSpreads")},
		{"permanent-retried", "A permanent error goes straight to the dead letters.", spine("PermanentErrorIsNotRetried")},
		{"retryafter-ignored", "RetryAfter sets the delay.", spine("RetryAfterSetsTheDelay")},
		{"crash-spends", "A crash spends no attempt.", seam("CrashLosesNothing")},
		{"stop-spends", "A shutdown spends no attempt.", spine("StopSpendsNoAttempt")},
		{"attempt-lost-at-stop", "Nor does a handler that heeds the end of the grace period.", spine("GraceEndsWithACancelledContext")},
		{"bystander-counted", "A bystander of a crash is only suspected.", seam("CrashUnmarkedIsNotCounted")},
		{"waiting-marked", "So is what waits while a suspect runs alone.", spine("WaitingSuspectIsNotMarked")},
		{"crashes-for-ever", "Three crashes while it runs alone, after one in a group, condemn a delivery.", spine("CrashingDeliveryIsDeadLettered")},
		{"mark-stays", "Handing a suspect back takes its mark away.", seam("ReleaseTakesTheMarkAway")},
	}},
	{"8 Graceful stop", []facet{
		{"stop-goes-on", "Stopping starts nothing new.", spine("StopStartsNothingNew")},
		{"no-grace", "Running handlers finish within the grace period.", spine("StopLetsRunningHandlersFinish")},
		{"grace-for-ever", "The grace period ends.", spine("GraceEndsWithACancelledContext")},
		{"stop-keeps", "What was not run is handed back at once.", spine("StopReleasesWhatWasNotRun")},
		{"leaves-after-grace", "It ends two seconds after the grace period, though the backend does not answer.", in("runtime", "TestStopIsBoundedByTheGrace")},
		{"closes-one-by-one", "A stop takes no longer with twenty organs than with one.", in("runtime", "TestStopTakesAsLongForManyOrgansAsForOne")},
		{"abandoned-unsettled", "A handler that ignores its cancelled context is abandoned, and does not hold up the stop.", spine("HangingHandlerDoesNotHoldUpStop")},
		{"abandoned-unlogged", "That is logged with its stack.", spine("HangingHandlerIsAbandoned")},
		{"late-counts", "The late result of an abandoned handler is discarded.", spine("LateResultIsDiscarded")},
		{"stuck-healthy", "An organ whose slots are all taken that way is unhealthy.", spine("OrganOfHangingHandlersIsUnhealthy")},
	}},
	{"9 Bounded memory", []facet{
		{"no-limit", "Publish waits while the backend holds its limit.", seam("FullPublishWaits")},
		{"full-waits", "It fails at once when nothing has started to consume.", seam("FullBeforeAnyConsumerIsAnError")},
		{"settle-waits", "Settle never waits, so that cycles cannot deadlock.", spine("CycleAtCapacityOneRuns")},
		{"handler-waits", "Publish from inside a handler does not wait for that handler.", spine("PublishFromAHandlerNeverWaits")},
		{"prefetch-unbounded", "Prefetch is bounded.", spine("PrefetchIsBounded")},
		{"prefetch-ignored", "With prefetch=N a process holds at most N deliveries that have not started.", spine("PrefetchHoldsWithFastHandlers")},
		{"amplifier-unbounded", "An organ that emits more than it handles waits while the backend is over its limit.", spine("AmplifyingOrganWaitsForRoom")},
		{"amplifier-unbounded", "One that goes on all the same is paused with a reason.", spine("AmplifyingCircleIsPaused")},
		{"amplifier-unbounded", "On Redis that is before the server dies.", redis("TestAmplifyingOrganIsSlowedBeforeTheServerDies")},
	}},
	{"10 Backend trouble is survived", []facet{
		{"first-error-ends", "A settle that fails is repeated.", spine("SettleTroubleIsSurvived")},
		{"first-error-ends", "A fetch that fails is repeated.", spine("FetchTroubleIsSurvived")},
		{"first-error-ends", "A program does not end because its backend starts later.", spine("SubscribeTroubleIsSurvived")},
		{"left-stops-all", "Outcomes that one server does not take keep neither the others nor new events waiting.", in("runtime", "TestWhatIsLeftIsSettledLater")},
		{"unavailable-unmatched", "Publish says that the backend cannot be reached, by an error that callers match.", redis("TestUnavailableIsMatched")},
		{"hammered", "Not at once, but after a backoff.", spine("TroubleIsNotHammered")},
		{"trouble-hidden", "Health and the counters report it.", spine("TroubleIsReportedByHealth")},
		{"tries-for-ever", "WithMaxBackendFailures ends Run.", spine("MaxBackendFailuresEndRun")},
		{"trouble-untold", "Trouble is told once when it begins.", in("runtime", "TestTroubleIsToldOnce")},
		{"recovery-untold", "And once when it ends, also to organs at rest.", in("runtime", "TestTroubleIsToldOnce")},
		{"publish-waits-for-run", "A publisher's deadline holds while Run waits for the backend.", in("runtime", "TestPublishKeepsItsDeadlineWhileRunBinds")},
	}},
	{"11 Immutable events", []facet{
		{"no-copy", "With WithCopy handlers get events of their own, through the codec.", in("backends/memory", "ExampleWithCopy")},
		{"write-unseen", "necrogen vet reports a handler that changes its event.", in("internal/analyzers", "TestAnalyzers/eventwrite")},
	}},
	{"12 Validated at every door", []facet{
		{"publish-invalid", "Publish refuses an invalid event, and stores nothing.", spine("PublishRefusesAnInvalidEvent")},
		{"publish-embedding", "Publish refuses a type that only embeds an event.", spine("PublishRefusesWhatIsNoEvent")},
		{"middleware-trusted", "Publish middleware changes headers and keys alone.", in("runtime", "TestPublishMiddlewareMayNotChangeWhatIsPublished")},
		{"emit-invalid", "An invalid emission fails its handler for good.", spine("InvalidEmissionFailsPermanently")},
		{"read-invalid", "Bytes that decode to an invalid event become a dead letter.", spine("InvalidBytesAreDeadLettered")},
	}},
	{"13 Observable", []facet{
		{"log-without-organ", "Log lines carry what a delivery is known by.", spine("LogLinesHaveTheirAttributes")},
		{"payload-told", "No log line has a payload unless asked.", in("runtime", "TestNoPayloadUnlessAsked")},
		{"secrets-told", "Secrets in log lines are masked.", in("telemetry/logs", "TestSecretsAreMasked")},
		{"spelling-told", "A secret's name is known in any spelling.", in("internal/secret", "TestHas")},
		{"login-told", "So are credentials without a name.", in("internal/secret", "TestText")},
		{"repeats-forgotten", "Repeated errors are thinned out, and counted.", in("telemetry/logs", "TestTheNextLineTellsWhatWasLeftOut")},
		{"details-shown", "Health shows states to anybody, and details to those who may see them.", in("telemetry/health", "TestDetailsAreForThoseWhoMaySee")},
		{"health-asks-always", "Probes share a look at the backend.", in("telemetry/health", "TestRequestsShareALook")},
		{"breaker-hidden", "Operators of all processes see that a breaker is open, since when, and when it tries again.", in("runtime", "TestBreakerIsTold")},
		{"breaker-forgotten", "The backend keeps the breakers of living consumers.", seam("HealthTellsOpenBreakers")},
		{"dead-breaker-shown", "The breaker of a process that is gone is not shown.", in("backends/redisstream", "TestDiagnoseBreaker")},
		{"two-packages-unseen", "doctor tells of an organ that living processes run from two packages.", in("backends/redisstream", "TestDiagnosePackages")},
		{"breaker-untold", "A breaker says when it opens and when it closes.", in("runtime", "TestBreakerIsTold")},
		{"unknown-blurred", "A decline tells an unknown version from an unknown event.", in("runtime", "TestDeclinesSayWhatIsUnknown")},
		{"uncounted", "Counters tell organ and event.", spine("CountersTellOrganAndEvent")},
		{"no-middleware", "Middleware is around every call.", spine("MiddlewareIsAroundEveryCall")},
	}},
	{"14 Work is shared", []facet{
		{"batch-hoarded", "What is fetched behind a slow handler goes to another process.", spine("WorkBehindASlowHandlerIsShared")},
		{"feed-hoarded", "So it does where all workers of an organ with concurrency have slow handlers.", spine("WorkBehindSlowHandlersIsShared")},
		{"offers-to-one", "Slow jobs spread one by one.", spine("SlowJobsSpreadOneByOne")},
		{"redis-pack-hoarded", "On Redis so do those of one pack.", redis("TestConformance/Spine/SlowJobsSpreadOneByOne")},
		{"redis-offers-first", "A process that is alone keeps the order of what it has offered.", redis("TestConformance/Spine/OfferedWorkKeepsItsOrder")},
	}},
	{"18 Nothing is forgotten quietly", []facet{
		{"parks-untold", "The first event of a name that waits for an organ is a warning.", in("runtime", "TestForgottenIsTold")},
		{"drops-untold", "So is the first that was let go.", in("runtime", "TestForgottenIsTold")},
		{"idle-untold", "And an organ that no process runs.", in("runtime", "TestForgottenIsTold")},
	}},
	{"Order", []facet{
		{"last-first", "First attempts start in publish order.", spine("OneAtATimeStartsInOrder")},
		{"keys-mixed", "With concurrency, events of equal key stay in order.", spine("ConcurrencyKeepsOrderPerKey")},
		{"busy-key-stops", "With concurrency, a busy key holds up no other.", spine("BusyKeyHoldsUpNoOther")},
		{"strict-passes", "order=strict holds back everything behind a failing delivery.", spine("StrictOrderWithFailures")},
		{"front-held", "What is in front of a failing delivery is not held back by it.", in("backends/memory", "TestOrderInFrontOfAFailure/Strict")},
		{"key-passes", "order=key holds back its key.", spine("KeyOrderWithFailures")},
		{"key-stops-all", "order=key stops no other key.", in("runtime", "TestAFailedKeyStopsNoOther")},
		{"suspect-passed", "What could not start holds back its key, too.", spine("KeyOrderWithASuspectThatCannotStart")},
		{"two-owners", "With exclusive this holds across processes.", spine("StrictOrderAcrossProcesses")},
	}},
	{"Running", []facet{
		{"publisher-refused", "A spine without organs is a publisher.", spine("PublisherNeedsNoOrgans")},
		{"id-stored-twice", "An event with an id of the caller's is stored once.", spine("PublishedIDIsStoredOnce")},
		{"publisher-consumes", "A process that only publishes is no consumer of its organs.", in("runtime", "TestPublisherIsNoConsumer")},
		{"foreign-env-refused", "Processes may share an environment: policies of another's organs are no error.", in("runtime", "TestPolicyFromEnvIsShared")},
		{"two-types", "A spine refuses two types under one name and version.", spine("TwoTypesUnderOneNameAreRefused")},
		{"batch-in-parts", "PublishBatch stores all or nothing.", spine("PublishBatchIsAllOrNone")},
		{"drain-forgets-schedule", "Drain works until nothing is scheduled either.", spine("DrainWaitsForRetries")},
		{"drain-waits-for-paused", "Drain does not wait for a paused organ.", spine("DrainOfAPausedOrganIsAnError")},
		{"halt-goes-on", "onfail=halt pauses the organ for all processes in the same step.", spine("HaltedOrganIsPausedForAll")},
		{"halt-unreported", "onfail=halt stops Run with its error.", spine("OnFailHaltStopsRun")},
		{"drop-keeps", "onfail=drop keeps nothing.", spine("OnFailDropKeepsNothing")},
		{"no-breaker", "The breaker pauses the organ, then tries one.", spine("BreakerPausesAndTries")},
		{"trial-waited-for", "A trial of the breaker that was handed back is not waited for.", in("runtime", "TestBreakerTakesBackATrial")},
		{"no-timeout", "A handler is cancelled at its timeout.", spine("TimeoutIsAFailure")},
		{"wall-clock", "Its deadline does not follow the wall clock.", in("runtime", "TestDeadlineIsMonotonic")},
		{"closed-publishes", "A closed spine refuses.", spine("ClosedSpineRefuses")},
	}},
	{"Speed, in calls", []facet{
		{"batch-counts-trips", "Batches follow what handlers take, not how far the backend is.", in("runtime", "TestRoundTripsDoNotMakeBatchesSmall")},
		{"dead-letter-behind", "A dead letter is settled before the next batch runs.", in("runtime", "TestDeadLetterIsSettledBeforeTheNextBatch")},
		{"state-behind", "An exclusive organ has one batch at most that is not settled.", in("runtime", "TestExclusiveOrganSettlesBeforeItRuns")},
		{"redis-script-a-trip", "Many outcomes take one round trip on Redis, not one for each script.", redis("TestManyOutcomesAreOneRoundTrip")},
		{"redis-stale-parts", "Scripts of one pipeline that are refused for new bindings are sent again.", redis("TestManyOutcomesMeetNewBindings")},
	}},
	{"Redis: outcomes", []facet{
		{"redis-no-fence", "Of those who hold a delivery one settles it: who takes its entry off the group.", redisSeam("SettleAfterAnotherHolderAppliesNothing")},
		{"redis-rest-not-fenced", "That holds for retries and dead letters, too.", redisSeam("SettleRepeatedAfterErrorAppliesOnce")},
		{"redis-packs-not-fenced", "And for a whole pack.", redis("TestKilledAfterKOfN/SettleRepliesLost")},
		{"redis-no-bits", "Of a pack that is settled in parts each event is settled once.", redis("TestLostSettleReplyForksNothing")},
		{"redis-bits-unread", "Who takes over a pack gets what of it is open.", redis("TestKilledAfterKOfN/Plain")},
		{"redis-two-steps", "Acknowledging and storing what was emitted is one script.", redisSeam("SettleIsOneStep")},
		{"redis-owner-unchecked", "A settle checks that an exclusive organ is still ours.", redisSeam("FormerOwnerSettlesNothing")},
		{"redis-halts-later", "onfail=halt pauses the organ in the same script.", redisSeam("HaltPausesInTheSameStep")},
		{"redis-dead-let-go", "Beyond the limit an organ pauses, and keeps its dead letters.", redisSeam("DeadLimitPauses")},
		{"redis-gone-unknown", "A page of dead letters begins behind one that is gone.", redisSeam("DeadLettersGoOnBehindWhatIsGone")},
		{"redis-organ-unknown", "An operator who names an organ that nobody bound is told.", redisSeam("AdminOfAnUnknownOrganIsAnError")},
		{"redis-strict-divided", "order=strict over several partitions is refused.", redis("TestPartitionsRefuseStrictOrder")},
		{"redis-redriven-twice", "A dead letter is redriven once.", redisSeam("RedriveStoresOnce")},
	}},
	{"Redis: publishing", []facet{
		{"redis-no-token", "A publish whose reply was lost stores once.", redis("TestLostPublishReplyStoresOnce")},
		{"redis-ids-forgotten", "An id of the caller's is remembered.", redisSeam("PublishOnceStoresOnce")},
		{"redis-never-stale", "Nothing is stored by bindings that are outdated.", redis("TestNewOrganMissesNothing")},
		{"redis-packs-too-long", "A pack holds 64 events at most.", redis("TestPacks/AtMost64")},
		{"redis-packs-too-large", "And 64 KiB.", redis("TestPacks/64KiB")},
		{"redis-keys-scattered", "A key's chains stay in one partition.", redis("TestPartitionsKeepAChainTogether")},
		{"redis-partitions-heap", "Partitions spread over the nodes of a cluster.", redis("TestPartitionsSpreadOverNodes")},
		{"redis-tags-unread", "They are where the namespace says.", redis("TestPartitionsAreWhereTheNamespaceSays")},
	}},
	{"Redis: partitions", []facet{
		{"redis-own-forgotten", "What a failover gives back to the process that had settled it comes again.", redis("TestForgottenEntriesComeBack")},
		{"redis-node-stops-all", "A node that is down stops its own partitions alone, also in processes that start then.", redis("TestDeadNodeStopsItsPartitionAlone")},
		{"redis-slot-unanchored", "Work goes on while a slot is open and no key has moved yet.", redis("TestClusterSlotMovesWhileWorkGoesOn")},
		{"redis-ask-unfollowed", "It goes on when all keys have moved.", redis("TestClusterSlotMovesWhileWorkGoesOn")},
	}},
	{"Redis: bindings", []facet{
		{"redis-park-unsorted", "A park is handed over in order, in front of what is newer.", redis("TestParkIsHandedOver")},
		{"redis-park-again", "It is handed over once, though the reply to Subscribe is lost.", redis("TestLostSubscribeReplyHandsOverOnce")},
		{"redis-types-unchecked", "A script checks before it writes.", redis("TestSubscribeChecksBeforeItWrites")},
		{"redis-group-at-end", "A group that is gone is made again, and misses nothing.", redis("TestKilledAfterKOfN/GroupDestroyed")},
		{"redis-not-rebound", "On a server that was emptied the organs bind again.", redis("TestFlushed")},
	}},
	{"Redis: leases and the schedule", []facet{
		{"redis-removal-walks", "What is scheduled for an organ that is removed goes in pages that cost the same whatever is scheduled for others.", redis("TestRemovingSkipsOthersByRank")},
		{"redis-lost-reads", "What a lost reply held is read again.", redis("TestLostReadReplyIsReadAgain/AtHand")},
		{"redis-release-suspects", "What is handed back is no suspect.", redisSeam("ReleaseReturnsInOrderInFront")},
		{"redis-steals", "Only what is still ours is renewed.", redisSeam("ExtendReportsTheLost")},
		{"redis-leaves-with-all", "Who leaves takes nothing along.", redis("TestLostClaimReplyIsClaimedAgain/Crashed=true")},
		{"redis-promoted-twice", "What is due is moved once, though two processes do it.", redis("TestRetriesArePromotedOnce")},
		{"redis-twins-counted", "What is in the schedule once is counted once.", redis("TestTwinsInTheSchedule")},
		{"redis-nobody-sweeps", "The schedule outlives its process.", redis("TestScheduleOutlivesItsProcess")},
		{"redis-looks-alone", "Organs that wait cost one look together.", redis("TestIdleOrgansCostNoCalls")},
		{"redis-busy-pokes", "An organ that works costs the same among idle ones.", redis("TestABusyOrganAmongIdleOnes")},
		{"redis-removes-all", "What was left behind is removed a little at a time.", redis("TestOneStepRemovesAFew")},
		{"redis-let-go-whole", "order=key: what waits for a key is let go as it is asked for, not in one step.", redis("TestAKeyIsLetGoInPages")},
		{"redis-place-lost", "order=key: what was set aside keeps its place.", redis("TestSetAsideKeepsItsPlace")},
		{"redis-front-unread", "order=key: what waited for a key runs before what was stored later, whoever had read that.", redis("TestLetGoComesBeforeWhatIsTakenOver")},
		{"redis-older-pass", "order=key: an answer that is older than a failure lets no later event of the key run.", redis("TestAnswerOlderThanAFailure")},
		{"redis-older-open", "An answer that is older than a halt does not open the organ.", redis("TestAnswerOlderThanAHalt")},
		{"released-overtakes", "What is handed back behind a failed delivery is not fetched while it is set aside.", redis("TestReleasedDeliveriesStayHeld")},
		{"redis-clock-back", "When the server's clock goes back, what is due keeps its time.", redis("TestClockGoesBack")},
		{"redis-clock-forward", "When the clock of a server goes forward, no living process loses what it holds.", redis("TestClockGoesForward")},
		{"redis-leases-stand", "And leases begin anew, those of dead processes too.", redis("TestClockGoesBack")},
		{"redis-takes-part", "order=key: who takes over gets what was held in stored order, however little is asked for.", redis("TestTakeOverByPlace")},
	}},
	{"Redis: servers", []facet{
		{"redis-full-publishes", "A full server refuses what is published.", redis("TestFullServerDrains")},
		{"redis-full-cannot-drain", "What it holds is handled all the same.", redis("TestFullServerDrains")},
		{"redis-primary-not-followed", "When the sentinels name another primary, the former one gets no more events, however well it answers.", redis("TestDeposedPrimaryIsLeft/Cluster=false")},
		{"redis-range-unchecked", "A stored number that is out of range makes a dead letter, and harms nothing else.", redis("TestNumbersHaveARange")},
		{"redis-letters-unbounded", "The texts of a dead letter are bounded, whoever wrote them.", redis("TestTextsOfDeadLettersAreBounded")},
		{"redis-letters-not-paged", "Dead letters are listed some megabytes at a time.", redis("TestDeadLettersArePagedByBytes")},
		{"redis-password-told", "No error tells a password.", redis("TestWrongURLs")},
		{"plain-port-silent", "A port without TLS is told at once.", redis("TestPlainPortIsTold")},
	}},
	{"Operators", []facet{
		{"dry-run-differs", "A dry run says what the run would.", in("necroctl", "TestDryRunSaysWhatTheRunWould")},
		{"final-error-doubted", "Of what the server refused nobody is told that it may be stored.", in("necroctl", "TestFinalErrorIsFinal")},
		{"columns-shift", "An empty cell of a table keeps its column.", in("necroctl", "TestEmptyCellsKeepTheirColumns")},
		{"pause-anonymous", "A pause says who began it, and when.", in("cmd/necroctl", "TestScripts/organs")},
		{"event-slip-chooses-nothing", "A name that there is not is an error, and chooses nothing.", in("cmd/necroctl", "TestScripts/dead")},
	}},
	{"Crash runs of users", []facet{
		{"exhaust-calls-once", "A handler whose emissions differ when it is called again is reported.", kit("Finds/the_clock")},
		{"exhaust-spares", "What a crash takes with it is reported.", kit("Finds/a_count_that_a_crash_forgets")},
		{"standstill-blurred", "What stops virtual time is told, with the goroutine that waits.", in("runtime/necrotest", "TestStandstillNamesTheGoroutine")},
		{"world-not-cleaned", "What a World opened is closed when its run is over.", in("runtime/necrotest", "TestCleanupEndsWhatTheWorldOpened")},
	}},
	{"Generated code", []facet{
		{"no-shape-guard", "A struct that changed since generation does not compile.", script("changed")},
		{"other-bytes", "The codec writes the bytes of the reference.", differential("TestEncode")},
		{"other-values", "The codec reads what the reference reads.", differential("TestDecode")},
		{"lengths-trusted", "A length that lies takes no memory to speak of.", in("runtime/wire", "TestWideElementsAreBounded")},
		{"deep-trusted", "Nested lengths that lie take no memory to speak of, in types that hold themselves.", differential("TestBoundedShapes")},
		{"any-trusted", "What an any is read from ends, nests 1,000 deep at most, and has true lengths.", in("runtime/wire/foreign", "TestHostile")},
		{"circle-written", "What is too deep to be read is not written.", differential("TestDeepest")},
		{"own-panics", "A panic in a type's own unmarshaling method is an error.", in("runtime/wire", "TestOwnMethods")},
		{"keys-unsorted", "Maps are written in key order, whatever their keys are.", in("runtime/wire", "TestEntries")},
		{"alias-unread", "Readers take events of an older struct: a former name is read.", differential("TestNewerReadsOlder")},
		{"duplicates-taken", "Hostile and mistaken input is an error that names the field.", differential("TestRefused")},
		{"other-verdict", "The validator's verdict is that of the reference.", differential("TestValidate")},
		{"other-difference", "Where it is another one, the documentation says so.", differential("TestDifferences")},
		{"other-field", "A rule that names a field means the one that Go would.", in("internal/spec", "TestSelected")},
	}},
	{"Generating", []facet{
		{"comment-ignored", "Every //necro: comment is used or reported.", in("internal/cases", "TestCases/generate/directives")},
		{"rule-ignored", "A rule that is not known is reported.", in("internal/cases", "TestCases/generate/rules")},
		{"pattern-believed", "A pattern is a regular expression that is there.", in("internal/cases", "TestCases/generate/rules_params")},
		{"zero-guessed", "What the rules are said to make of a missing value is what the reference makes of it.", differential("TestOnZero")},
		{"nested-rules-unseen", "necro.lock tells of a new field that stored events lack, whatever in it refuses that.", in("internal/lock", "TestCompare")},
		{"unasked-rules-known", "necro.lock takes rules that were not asked before for new.", in("internal/lock", "TestCompare")},
		{"gone-unseen", "necrogen breaking tells of packages that are gone.", script("breaking")},
		{"moved-is-gone", "It compares an event that moved with what it is where it stands now.", script("breaking")},
		{"hook-misleads", "It finds its repository in the hook of a linked worktree, too.", script("breaking_git")},
		{"nothing-compared", "Where there is nothing to compare with, it says so, and is no success.", script("breaking_git")},
		{"schema-lax", "AsyncAPI lists every field that must not be missing.", in("internal/schema", "TestEvent")},
		{"embedded-twice", "A struct that is embedded on two ways is refused: its fields would be written twice.", in("internal/cases", "TestCases/generate/embedded_twice")},
		{"opened-unseen", "A rule that only one of Publish and reading keeps is told: on what is not encoded, what is left out, and what was nil.", in("internal/cases", "TestCases/generate/doors")},
		{"many-in-place", "A struct of many fields is read by a table: its code compiles in a third of the time.", in("internal/cases", "TestCases/generate/wide_bounds")},
		{"wide-bound-narrow", "Bounds beyond 32 bits compile where an int has 32 bits.", in("internal/cases", "TestCases/generate/wide_bounds")},
		{"apart-unread", "Names in test files, and in files for other systems, do not meet those of the generated file.", in("internal/cases", "TestCases/generate/apart_names")},
		{"sealed-unheard", "A handler of a sealed interface handles the events that have its unexported method.", in("internal/cases", "TestCases/generate/sealed")},
		{"letters-refused", "An alias takes every name that a type can have, in all letters.", in("internal/directive", "TestVocabulary")},
		{"rules-undocumented", "Every rule is documented as it is.", in("internal/rule", "TestDocument")},
		{"mistake-told-twice", "One mistake gives one message.", in("internal/cases", "TestCases/generate/slips")},
		{"line-comment-believed", "A position is one of the file that a user changes.", in("internal/cases", "TestPositions")},
		{"work-repeated", "A struct costs the same work however often events hold it.", in("internal/cases", "TestWorkGrowsWithTheSource")},
		{"shape-foreign", "A newer version of another module builds with what was generated for an older one.", script("foreign_shape")},
		{"foreign-flood", "Mistakes in types of another module are told in one run, a few for each field.", script("foreign_mistakes")},
		{"topology-hidden", "Directives, rules, fields and topology are told in one run.", in("internal/cases", "TestCases/generate/rules_slips")},
		{"check-forgotten", "A cross-field rule of a struct that an event holds is asked.", in("internal/cases", "TestChecksOfHeldStructs")},
		{"structs-undescribed", "necrogen docs describes every struct that events hold, and its links lead there.", in("internal/catalogue", "TestNested")},
		{"wrote-some", "With one mistake nothing is written.", script("diagnostics")},
		{"disk-half-written", "When one file cannot be written, none is.", in("internal/write", "TestApplyIsAllOrNothing")},
		{"disk-half-written", "A full disk leaves every file as it was.", in("internal/write", "TestApplyInTrouble/full")},
		{"not-taken-back", "When a file cannot be replaced, those before it are taken back.", in("internal/write", "TestApplyTakesBack")},
		{"overwrites", "A file that necrogen did not write is never overwritten.", script("write")},
		{"init-overwrites", "necrogen init overwrites nothing.", in("internal/scaffold", "TestNothingIsHalfDone")},
		{"writes-again", "A run with nothing to do writes nothing.", script("generate")},
		{"compiles-users", "The user's own packages are never compiled.", script("unbuildable")},
		{"old-dependency", "A module in a folder is read anew after each edit.", in("internal/load", "TestReplacedFolderEdited")},
		{"trimmed-cache", "Export data that is gone is asked for again.", in("internal/load", "TestBuildCacheCleaned")},
		{"stale-unnoticed", "necrogen check finds what is stale.", script("check")},
		{"checkout-stale", "A checkout with other line ends is not stale.", script("checkout")},
		{"check-cached", "A test that checks is not fooled by a result from the cache.", scriptInCopy("init_check")},
	}},
}

package necroctl

const exitCodes = "\nExit codes: 0 done, 2 could not run.\n"

const organsHelp = `It shows each organ that is bound: deliveries that are ready, leased by a process, or wait for a retry;
dead letters; processes that consume; how old the oldest ready event is; and its state:

	running     it has consumers
	idle        it has none, and nothing to do
	abandoned   it has none, and deliveries wait: start it, or remove it
	breaking    its handlers fail in a row, so that breakers of its processes are open: since when, and the next try
	paused      by an operator, by onfail=halt, or because its dead letters are full
` + exitCodes

const eventsHelp = `It shows each event that an organ is bound to, or that is parked because none is: how many wait, wait for a
retry, or are dead letters, summed up over its organs. It reads what is stored to count it: at most
-limit events.
` + exitCodes

const tailHelp = `It shows events as they are stored, each once, decoded to JSON, until Ctrl-C. With -o json each is a line of
JSON with its envelope. It takes no event away from an organ; an event that is handled within the milliseconds
between two reads may be missing. A user of Redis needs the command XREAD.

	necroctl tail -type ORDER_PLACED -for order-7
` + exitCodes

const chainHelp = `It shows every event of a chain that is still stored, below the one that emitted it, with the time, how long
that is after the first one shown, and where it stands. ID is that of any of these events, or the
correlation id. What every organ has handled is not stored any more: a line in parentheses stands for
it. It looks through what is stored: at most -limit events, and again from the beginning where ID is not
the correlation id. It shows 10,000 events of the chain at most.

Exit codes: 0 done, 2 could not run, or nothing of the chain is stored.
`

const doctorHelp = `It looks for organs that are paused, that no process runs or that fall behind, dead letters, delayed events
that nothing routes, schedules that no process keeps, and parks that overflow; of Redis also for settings of the server that endanger the
guarantees, a replica, a memory or a disk that is full, consumers that hold entries and are silent, and
consumers that are leaked.

Exit codes: 0 nothing is severe, 1 something is, 2 could not run.
`

const proveHelp = `It compares a release with a running system, before the release is deployed: what it could not read (an event
without an alias, a version that is newer than it knows or older than it can upcast), what it could not handle, and which organs
it would orphan, each with how much is stored and since when. TOPOLOGY is a file of necrogen topology, or of
the program itself; name those of all programs that share the namespace. What is bound in another way than the release wants is a note.
With -from it proves, too, that the release before could go on behind this one, for a rollback.

	necrogen topology -o topology.json ./...
	necroctl prove topology.json
	necroctl prove -from released.json -snapshot snapshot.json topology.json

It changes nothing. It reads what is stored to count it: at most -limit events.

Exit codes: 0 nothing is wrong, 1 something is, 2 could not run.
`

const snapshotHelp = `It saves what prove needs to know of a running system: organs, bindings, schedules, and how many events and
states are stored of which version. There are no payloads, keys or headers in it.

	necroctl snapshot -o snapshot.json
	necroctl prove -snapshot snapshot.json topology.json
` + exitCodes

const deadLsHelp = `It lists dead letters, oldest first, of all organs or of those that the flags choose.

	necroctl dead ls -organ shop.Billing -reason permanent -older 24h
` + exitCodes

const deadShowHelp = `It shows dead letters with their envelope, their error, the stack of a panic, and the event as JSON. What
cannot be decoded is shown in base64.
` + exitCodes

const deadRedriveHelp = `It stores dead letters again, with no attempts spent: the organ handles them anew. IDs, flags or -all
choose which. It says what it is about to do, and asks; -dry-run only says it.

	necroctl dead redrive -organ shop.Billing -reason exhausted -dry-run

A letter whose give-up handler ran is left, unless -again is given: the handler has told others that the event
failed, and a saga may have turned back since. When the event succeeds now, they are not told.

Exit codes: 0 done, 1 nothing was done because it was not confirmed, 2 could not run.
`

const deadEditHelp = `It stores the event of a dead letter again with another payload, for the letter's organ alone, and takes the
letter away in the same step. The JSON is the whole event; without it the input is read:

	necroctl dead show ID -o json | jq '.[0].event.data | .email = "ann@example.com"' | necroctl dead edit ID -yes

It has the fields and the kinds of values that the letter has, unless -reshape is given. What it was and is are printed, and it asks. The
event gets a new id, which is printed, joins the end of the organ's queue, and is validated when the organ gets it: one that is
wrong becomes a dead letter again.

A letter whose give-up handler ran is left, unless -again is given, as with dead redrive.

Exit codes: 0 done, 1 nothing was done because it was not confirmed, 2 could not run.
`

const deadDiscardHelp = `It forgets dead letters for good. IDs, flags or -all choose which. It says what it is about to do, and
asks; -dry-run only says it.

	necroctl dead discard -organ shop.Billing -event ORDER_PLACED -older 30d

Exit codes: 0 done, 1 nothing was done because it was not confirmed, 2 could not run.
`

const scheduledLsHelp = `It lists events with a delay that wait for their time, in the order in which they are due: with -event and
-key some of them, for which it may have to read all. Retries of organs are not among them. Where a partition
cannot be reached it lists what the others have, and names that one.

	necroctl scheduled ls -event REMINDER -key order-7
` + exitCodes

const scheduledRunHelp = `It makes events due now. Each is delivered once, with its own id, to the organs that are bound to it. It
says what it is about to do, and asks; -dry-run only says it. An event that does not wait is an error, and the
others are run.

	necroctl scheduled run 0fac0ede-da1b-a235-468f-39963a8c83a7

Exit codes: 0 done, 1 nothing was done because it was not confirmed, 2 could not run.
`

const scheduledCancelHelp = `It takes events out of the schedule: they are not delivered. It says what it is about to do, and asks;
-dry-run only says it. An event that does not wait is an error, and the others are cancelled.

	necroctl scheduled cancel 0fac0ede-da1b-a235-468f-39963a8c83a7

Exit codes: 0 done, 1 nothing was done because it was not confirmed, 2 could not run.
`

const schedulesHelp = `It lists the schedules of events that are published by themselves: the times that are bound, the last tick
that was fired or left out, and the next one. An event is shown with the first name that it had. A schedule
that no process has named for 30 days is forgotten.

	necroctl schedules -o json
` + exitCodes

const pauseHelp = `It stops deliveries to an organ in all its processes, until resume. What comes for it is stored.

	necroctl pause shop.Billing -reason 'the bank is down'
` + exitCodes

const resumeHelp = `It ends every pause of an organ, whoever began it. An organ that paused because its dead letters are full
pauses again at the next one: redrive or discard some first.
` + exitCodes

const publishHelp = `It publishes an event, whose JSON is the second argument or the input, and prints its id. The fields have
their names on the wire. necroctl knows no types: an event that its organ cannot read, or that breaks
its rules, becomes a dead letter there. A key is not taken out of the event: give it with -key.

	necroctl publish ORDER_PLACED -key order-7 '{"order_id": "order-7", "amount": 99}'
	necroctl publish ORDER_PLACED < order.json
` + exitCodes

const consoleHelp = `It serves web pages over the backend until it is interrupted, and prints their address. They show organs, dead
letters, scheduled and stored events, and what doctor finds. Without -actions nobody can change anything. On an
address that other machines reach, it needs -users or -user-header, and a proxy with TLS in front.

	necroctl console
	necroctl console -listen :8088 -users users -actions

Exit codes: 0 interrupted, 2 could not run.
`

const removeHelp = `It forgets an organ, with all that waits for it and with its dead letters. It says what that is, and asks;
-dry-run only says it. An organ with consumers is refused: first deploy without it. What is published
of its events is parked from then on, unless another organ handles them.

Exit codes: 0 done, 1 nothing was done because it was not confirmed, 2 could not run.
`

const schemaHelp = `It prints the SQL that makes the tables of an engine, for an administrator who runs it where programs may not make
any. ENGINE is postgres. The last lines say which rights the user of the programs needs.

	necroctl schema postgres -namespace shop | psql -v ON_ERROR_STOP=1 shop
` + exitCodes

const completionHelp = `It prints what makes a shell complete verbs and flags.

	source <(necroctl completion bash)                                     in ~/.bashrc
	source <(necroctl completion zsh)                                      in ~/.zshrc, after compinit
	necroctl completion fish > ~/.config/fish/completions/necroctl.fish    once
`

const versionHelp = "It prints the version, and that of the Go that built it.\n"

const helpHelp = "It tells what a verb does, which flags it has, and its exit codes.\n"

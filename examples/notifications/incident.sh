#!/usr/bin/env bash
# An incident, from the alert to the empty dead letters: it starts Redis, a gateway and two workers,
# breaks the gateway, and mends with necroctl what came of it. docs/incident.md tells the story, and
# a test of internal/proof/docs wants that this prints what stands there.
#
#   bash examples/notifications/incident.sh     needs Go and redis-server, and takes some seconds
#
# It works in a folder of its own, without a fixed port, and leaves nothing behind.
set -uo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d) || exit
pids=()

leave() {
	local code=$?
	trap '' EXIT INT TERM HUP PIPE
	[ $code != 1 ] || tail -n 5 "$work"/*.log >&2 2>/dev/null
	[ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null
	wait
	rm -rf "$work"
	exit $code
}
trap leave EXIT
trap 'exit 130' INT TERM HUP PIPE

# part begins a part of the story.
part() { printf '## %s\n' "$1"; }

# run shows a command, runs it, and shows what it says. What it starts in the background ends with
# this script.
run() {
	local before=${!-}
	printf '$ %s\n' "$1"
	eval "$1" >said 2>&1
	cat said
	[ "${!-}" = "$before" ] || pids+=($!)
}

# wait_for waits until a command succeeds.
wait_for() {
	for ((i = 0; i < 600; i++)); do
		"$@" && return
		sleep 0.05
	done
	printf 'incident.sh: in vain: %s\n' "$*" >&2
	necroctl organs >&2
	exit 1
}

# consumed succeeds when two processes consume for every organ.
consumed() { organs '^\[(\{[^}]*"consumers":2,[^}]*\},?){7}\]$'; }

# settled succeeds when nothing is left to do, but so many SMS are ready, and so many are dead letters.
# No other organ's name begins with an s.
settled() { organs "^\[($(organ '[a-rt-z][a-z_]*' 0 0),?|$(organ sms "$1" "$2"),?){7}\]$"; }

organs() { [[ $(necroctl organs -o json 2>&1 | tr -d ' \n') =~ $1 ]]; }
organ() { printf '\{"organ":"%s","state":"[a-z]*","ready":%d,"leased":0,"scheduled":0,"dead":%d,[^}]*\}' "$1" "$2" "$3"; }

# count counts the messages that what was just stored asks for; sms is how many of them are SMS.
count() {
	local stored
	stored=($(<said)) # stored 500 notifications: 286 email 289 sms 295 push
	sms=${stored[5]}
	asked=$((asked + stored[3] + sms + stored[7]))
}
asked=0

(cd "$repository" && go build -o "$work/bin/" ./cmd/necroctl ./examples/notifications ./examples/notifications/gatewayd) || exit
PATH=$work/bin:$PATH
cd "$work" || exit
unset "${!NECRO_@}"

part 'A service at work'
run 'redis-server --port 0 --unixsocket redis.sock --appendonly yes --maxmemory 256mb --maxmemory-policy noeviction >redis.log &'
run 'export NECRO_REDIS_URL=unix://$PWD/redis.sock NECRO_REDIS_NAMESPACE=notifications'
run 'gatewayd --ledger ledger >gateway.env 2>gateway.log &'
wait_for grep -qi 'ready to accept connections' redis.log
wait_for grep -q SMTP= gateway.env
run 'source ./gateway.env'
run 'export NECRO_SMS_RETRY=3 NECRO_SMS_BACKOFF=10ms..20ms NECRO_SMS_BREAKER=5/10ms'
run 'notifications --work --smtp $SMTP --gateway $GATEWAY 2>worker1.log &'
run 'notifications --work --smtp $SMTP --gateway $GATEWAY 2>worker2.log &'
wait_for consumed
run 'notifications --publish --stress 500'
count
wait_for settled 0 0
run 'necroctl organs'
run "grep -c '' ledger/*"

part 'Something breaks'
run 'mv ledger/sms sms.away'
run $'necroctl publish NOTIFICATION_REQUESTED \\\n    \'{"notification_id": 7001, "user_id": "ada", "channels": ["sms", "push"], "message": "Your code is 271 828", "priority": "high"}\''
chain=$(<said)
asked=$((asked + 2))
wait_for settled 0 1
run 'notifications --publish --stress 100 --seed 2'
count
dead=$((sms + 1))
wait_for settled 0 "$dead"

part 'What is wrong?'
run 'necroctl doctor'
run 'necroctl organs'
run 'necroctl events'

part 'Why?'
run 'necroctl dead ls -organ sms -limit 3'
letter=$(awk '$2 == "sms" { print $1; exit }' said)
run "necroctl dead show $letter"
run "necroctl chain $chain"

part 'No more of it'
run "necroctl pause sms -reason 'INC-7: the gateway takes no SMS'"
run 'notifications --publish --stress 50 --seed 3'
count
wait_for settled "$sms" "$dead"
run 'necroctl organs'
run 'necroctl doctor; echo "exit code $?"'

part 'The gateway is mended'
run 'mv sms.away ledger/sms'
run 'necroctl resume sms'
wait_for settled 0 "$dead"
run 'necroctl organs | grep sms'

part 'Again, what failed'
run "necroctl dead redrive $letter -yes"
wait_for settled 0 $((dead - 1))
run 'necroctl dead redrive -organ sms -reason exhausted -dry-run'
run 'necroctl dead redrive -organ sms -reason exhausted -yes'
wait_for settled 0 0

part 'All is well'
run 'necroctl dead ls'
run 'necroctl organs'
run 'necroctl doctor'
run "grep -c '' ledger/*"
run 'sort ledger/* | uniq -d'

taken=$(sort -u ledger/* | grep -c '')
if [ "$taken" != "$asked" ]; then
	printf 'incident.sh: the gateway took %d of %d messages\n' "$taken" "$asked" >&2
	exit 1
fi

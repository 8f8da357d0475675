# What is done with this repository; `make` alone lists it. Users of necrogen need no make.

SHELL = bash
FUZZTIME ?= 20s
CHAOSTIME ?= 10m
ORDERS ?= 20000
FIELDTIME ?= 20m
FIELDSLACK ?= 1
FIELDONLY ?= .
# A machine with a load of 30 takes ten times as long as a quiet one.
TESTTIME = 40m
# Continuous integration puts a command there that runs a failed test again. It takes flags as -name=value, then packages.
GOTEST = go test
NODETESTS = internal/gen/asyncapi internal/proof/docs internal/gen/draw internal/proof/difftest console examples/service
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
NECROGEN = github.com/necrostack/necrogen/cmd/necrogen

# $(call each,commands) runs commands in the folder of every module of go.work.
MODULES = $(shell go list -m -f '{{.Dir}}')
# All packages of all modules. Those whose tests wait longest, for leases and servers, come first, because packages run side by side.
PACKAGES = ./backends/redisstream ./backends/sqlite ./backends/postgres ./backends/backendtest ./internal/proof/cases $(shell go list -m -f '{{.Path}}/...')
each = @set -e; for dir in $(MODULES); do echo "in $$dir"; (set -x; cd "$$dir"; $(1)); done

.PHONY: help demo test test-node lint bench fuzz chaos orders field promises generate compiler redis postgres node chromium

help:
	@echo 'make demo      generate the order book, and run it on its sample orders'
	@echo 'make test      every test of every module, under the race detector'
	@echo 'make test-node what other implementations, under Node, say of our formats, and Chromium of our pages'
	@echo 'make lint      gofmt, go vet, necrogen vet, staticcheck, and of the root module go vet for darwin, windows and 32 bits'
	@echo 'make bench     measure against other libraries and against hand-written code'
	@echo 'make fuzz      run each fuzz target for FUZZTIME, which is $(FUZZTIME)'
	@echo 'make chaos     count deliveries on redis amid faults for CHAOSTIME, which is $(CHAOSTIME)'
	@echo 'make orders    bring ORDERS, which is $(ORDERS), of examples/fulfilment to an end while workers and servers are killed'
	@echo 'make field     latency, rollouts, servers that fail: a table, after FIELDTIME, which is $(FIELDTIME)'
	@echo 'make promises  take away what keeps each promise: its test must go red'
	@echo 'make generate  write all generated files anew'

demo:
	@echo 'compiling necrogen, and letting it write the code of examples/orderbook'
	go generate ./examples/orderbook
	@echo 'compiling the order book with the runtime, and running it on its sample orders'
	go run ./examples/orderbook

# A process under the race detector sleeps for a second before it exits, for races that come late: scripts start
# hundreds of them. And tests mostly wait: more packages than there are cores run at a time.
# Lint vets the tests. SQLite, which is translated to Go, is too slow for faults at every call under the race detector.
test: compiler redis postgres
	@echo 'every test of every module, those that take longest first'
	GORACE=atexit_sleep_ms=10 $(GOTEST) -race -vet=off -p=3 -timeout=$(TESTTIME) $(PACKAGES)
	cd backends/sqlite && $(GOTEST) -vet=off -timeout=$(TESTTIME) -run='^TestFaults$$' .
	$(call each,go run $(NECROGEN) check ./...)

test-node: compiler node chromium
	@set -e; for dir in $(NODETESTS); do (set -x; cd "$$dir"; go test -tags node -run '^TestNode' .); done

# The race detector needs a C compiler, and so do servers whose clock is set.
compiler:
	@command -v $$(go env CC) >/dev/null \
	|| { [ "$$(id -u)" = 0 ] && apt-get update -q && apt-get install -qy --no-install-recommends gcc libc6-dev; } \
	|| { echo 'the race detector needs a C compiler: apt-get install gcc libc6-dev' >&2; exit 1; }

# Tests and measurements start servers of their own, and do not use one that runs already.
redis:
	@command -v redis-server >/dev/null \
	|| { [ "$$(id -u)" = 0 ] && apt-get update -q && apt-get install -qy --no-install-recommends redis-server; } \
	|| { echo 'the tests need a redis server: apt-get install redis-server' >&2; exit 1; }

# The programs initdb and postgres stand in a folder of their version, and pgbouncer among those of root: outside of PATH.
postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null \
	|| { [ "$$(id -u)" = 0 ] && apt-get update -q && apt-get install -qy --no-install-recommends postgresql; } \
	|| { echo 'the tests need PostgreSQL: apt-get install postgresql' >&2; exit 1; }
	@[ -x /usr/sbin/pgbouncer ] || command -v pgbouncer >/dev/null \
	|| { [ "$$(id -u)" = 0 ] && apt-get update -q && apt-get install -qy --no-install-recommends pgbouncer; } \
	|| { echo 'the tests need PgBouncer: apt-get install pgbouncer' >&2; exit 1; }

# Other implementations: of msgpack, which must read what generated code writes, of AsyncAPI and of Mermaid; what drives and judges a browser.
node:
	@command -v npm >/dev/null \
	|| { [ "$$(id -u)" = 0 ] && apt-get update -q && apt-get install -qy --no-install-recommends nodejs npm; } \
	|| { echo 'the tests need Node: apt-get install nodejs npm' >&2; exit 1; }
	@cd internal/testkit/node && { cmp -s package-lock.json node_modules/.installed \
	|| { npm ci --no-audit --no-fund && cp package-lock.json node_modules/.installed; }; }

# The browser that looks at the pages of the console.
chromium:
	@command -v chromium >/dev/null \
	|| { [ "$$(id -u)" = 0 ] && apt-get update -q && apt-get install -qy --no-install-recommends chromium; } \
	|| { echo 'the tests need Chromium: apt-get install chromium' >&2; exit 1; }

# Only what users import is vetted for other systems and for ints of 32 bits, too: to compile the peers of bench or the database of an
# example for them takes half a minute each.
lint:
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "not gofmt-clean: $$unformatted" >&2; exit 1; }
	go vet -tags node $(PACKAGES)
	go run $(STATICCHECK) -tags node $(PACKAGES)
	$(call each,go run $(NECROGEN) vet ./...)
	set -e; for target in darwin/amd64 windows/amd64 linux/386; do GOOS=$${target%/*} GOARCH=$${target#*/} go vet ./...; done

bench: redis
	go run ./bench

# Finds the targets by itself: "go test -list" prints the names of a package, then "ok" and its path.
fuzz:
	@set -euo pipefail; for dir in $(MODULES); do cd "$$dir"; go test -list '^Fuzz' ./... \
	| awk '/^Fuzz/ { names[++n] = $$1 } /^ok/ { for (i = 1; i <= n; i++) print names[i], $$2; n = 0 }' \
	| while read -r name package; do \
		(set -x; go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$package"); \
	done; done

chaos: redis
	go run ./internal/proof/chaos -time $(CHAOSTIME)

orders: redis postgres
	cd examples/fulfilment && go test -count=1 -timeout=2h -v -run '^TestStorm$$' . -args -orders $(ORDERS) -pace 10ms

field: compiler redis
	go run ./internal/proof/field -total $(FIELDTIME) -slack $(FIELDSLACK) -only '$(FIELDONLY)'

promises: compiler redis postgres
	go run ./internal/proof/promises $(PROMISES)

generate:
	$(call each,go generate ./...)

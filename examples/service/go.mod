module github.com/necrostack/necrogen/examples/service

go 1.26.0

require (
	github.com/necrostack/necrogen v0.0.0
	github.com/necrostack/necrogen/console v0.0.0
	github.com/necrostack/necrogen/examples/fulfilment v0.0.0
	github.com/necrostack/necrogen/service v0.0.0
	go.opentelemetry.io/otel/exporters/stdout/stdouttrace v1.47.0
	go.opentelemetry.io/otel/sdk v1.47.0
	golang.org/x/crypto v0.58.0
)

require (
	github.com/beorn7/perks v1.0.1 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/dustin/go-humanize v1.1.0 // indirect
	github.com/go-logr/logr v1.4.4 // indirect
	github.com/go-logr/stdr v1.2.2 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/jackc/pgpassfile v1.0.0 // indirect
	github.com/jackc/pgservicefile v0.0.0-20240606120523-5a60cdf6a761 // indirect
	github.com/jackc/pgx/v5 v5.13.0 // indirect
	github.com/jackc/puddle/v2 v2.2.3 // indirect
	github.com/mattn/go-isatty v0.0.24 // indirect
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 // indirect
	github.com/ncruces/go-strftime v1.1.0 // indirect
	github.com/necrostack/necrogen/backends/all v0.0.0 // indirect
	github.com/necrostack/necrogen/backends/postgres v0.0.0 // indirect
	github.com/necrostack/necrogen/backends/sqlite v0.0.0 // indirect
	github.com/necrostack/necrogen/telemetry/necroprom v0.0.0 // indirect
	github.com/necrostack/necrogen/telemetry/necrotel v0.0.0 // indirect
	github.com/prometheus/client_golang v1.25.0 // indirect
	github.com/prometheus/client_model v0.6.3 // indirect
	github.com/prometheus/common v0.72.0 // indirect
	github.com/prometheus/procfs v0.22.0 // indirect
	github.com/redis/go-redis/v9 v9.23.0 // indirect
	github.com/remyoudompheng/bigfft v0.0.0-20230129092748-24d4a6f8daec // indirect
	go.opentelemetry.io/auto/sdk v1.2.1 // indirect
	go.opentelemetry.io/otel v1.47.0 // indirect
	go.opentelemetry.io/otel/log v1.47.0 // indirect
	go.opentelemetry.io/otel/metric v1.47.0 // indirect
	go.opentelemetry.io/otel/trace v1.47.0 // indirect
	go.uber.org/atomic v1.12.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
	modernc.org/libc v1.80.1 // indirect
	modernc.org/mathutil v1.7.1 // indirect
	modernc.org/memory v1.12.1 // indirect
	modernc.org/sqlite v1.62.0 // indirect
)

replace (
	github.com/necrostack/necrogen => ../..
	github.com/necrostack/necrogen/backends/all => ../../backends/all
	github.com/necrostack/necrogen/backends/postgres => ../../backends/postgres
	github.com/necrostack/necrogen/backends/sqlite => ../../backends/sqlite
	github.com/necrostack/necrogen/console => ../../console
	github.com/necrostack/necrogen/examples/fulfilment => ../fulfilment
	github.com/necrostack/necrogen/service => ../../service
	github.com/necrostack/necrogen/telemetry/necroprom => ../../telemetry/necroprom
	github.com/necrostack/necrogen/telemetry/necrotel => ../../telemetry/necrotel
)

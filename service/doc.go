// Package service runs the organs of a program as a service: it listens to signals, answers probes, serves metrics and the console,
// logs, and drains when it is told to stop. It is a module of its own, because it brings the backends of all engines, the console,
// and the clients of Prometheus and OpenTelemetry.
//
// [Run] is all that a main function needs:
//
//	func main() {
//		mux := http.NewServeMux()
//		service.Exit(service.Run(context.Background(), service.Config{
//			Organs: []necro.Organ{&shop.Billing{}, &shop.Mail{}},
//			HTTP:   mux,
//			Setup: func(_ context.Context, spine *necro.Spine) error {
//				mux.Handle("POST /orders", &shop.Orders{Spine: spine})
//				return nil
//			},
//		}))
//	}
//
// What differs from process to process comes from the environment: docs/service.md has the table. What differs from program to
// program is in [Config], where each part can be replaced, or left out by [Off].
//
// A stop has an order, in which each step still has what it needs:
//
//	/readyz answers 503              nobody sends new requests
//	NECRO_DRAIN_DELAY is over        whoever asks /readyz has seen it
//	the requests under way end       they may still publish
//	running handlers end             what they emit is stored, all else is handed back to other processes
//	traces are sent, servers end     probes and metrics answer until here
//	the backend is closed            if Run has opened it
//
// The files, in the order of reading:
//
//	config.go    what a program says
//	settings.go  what the environment says: the table of variables
//	run.go       the way from start to stop
//	parts.go     the backend, the spine and the handlers of one run
//	servers.go   the listeners
//	exit.go      how a process ends
package service

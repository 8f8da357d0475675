// Package necro runs event-driven programs whose topology the compiler knows.
//
// # The model
//
// An event is a struct with a //necro:event comment, and an organ a struct with methods that handle events: each has
// a //necro:handle comment. What a handler takes and returns says who emits what and who handles it. The command
// necrogen reads that and writes the file necro_gen.go, with dispatch tables, validators and codecs; nothing is reflected
// upon when the program runs. A [Spine] runs the organs over a backend, which is where events wait:
//
//	//necro:event key=Order
//	type Placed struct{ Order string }
//
//	//necro:event output
//	type Billed struct{ Order string }
//
//	//necro:organ
//	type Billing struct{}
//
//	//necro:handle retry=8 backoff=100ms..30s
//	func (Billing) Bill(ctx context.Context, e *Placed) (*Billed, error)
//
//	spine, err := necro.New(memory.New(), necro.WithOrgans(&Billing{}))
//	err = spine.Publish(ctx, &Placed{Order: "o-1"})
//	err = spine.Run(ctx)
//
// The example of the package is such a program, whole.
//
// # What holds
//
// An event that [Spine.Publish] stored is handled by every organ that has a handler for it, each with its own retries,
// dead letters and pace. The end of a handler's call is one atomic step of the backend: the event is
// acknowledged, and what the handler emitted is stored, or neither is. A handler whose process died runs
// again, so its effects outside of the program happen at least once: [Meta.DeliveryID], which is the same at each
// attempt, makes them idempotent. An error is retried as the policy says; [Permanent] and [RetryAfter] say otherwise,
// and what was given up becomes a dead letter with its reason.
//
// # Where to find what
//
//   - Building: [New], with [WithOrgans] and the other options of type [Option]
//   - Running: [Spine.Run], [Spine.Drain], [Spine.Close]
//   - Publishing: [Spine.Publish], [Spine.PublishBatch], [WithID], [WithIDFor], [WithUnique], [WithReceipt], [WithKey], [WithHeader], [WithCorrelation]
//   - In a handler: [MetaFrom], [MetasFrom], [Failed], [Emit], [SetEmitHeader], [Permanent], [RetryAfter]
//   - Policies: [WithPolicy] and [PolicyFromEnv], over what annotations say
//   - Around publishes and handlers: [WithPublishMiddleware], [WithChosenPublishes], [WithMiddleware], [WithRouteMiddleware], [WithContextValue]
//   - Watching: [Spine.Stats], [Spine.Health], [WithLogger], [WithPayloadLog]
//
// Tests of users' programs use package necrotest, and package topology tells necroctl what a program is. What backends and generated code agree on is package contract, which users'
// programs rarely import: operators who list dead letters do, through contract.Admin.
package necro

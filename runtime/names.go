package necro

import "github.com/necrostack/necrogen/runtime/contract"

// Names of the contract of backends and generated code that users' programs write, too.
type (
	// Event is an annotated struct. Its methods are generated; a type that merely embeds an event is refused by
	// [Spine.Publish]. An event is immutable once it was published, emitted or handed to a handler.
	Event = contract.Event
	// Organ is an annotated struct with handlers. Its method is generated.
	Organ = contract.Organ
	// ID is the 128-bit identity of an event or a delivery. The zero ID stands for none.
	ID = contract.ID
	// Failed is the error of a batch handler that failed for some of its events: the error of each, by its position. The
	// others have succeeded. Each failed one is tried again alone. After any other error the events are handled one by one
	// before an attempt is spent.
	Failed = contract.Failed
	// Death says why a delivery was given up: what a //necro:giveup method is told.
	Death = contract.Death
	// Message is an event in its envelope, as [PublishFunc] gets it.
	Message = contract.Message
	// Backend is where events wait: backends/memory, backends/redisstream, or one of your own.
	Backend = contract.Backend
	// ValidationError lists every violation of an event's rules. [Spine.Publish] returns it.
	ValidationError = contract.ValidationError
)

// What becomes of a delivery that is given up, for [OnFail].
const (
	// Dead keeps it as a dead letter. It is the default.
	Dead = contract.Dead
	// Drop lets it go; it is counted and logged.
	Drop = contract.Drop
	// Halt keeps it as a dead letter and pauses the organ for all processes in the same
	// step. Run then stops with a *HaltedError.
	Halt = contract.Halt
)

// What a failing delivery holds back, for [Order].
const (
	// OrderFirstAttempts starts first attempts in order; a retry may run after its
	// successors. It is the default.
	OrderFirstAttempts = contract.OrderFirstAttempts
	// OrderKey lets a failing delivery hold back those behind it with the same key.
	OrderKey = contract.OrderKey
	// OrderStrict lets a failing delivery hold back everything behind it.
	OrderStrict = contract.OrderStrict
)

// Errors of backends that callers can match with errors.Is.
var (
	// ErrFull: the backend holds its limit and nothing has started to consume, or it was
	// told not to wait.
	ErrFull = contract.ErrFull
	// ErrClosed: the spine or the backend was closed.
	ErrClosed = contract.ErrClosed
	// ErrBatchTooLarge: more events in one PublishBatch than the backend takes in one step.
	ErrBatchTooLarge = contract.ErrBatchTooLarge
	// ErrBackendUnavailable: the backend cannot be reached, or does not serve now. Publish returns
	// it, and so does Run when the backend failed as often as WithMaxBackendFailures allows.
	ErrBackendUnavailable = contract.ErrBackendUnavailable
	// ErrBackendFull: the backend's server has no memory left for new events.
	ErrBackendFull = contract.ErrBackendFull
	// ErrIDsFull: the backend remembers as many ids as it can, each for as long as [WithIDFor] has asked.
	ErrIDsFull = contract.ErrIDsFull
)

// NewID returns a fresh random id, for [WithID].
func NewID() ID { return contract.NewID() }

// IDOf returns the id that stands for a text, for instance an idempotency key or the
// primary key of an outbox row: the first half of its SHA-256.
func IDOf(text string) ID { return contract.IDOf(text) }

// ParseID reads 32 hexadecimal digits, or the textual form of a UUID.
func ParseID(s string) (ID, error) { return contract.ParseID(s) }

// Permanent marks an error as one that no retry mends: the delivery is given up at once.
// Permanent(nil) is nil.
func Permanent(err error) error { return contract.Permanent(err) }

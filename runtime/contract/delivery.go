package contract

// Delivery is one message handed to one organ, for one attempt.
type Delivery struct {
	Message

	// Ref and Tag are the backend's own marks: where the delivery is stored, and under which
	// lease.
	Ref any
	Tag uint64

	// Declined is when the delivery was declined first, in nanoseconds since 1970; 0 for
	// never. Declines counts how often it was.
	Declined int64
	Declines int32
	// Attempts counts the failed attempts of this delivery that were settled.
	Attempts int32
	// Crashes counts how often the delivery was marked as started (see Consumer.Extend)
	// and came back without a settle: the first time it may have run beside other suspects,
	// later it ran alone.
	Crashes int32
	// Suspect says that an earlier consumer fetched this delivery and neither settled nor
	// released it: it may have crashed its process.
	Suspect bool
	// GivingUp says that the delivery was marked as one that is given up (see Consumer.Extend), and came back without a
	// settle or a release: its give-up handler may have run, and must not run again.
	GivingUp bool
}

package necro

// End is how a handler with state ends the record of its event's key: it returns a value of this type anywhere before
// its error. True removes the record, in the atomic step that acknowledges the event and stores what the handler
// emitted; the next event of the key finds a zero state. False stores the state as it is, and so does a handler without
// a result of this type.
type End bool

package necro

// Emit is how a handler emits any number of events of one type: it takes a parameter of this type for each. It
// is called before the handler returns and not concurrently. Emissions count only when the handler returns a nil
// error.
type Emit[X any] func(X)

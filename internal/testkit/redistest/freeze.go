package redistest

// Freeze makes all connections that are open half-open: nothing passes on them any more, in either
// direction, and neither side is told. New connections work. Cut closes the frozen ones.
func (p *Proxy) Freeze() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.frozen.Store(true)
	}
}

// awaitThaw holds the bytes of a frozen link until the link is cut, and reports false then. It returns true at once on a
// link that is not frozen.
func (l *link) awaitThaw() bool {
	if !l.frozen.Load() {
		return true
	}
	<-l.ctx.Done()
	return false
}

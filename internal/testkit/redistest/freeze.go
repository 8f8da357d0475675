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

// thaws waits on a frozen link until it is cut, and reports false then. It returns true at once on a
// link that is not frozen.
func (l *link) thaws() bool {
	if !l.frozen.Load() {
		return true
	}
	<-l.ctx.Done()
	return false
}

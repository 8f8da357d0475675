package sqlstore

import (
	"sync"
	"sync/atomic"

	"github.com/necrostack/necrogen/runtime/contract"
)

// maxTypes bounds the types that are remembered, because anyone may have written the names in the database.
const maxTypes = 10_000

// Types remembers the types of stored events. The zero value is empty. It is safe for concurrent use.
type Types struct {
	known sync.Map // typeName to *contract.EventType
	count atomic.Int64
}

// typeName is what a stored event says of its type.
type typeName struct {
	name    string
	version int
}

// TypeOf returns a type with only a name and a version, the same one for each as a rule.
func (s *Types) TypeOf(name string, version int) *contract.EventType {
	key := typeName{name, version}
	if t, ok := s.known.Load(key); ok {
		return t.(*contract.EventType)
	}
	t := &contract.EventType{Name: name, Version: version}
	if s.count.Add(1) <= maxTypes {
		s.known.Store(key, t)
	}
	return t
}

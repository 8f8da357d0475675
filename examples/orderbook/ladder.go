package main

import (
	"cmp"
	"slices"
)

// Quote is the sum of what rests at one price.
type Quote struct {
	Price    Price
	Quantity int64
	Orders   int
}

// resting is the rest of an order. Those of one price form a list, oldest first.
type resting struct {
	order      *Order
	left       int64
	level      *level
	prev, next *resting
}

// level holds the orders at one price.
type level struct {
	price      Price
	quantity   int64
	orders     int
	head, tail *resting
}

func (l *level) appendOrder(r *resting) {
	r.level, r.prev = l, l.tail
	if l.tail == nil {
		l.head = r
	} else {
		l.tail.next = r
	}
	l.tail = r
	l.orders++
	l.quantity += r.left
}

func (l *level) removeOrder(r *resting) {
	if r.prev == nil {
		l.head = r.next
	} else {
		r.prev.next = r.next
	}
	if r.next == nil {
		l.tail = r.prev
	} else {
		r.next.prev = r.prev
	}
	l.orders--
	l.quantity -= r.left
}

// ladder is one side of the book: its levels in order, the best one last, where it is
// cheap to add and take away. sign is 1 where high prices are best, else -1.
type ladder struct {
	sign   Price
	levels []*level
}

func (s *ladder) bestLevel() *level {
	if len(s.levels) == 0 {
		return nil
	}
	return s.levels[len(s.levels)-1]
}

func (s *ladder) dropBest() {
	s.levels[len(s.levels)-1] = nil
	s.levels = s.levels[:len(s.levels)-1]
}

// reachesLimit reports whether the level is as good as the limit of an order on the other side.
func (s *ladder) reachesLimit(l *level, limit Price) bool { return s.sign*l.price >= s.sign*limit }

// findLevel returns where the level of a price is, or belongs.
func (s *ladder) findLevel(p Price) (i int, found bool) {
	return slices.BinarySearchFunc(s.levels, s.sign*p, func(l *level, key Price) int {
		return cmp.Compare(s.sign*l.price, key)
	})
}

func (s *ladder) addOrder(r *resting) {
	i, found := s.findLevel(r.order.Price)
	if !found {
		s.levels = slices.Insert(s.levels, i, &level{price: r.order.Price})
	}
	s.levels[i].appendOrder(r)
}

func (s *ladder) removeOrder(r *resting) {
	r.level.removeOrder(r)
	if r.level.head == nil {
		i, _ := s.findLevel(r.level.price)
		s.levels = slices.Delete(s.levels, i, i+1)
	}
}

func (s *ladder) listQuotes(n int) []Quote {
	var list []Quote
	for _, l := range slices.Backward(s.levels) {
		if len(list) == n {
			break
		}
		list = append(list, Quote{l.price, l.quantity, l.orders})
	}
	return list
}

// appendStored appends the orders of this side, those of one price oldest first.
func (s *ladder) appendStored(list []storedOrder) []storedOrder {
	for _, l := range s.levels {
		for r := l.head; r != nil; r = r.next {
			list = append(list, storedOrder{*r.order, r.left})
		}
	}
	return list
}

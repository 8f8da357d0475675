package rules

// few is up to how many elements are compared with one another, which takes no memory.
const few = 16

// Unique reports whether no two elements are equal.
func Unique[E comparable](list []E) bool {
	return keysDiffer(len(list), func(i int) *E { return &list[i] })
}

// UniquePointers reports whether no two elements point to equal values, and one is nil at most.
func UniquePointers[E comparable](list []*E) bool {
	return keysDiffer(len(list), func(i int) *E { return list[i] })
}

// UniqueBy reports whether no two of n elements have equal keys, and one has none at most.
func UniqueBy[K comparable](n int, key func(i int) *K) bool { return keysDiffer(n, key) }

// UniqueValues reports whether no two values of a map are equal.
func UniqueValues[K, V comparable](m map[K]V) bool {
	seen := make(map[V]struct{}, len(m))
	for _, v := range m {
		seen[v] = struct{}{}
	}
	return len(seen) == len(m)
}

// UniqueTargets reports whether no two values of a map point to equal values, and one is nil
// at most.
func UniqueTargets[K, V comparable](m map[K]*V) bool {
	seen := make(map[V]struct{}, len(m))
	none := 0
	for _, v := range m {
		if v == nil {
			none++
			continue
		}
		seen[*v] = struct{}{}
	}
	return len(seen)+none == len(m) && none <= 1
}

func keysDiffer[K comparable](n int, key func(i int) *K) bool {
	if n > few {
		return uniqueMany(n, key)
	}
	for i := range n {
		a := key(i)
		for j := range i {
			if b := key(j); a == nil && b == nil || a != nil && b != nil && *a == *b {
				return false
			}
		}
	}
	return true
}

func uniqueMany[K comparable](n int, key func(i int) *K) bool {
	seen := make(map[K]struct{}, n)
	none := 0
	for i := range n {
		k := key(i)
		if k == nil {
			none++
			continue
		}
		seen[*k] = struct{}{}
	}
	return len(seen)+none == n && none <= 1
}

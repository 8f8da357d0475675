package rules

// MAC reports whether s is an address of 6, 8 or 20 bytes, as package net reads it:
// 00:00:5e:00:53:01, the same with dashes or without, or 0000.5e00.5301.
func MAC(s string) bool {
	switch {
	case len(s) < 12:
		return false
	case s[2] == ':' || s[2] == '-':
		return groupsHoldOctets(len(s)+1, 3, 1) && hasSeparators(s, 3, s[2])
	case s[4] == '.':
		return groupsHoldOctets(len(s)+1, 5, 2) && hasSeparators(s, 5, '.')
	}
	return groupsHoldOctets(len(s), 2, 1) && onlyBytesOf(s, &hexDigit)
}

// groupsHoldOctets reports whether groups of a size hold 6, 8 or 20 bytes in all.
func groupsHoldOctets(length, size, each int) bool {
	n := length / size * each
	return length%size == 0 && (n == 6 || n == 8 || n == 20)
}

// hasSeparators reports whether s has hexadecimal digits and, at the end of every group, the separator.
func hasSeparators(s string, size int, sep byte) bool {
	for i := range len(s) {
		if end := i%size == size-1; end && s[i] != sep || !end && !hexDigit[s[i]] {
			return false
		}
	}
	return true
}

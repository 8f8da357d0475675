package rules

// UUID reports whether s is a UUID with its dashes, in either case.
func UUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if !hexDigit[s[i]] {
				return false
			}
		}
	}
	return true
}

var hexDigit = table("0123456789abcdefABCDEF")

// table is a set of bytes.
func table(chars string) (t [256]bool) {
	for i := range len(chars) {
		t[chars[i]] = true
	}
	return t
}

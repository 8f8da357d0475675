package wire

// Skip reads a value of any type and drops it.
func Skip(s string) (string, error) { return skip(s, 0) }

func skip(s string, depth int) (rest string, err error) {
	c, n := peek(s), 0
	switch {
	case c < fixMap || c >= negFix || c == codeNil || c == codeNo || c == codeYes:
		return s[1:], nil
	case c&0xf0 == fixArray || c == array16 || c == array32:
		n, rest, err = ReadArrayLen(s)
		return skipMany(rest, n, depth, err)
	case c&0xf0 == fixMap || c == map16 || c == map32:
		n, rest, err = ReadMapLen(s)
		return skipMany(rest, 2*n, depth, err)
	case c&0xe0 == fixStr || c >= str8 && c <= str32 || c >= bin8 && c <= bin32:
		_, rest, err = text(s, "")
		return rest, err
	case c == code32f || c == code64f:
		return skipBytes(s, 4<<(c-code32f))
	case c >= uint8c && c <= int64c:
		_, _, rest, err = integer(s, "")
		return rest, err
	case c >= ext8 && c <= ext32 || c >= fixExt1 && c <= fixExt16:
		_, _, rest, err = ext(s)
		return rest, err
	}
	return failType(s, "a value")
}

func skipMany(s string, n, depth int, err error) (string, error) {
	if depth >= maxDepth {
		return fail("values nest deeper than %d", maxDepth)
	}
	for i := 0; i < n && err == nil; i++ {
		s, err = skip(s, depth+1)
	}
	return s, err
}

// skipBytes drops a code and n bytes.
func skipBytes(s string, n int) (string, error) {
	if n >= len(s) {
		return failShort(n + 1 - len(s))
	}
	return s[1+n:], nil
}

// ext reads an extension: its data and its type.
func ext(s string) (data string, typ byte, rest string, err error) {
	n, c := 0, s[0]
	if c >= fixExt1 {
		n, rest = 1<<(c-fixExt1), s[1:]
	} else {
		n, rest, err = length(s, 1<<(c-ext8))
	}
	if err == nil && n >= len(rest) {
		rest, err = failShort(n + 1 - len(rest))
	}
	if err != nil {
		return "", 0, rest, err
	}
	return rest[1 : 1+n], rest[0], rest[1+n:], nil
}

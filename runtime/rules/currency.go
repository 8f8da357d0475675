package rules

// Currency reports whether s is a currency of ISO 4217 in three letters.
func Currency(s string) bool { return len(s) == 3 && inTable(currencies, s) }

// CurrencyNumber reports whether n is the number of a currency.
func CurrencyNumber(n int64) bool { return listedNumber(currencyNumbers, n) }

// CurrencyUint is CurrencyNumber for unsigned numbers.
func CurrencyUint(n uint64) bool { return n <= 999 && listedNumber(currencyNumbers, int64(n)) }

// BIC reports whether s is a bank's code of ISO 9362:2022: four letters or digits, two letters
// of a country, two letters or digits, and three more for a branch.
func BIC(s string) bool {
	return (len(s) == 8 || len(s) == 11) && onlyBytesOf(s, &upperAlnum) && onlyBytesOf(s[4:6], &upper)
}

// BIC2014 reports whether s is a bank's code of ISO 9362:2014, which begins with six letters.
func BIC2014(s string) bool {
	return (len(s) == 8 || len(s) == 11) && onlyBytesOf(s[:6], &letter) && onlyBytesOf(s[6:], &alnum)
}

var upperAlnum = byteSet(uppers + digits)

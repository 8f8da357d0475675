package rules

import "strconv"

// inTable reports whether code is one of the codes of a table in which they stand side by side
// in order, all of its length.
func inTable(table, code string) bool {
	n := len(code)
	low, high := 0, len(table)/n
	for low < high {
		mid := (low + high) / 2
		switch found := table[mid*n : (mid+1)*n]; {
		case found == code:
			return true
		case found < code:
			low = mid + 1
		default:
			high = mid
		}
	}
	return false
}

// listedNumber is listed for a number of three digits.
func listedNumber(table string, n int64) bool {
	if n < 0 || n > 999 {
		return false
	}
	code := [3]byte{byte('0' + n/100), byte('0' + n/10%10), byte('0' + n%10)}
	return inTable(table, string(code[:]))
}

// CountryAlpha2 reports whether s is a country of ISO 3166-1 in two letters.
func CountryAlpha2(s string) bool { return len(s) == 2 && inTable(alpha2, s) }

// CountryAlpha2EU reports whether s is a country of the European Union in two letters.
func CountryAlpha2EU(s string) bool { return len(s) == 2 && inTable(alpha2EU, s) }

// CountryAlpha3 reports whether s is a country of ISO 3166-1 in three letters.
func CountryAlpha3(s string) bool { return len(s) == 3 && inTable(alpha3, s) }

// CountryAlpha3EU reports whether s is a country of the European Union in three letters.
func CountryAlpha3EU(s string) bool { return len(s) == 3 && inTable(alpha3EU, s) }

// CountryNumeric reports whether s is the number of a country: its last three digits count.
func CountryNumeric(s string) bool { return countryText(s, countryNumbers) }

// CountryNumericEU is CountryNumeric for the European Union.
func CountryNumericEU(s string) bool { return countryText(s, countryNumbersEU) }

func countryText(s, table string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && listedNumber(table, int64(n%1000))
}

// CountryNumber reports whether n is the number of a country: its last three digits count.
func CountryNumber(n int64) bool { return listedNumber(countryNumbers, n%1000) }

// CountryUint is CountryNumber for unsigned numbers.
func CountryUint(n uint64) bool { return listedNumber(countryNumbers, int64(n%1000)) }

// CountryNumberEU is CountryNumber for the European Union.
func CountryNumberEU(n int64) bool { return listedNumber(countryNumbersEU, n%1000) }

// CountryUintEU is CountryNumberEU for unsigned numbers.
func CountryUintEU(n uint64) bool { return listedNumber(countryNumbersEU, int64(n%1000)) }

// Country reports whether s is a country in any of the forms.
func Country(s string) bool { return CountryAlpha2(s) || CountryAlpha3(s) || CountryNumeric(s) }

// CountryEU is Country for the European Union.
func CountryEU(s string) bool {
	return CountryAlpha2EU(s) || CountryAlpha3EU(s) || CountryNumericEU(s)
}

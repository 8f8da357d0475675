package rules

import "strings"

var labelChar = byteSet(lowers + uppers + digits + "-")

// Semver reports whether s is a semantic version 2.0.0: 1.2.3-alpha.1+build.5.
func Semver(s string) bool {
	s, build, hasBuild := strings.Cut(s, "+")
	if hasBuild && !allLabels(build, func(l string) bool { return onlyBytesOf(l, &labelChar) }) {
		return false
	}
	s, pre, hasPre := strings.Cut(s, "-")
	if hasPre && !allLabels(pre, preRelease) {
		return false
	}
	major, s, ok := strings.Cut(s, ".")
	minor, patch, ok2 := strings.Cut(s, ".")
	return ok && ok2 && versionNumber(major) && versionNumber(minor) && versionNumber(patch)
}

// allLabels reports whether all labels between dots are good, and not empty.
func allLabels(s string, good func(string) bool) bool {
	for {
		label, rest, more := strings.Cut(s, ".")
		if label == "" || !good(label) {
			return false
		}
		if !more {
			return true
		}
		s = rest
	}
}

// preRelease reports whether a label is a number without leading zeros, or has a letter or dash.
func preRelease(label string) bool {
	return onlyBytesOf(label, &labelChar) && (!allDigits(label) || versionNumber(label))
}

// versionNumber reports whether s is a number without leading zeros.
func versionNumber(s string) bool { return Number(s) && (s[0] != '0' || len(s) == 1) }

// CVE reports whether s is a CVE id: CVE-2024-12345. The last number has four digits that are
// not all zero, or more without leading zeros. The year is 1999, or begins with 2.
func CVE(s string) bool {
	if len(s) < 13 || !hasShape(s[:9], "CVE-9999-") {
		return false
	}
	year, number := s[4:8], s[9:]
	if year != "1999" && year[0] != '2' || !allDigits(number) {
		return false
	}
	return number[0] != '0' || len(number) == 4 && number != "0000"
}

package rules

import (
	"net"
	"strconv"
	"strings"
)

// Hostname reports whether s is a host name of RFC 952: labels of letters, digits and inner
// dashes, of which the first begins with a letter.
func Hostname(s string) bool { return s != "" && letter[s[0]] && HostnameRFC1123(s) }

// HostnameRFC1123 reports whether s is a host name whose labels may begin with a digit.
func HostnameRFC1123(s string) bool { return allLabels(s, HostnameLabel) }

// HostnameLabel reports whether s is one label: up to 63 letters, digits and inner dashes.
func HostnameLabel(s string) bool {
	return s != "" && len(s) <= 63 && alnum[s[0]] && alnum[s[len(s)-1]] && onlyBytesOf(s, &labelChar)
}

// DNSLabel reports whether s is a label of RFC 1035: a host name's in lower case that begins
// with a letter.
func DNSLabel(s string) bool { return HostnameLabel(s) && letter[s[0]] && !hasUpper(s) }

// FQDN reports whether s is a domain name of at least two labels, of which the last begins with
// a letter; a dot may end it.
func FQDN(s string) bool {
	s = strings.TrimSuffix(s, ".")
	last := strings.LastIndexByte(s, '.')
	return last >= 0 && len(s) <= 253 && last+1 < len(s) && letter[s[last+1]] && allLabels(s, fqdnLabel)
}

// fqdnLabel takes a dash at the end, as the reference does.
func fqdnLabel(s string) bool { return len(s) <= 63 && alnum[s[0]] && onlyBytesOf(s, &labelChar) }

// HostnamePort reports whether s is a host name, which may be missing, and a port from 1 on.
func HostnamePort(s string) bool {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return false
	}
	n, err := strconv.ParseInt(port, 10, 32)
	return err == nil && Port(n) && (host == "" || HostnameRFC1123(host))
}

// Port reports whether n is a port from 1 on.
func Port(n int64) bool { return n >= 1 && n <= 65535 }

// PortUint is Port for unsigned numbers.
func PortUint(n uint64) bool { return n >= 1 && n <= 65535 }

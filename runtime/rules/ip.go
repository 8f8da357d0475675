package rules

import (
	"net/netip"
	"strconv"
	"strings"
)

// IP reports whether s is an IP address without a zone.
func IP(s string) bool {
	_, ok := parseAddress(s)
	return ok
}

// IPv4 reports whether s is an IPv4 address, also one in the form of IPv6.
func IPv4(s string) bool {
	a, ok := parseAddress(s)
	return ok && a.Unmap().Is4()
}

// IPv6 reports whether s is an IPv6 address that is no IPv4 address.
func IPv6(s string) bool {
	a, ok := parseAddress(s)
	return ok && !a.Unmap().Is4()
}

// parseAddress reads an IP address without a zone. It looks for a zone first, since reading one takes memory.
func parseAddress(s string) (netip.Addr, bool) {
	if strings.IndexByte(s, '%') >= 0 {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(s)
	return a, err == nil
}

// CIDR reports whether s is an address and the length of a prefix.
func CIDR(s string) bool { return parsePrefix(s).IsValid() }

// CIDRv4 reports whether s is an IPv4 network: the bits behind the prefix are zero.
func CIDRv4(s string) bool {
	p := parsePrefix(s)
	return p.IsValid() && p.Addr().Unmap().Is4() && p.Masked().Addr() == p.Addr()
}

// CIDRv6 reports whether s is an IPv6 address and the length of a prefix.
func CIDRv6(s string) bool {
	p := parsePrefix(s)
	return p.IsValid() && !p.Addr().Unmap().Is4()
}

// parsePrefix reads an address with the length of its prefix, which may have leading zeros as in package net.
func parsePrefix(s string) netip.Prefix {
	addr, length, _ := strings.Cut(s, "/")
	a, ok := parseAddress(addr)
	if !ok || !Number(length) {
		return netip.Prefix{}
	}
	n, err := strconv.Atoi(length)
	if err != nil {
		return netip.Prefix{}
	}
	return netip.PrefixFrom(a, n)
}

// AddrPort reports whether s is an IP address and a port: 1.2.3.4:80 or [::1]:80.
func AddrPort(s string) bool { return Addr6Port(s) || Addr4Port(s) }

// Addr4Port reports whether s is an IPv4 address and a port.
func Addr4Port(s string) bool {
	host, port, ok := strings.Cut(s, ":")
	return ok && IPv4(host) && portNumber(port)
}

// Addr6Port reports whether s is an IPv6 address in brackets and a port.
func Addr6Port(s string) bool {
	host, port, ok := strings.Cut(strings.TrimPrefix(s, "["), "]:")
	return ok && s[0] == '[' && IPv6(host) && portNumber(port)
}

// portNumber reports whether s is a port as package net reads it: a sign may stand in front, and
// no digits are 0.
func portNumber(s string) bool {
	negative := s != "" && s[0] == '-'
	if negative || s != "" && s[0] == '+' {
		s = s[1:]
	}
	if s == "" {
		return true
	}
	n, err := strconv.Atoi(s)
	return err == nil && allDigits(s) && n <= 65535 && (n == 0 || !negative)
}

package rules

import (
	"net"
	"net/url"
	"strconv"
	"strings"
)

// URL reports whether s is a URL with a scheme and something after it.
func URL(s string) bool {
	if plainURL(s) {
		return true
	}
	_, ok := readURL(s)
	return ok
}

// HTTPURL reports whether s is a URL with the scheme http or https and a host.
func HTTPURL(s string) bool {
	if plainURL(s) {
		return true
	}
	u, ok := readURL(s)
	return ok && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// HTTPSURL reports whether s is a URL with the scheme https and a host.
func HTTPSURL(s string) bool {
	if plainURL(s) {
		return strings.HasPrefix(s, "https:")
	}
	u, ok := readURL(s)
	return ok && u.Host != "" && u.Scheme == "https"
}

// readURL reads a URL in lower case, as the reference does.
func readURL(s string) (*url.URL, bool) {
	u, err := url.Parse(strings.ToLower(s))
	if err != nil || u.Scheme == "" {
		return nil, false
	}
	if u.Scheme == "file" {
		return u, u.Path != "" && u.Path != "/"
	}
	return u, u.Host != "" || u.Fragment != "" || u.Opaque != ""
}

var plainPath = byteSet(lowers + uppers + digits + "-._~/?=&#+,;:@!$'()*")

// plainURL reports whether s is http:// or https://, a host of letters, digits, dots and dashes, and a path
// without escapes: most URLs are, and need no memory. It may refuse a valid URL.
func plainURL(s string) bool {
	rest, ok := strings.CutPrefix(s, "https://")
	if !ok {
		if rest, ok = strings.CutPrefix(s, "http://"); !ok {
			return false
		}
	}
	host, path := rest, ""
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		host, path = rest[:i], rest[i:]
	}
	return host != "" && onlyBytesOf(host, &hostChar) && onlyBytesOf(path, &plainPath)
}

var hostChar = byteSet(lowers + uppers + digits + "-.")

// URI reports whether s may stand in a request line: an absolute URL or an absolute path. The fragment behind a
// # does not count.
func URI(s string) bool {
	s, _, _ = strings.Cut(s, "#")
	_, err := url.ParseRequestURI(s)
	return err == nil
}

// Origin reports whether s is a web origin: http or https, a host, and a port other than 0.
func Origin(s string) bool {
	if strings.IndexByte(s, '#') >= 0 {
		return false
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	if u.Path != "" || u.RawQuery != "" || u.ForceQuery || u.User != nil {
		return false
	}
	host := u.Hostname()
	return (net.ParseIP(host) != nil || HostnameRFC1123(host)) && originPort(u.Port())
}

func originPort(s string) bool {
	if s == "" {
		return true
	}
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

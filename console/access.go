package console

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Authenticator finds the user of a request. Its functions are called concurrently.
type Authenticator struct {
	// identify returns the user, and false for a request of an unknown user.
	identify func(r *http.Request) (user string, ok bool)
	// challenge is the header WWW-Authenticate of a refusal; empty for none.
	challenge string
	// trustsLocal says that requests from this machine are trusted. Then their host has to be this machine or one of WithHosts, because a
	// page of another site can let its own name resolve to this machine (DNS rebinding), and send any header.
	trustsLocal bool
}

func (a *Authenticator) isSet() bool { return a.identify != nil }

// AuthenticatorFunc makes an authenticator of a function: identify returns the name of the user, and false for a request that
// the console has to refuse.
func AuthenticatorFunc(identify func(r *http.Request) (user string, ok bool)) Authenticator {
	return Authenticator{identify: identify}
}

// TrustedHeader takes the user from a header that a proxy sets, as in X-Forwarded-User. The proxy must take away a header of
// that name which a client sends. Requests count that come from one of the proxies' addresses; without any, from this machine. Name
// the host that browsers ask for with [WithHosts], if the proxy keeps it.
func TrustedHeader(name string, proxies ...netip.Prefix) Authenticator {
	if len(proxies) == 0 {
		proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	trustsLocal := slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Addr().IsLoopback() || p.Bits() == 0 })
	return Authenticator{trustsLocal: trustsLocal, identify: func(r *http.Request) (string, bool) {
		from, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !containsAddr(proxies, from.Addr().Unmap()) {
			return "", false
		}
		values := r.Header.Values(name)
		if len(values) != 1 || values[0] == "" { // two are that of the proxy and one of a client
			return "", false
		}
		return values[0], true
	}}
}

func containsAddr(prefixes []netip.Prefix, a netip.Addr) bool {
	for _, p := range prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// localUser is the user of a console without an authenticator.
const localUser = "local"

// admitRequest returns the user of a request. A request without a known user is answered with the reason; then ok is false.
func (c *console) admitRequest(w http.ResponseWriter, r *http.Request) (user string, ok bool) {
	if c.authenticator.isSet() {
		if !c.servesHost(r.Host) {
			http.Error(w, "this console does not serve the host of this request: name the host with the option WithHosts, if browsers reach the console by it", http.StatusMisdirectedRequest)
			return "", false
		}
		if user, ok = c.authenticator.identify(r); !ok {
			if c.authenticator.challenge != "" {
				w.Header().Set("WWW-Authenticate", c.authenticator.challenge)
			}
			http.Error(w, "who are you? This console shows its pages to users that it knows.", http.StatusUnauthorized)
		}
		return user, ok
	}
	if reason := whyNotLocal(r); reason != "" {
		http.Error(w, "this console has no authenticator, so that it answers requests over the loopback interface alone: "+reason, http.StatusForbidden)
		return "", false
	}
	return localUser, true
}

// whyNotLocal returns the reason why a request does not come from a browser of this machine that addresses this machine, and
// an empty text when it does. The host must be localhost, because a page of another site can let its own name resolve to this
// machine (DNS rebinding). A header of a proxy shows that the client is on another machine.
func whyNotLocal(r *http.Request) string {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !isLoopback(local) {
		return "it listens on another one"
	}
	if !isLocalHost(hostName(r.Host)) {
		return "the request is for the host of another name"
	}
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"} {
		if r.Header.Get(name) != "" {
			return "the request comes through a proxy"
		}
	}
	return ""
}

// servesHost reports whether requests for a host are answered.
func (c *console) servesHost(host string) bool {
	name := hostName(host)
	if len(c.hosts) == 0 {
		return !c.authenticator.trustsLocal || isLocalHost(name)
	}
	return slices.ContainsFunc(c.hosts, func(known string) bool { return strings.EqualFold(known, name) })
}

// hostName returns a host without its port.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.Trim(host, "[]")
}

// isLocalHost reports whether a name without a port is one of this machine's, whatever a resolver says.
func isLocalHost(name string) bool {
	addr, err := netip.ParseAddr(name)
	return name == "localhost" || err == nil && addr.IsLoopback()
}

// isLoopback reports whether other machines cannot reach an address.
func isLoopback(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

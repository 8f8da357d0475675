package redact

import "strings"

// maxUserinfo is how far behind "://" an @ is looked for, in bytes.
const maxUserinfo = 1024

// maskURLs masks the credentials in front of the host of each URL: redis://user:***@host. A user name alone is
// masked, too, for there it is often a token.
func maskURLs(s string) string {
	if !strings.Contains(s, "://") {
		return s
	}
	var out strings.Builder
	for {
		before, after, found := strings.Cut(s, "://")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		out.WriteString("://")
		shown, size := shownUserinfo(after)
		out.WriteString(shown)
		s = after[size:]
	}
}

// shownUserinfo returns the text shown for the user name and password that s begins with, and their size. It also
// finds a password whose special characters are not escaped.
func shownUserinfo(s string) (shown string, size int) {
	url := textUntil(s[:min(len(s), maxUserinfo)], " \t\r\n\"'`<>")
	url, _, _ = strings.Cut(url, "://") // the next of a list
	at := strings.LastIndexByte(textUntil(url, "/?#"), '@')
	user, password, _ := strings.Cut(textUntil(url, "/?#"), ":")
	switch {
	case at >= 0 && strings.Contains(url[:at], ":"):
		at = strings.LastIndexByte(url, '@')
	case at < 0 && isNoPort(user, password):
		if at = strings.LastIndexByte(url, '@'); at < 0 {
			at = strings.IndexByte(textUntil(s[:min(len(s), maxUserinfo)], "\r\n"), '@')
		}
		if at < 0 {
			at = len(url)
		}
	case at < 0:
		return "", 0
	}
	if user, _, ok := strings.Cut(s[:at], ":"); ok {
		return user + ":" + Mask, at
	}
	return Mask, at
}

// isNoPort reports whether the text behind a host and a colon cannot be a port.
func isNoPort(host, port string) bool {
	if strings.HasPrefix(host, "[") || port == "" {
		return false
	}
	return host == "" || strings.Trim(port, "0123456789") != ""
}

// textUntil returns the text before the first of some characters.
func textUntil(s, any string) string {
	if i := strings.IndexAny(s, any); i >= 0 {
		return s[:i]
	}
	return s
}

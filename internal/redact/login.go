package redact

import "strings"

// maskLogins masks credentials that neither stand in a URL nor behind a name and a sign.
func (n Names) maskLogins(s string) string { return n.flagValues(maskSchemes(dataSources(s))) }

// dataSources masks the password in front of an address without a scheme, as drivers of databases
// and command lines take it: user:***@tcp(host:3306)/db.
func dataSources(s string) string {
	if !strings.Contains(s, "@") {
		return s
	}
	var out strings.Builder
	for s != "" {
		word := textUntil(s, blanks)
		out.WriteString(dataSource(word))
		blank := len(s[len(word):]) - len(strings.TrimLeft(s[len(word):], blanks))
		out.WriteString(s[len(word) : len(word)+blank])
		s = s[len(word)+blank:]
	}
	return out.String()
}

// blanks end an address.
const blanks = " \t\r\n\"'`<>"

// maxAts bounds how many @ of a word are looked at: a password may have some, and so may the text behind the
// address.
const maxAts = 16

// dataSource masks a word up to the last @ that an address follows. URLs are masked by then.
func dataSource(word string) string {
	user, _, found := strings.Cut(word, ":")
	if !found || user == "" || strings.Contains(word, "://") {
		return word
	}
	at := strings.LastIndexByte(word, '@')
	for range maxAts {
		if at <= len(user)+1 {
			break
		}
		if isAddress(word[at+1:]) {
			return user + ":" + Mask + word[at:]
		}
		at = strings.LastIndexByte(word[:at], '@')
	}
	return word
}

// isAddress reports whether a text begins with what can only be where a server is: tcp(…), /db,
// a host with a port or a path, or a host without a domain. A mail address, as in mail:a@example.com,
// has none of these.
func isAddress(s string) bool {
	host := strings.TrimRight(s[:min(len(s), maxUserinfo)], ".,;:)]}")
	if i := strings.IndexAny(host, "(/:"); i >= 0 {
		return host[i] != ':' || strings.Trim(textUntil(host[i+1:], "/?,;"), "0123456789") == ""
	}
	return host != "" && (!strings.Contains(host, ".") || strings.Trim(host, "0123456789.") == "")
}

// maskSchemes masks the credentials behind the name of a scheme of the header Authorization anywhere in a text, if
// it is no word of a sentence.
func maskSchemes(s string) string {
	for _, scheme := range []string{"bearer ", "basic "} {
		var out strings.Builder
		lower, done := strings.ToLower(s), 0
		if len(lower) != len(s) { // a letter whose lower case has another length
			return s
		}
		for {
			i := strings.Index(lower[done:], scheme)
			if i < 0 {
				break
			}
			from := done + i + len(scheme)
			value := textUntil(s[from:], " \t\r\n\"'`<>,;)]}")
			out.WriteString(s[done:from])
			if done = from; isCredential(value) {
				out.WriteString(Mask)
				done += len(value)
			}
		}
		out.WriteString(s[done:])
		s = out.String()
	}
	return s
}

// isCredential tells a token from a word: it is long, or has digits in it.
func isCredential(s string) bool {
	return len(s) > 16 || len(s) >= 8 && strings.ContainsAny(s, "0123456789=")
}

// flagValues masks the value of a flag of a command line: --password ***.
func (n Names) flagValues(s string) string {
	var out strings.Builder
	for done := 0; ; {
		i := strings.Index(s[done:], "--")
		if i < 0 {
			out.WriteString(s[done:])
			return out.String()
		}
		from := done + i + len("--")
		name := textUntil(s[from:], " \t=")
		from += len(name)
		out.WriteString(s[done:from])
		done = from
		value := textUntil(strings.TrimPrefix(s[from:], " "), " \t\r\n")
		if strings.HasPrefix(s[from:], " ") && value != "" && value[0] != '-' && len(name) <= maxKey && n.Has(name) {
			out.WriteString(" " + Mask)
			done += 1 + len(value)
		}
	}
}

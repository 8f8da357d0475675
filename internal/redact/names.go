// Package redact tells by a name whether a value is a secret, and takes secrets out of texts:
// for log lines, and for payloads that are shown in them.
//
//	names.go   which names are those of secrets
//	text.go    secrets in a text: "password=…", JSON and headers
//	url.go     the user name and password of a URL
//	login.go   credentials without a URL or a name: user:password@tcp(host), Bearer …, --password …
package redact

import (
	"slices"
	"strings"
	"unicode"
)

// Mask is the text in a secret's place.
const Mask = "***"

// Default are the names that are always those of secrets.
var Default = Names{}.With("password", "passwd", "pwd", "pass", "passphrase", "passcode", "secret", "token", "jwt",
	"authorization", "auth", "oauth", "bearer", "api_key", "access_key", "private_key", "secret_key", "signing_key",
	"encryption_key", "credential", "cookie", "session_id", "sessid", "otp", "totp", "pin", "cvv", "cvc", "card_number",
	"ssn", "social_security_number")

// Names are those of secrets: words in lower case, without the signs between them.
type Names []string

// With returns the names and some more.
func (n Names) With(more ...string) Names {
	n = slices.Clip(n)
	for _, name := range more {
		if name := strings.Join(splitWords(name), ""); name != "" {
			n = append(n, name)
		}
	}
	return n
}

// Has reports whether a key has one of the names among its words, in any way in which words are
// written together: "db.password", "API-Key", "accessToken", "accesstoken", "password2" and
// "cookies" have one, "tokenizer" has none.
func (n Names) Has(key string) bool {
	longest := 0
	for _, name := range n {
		longest = max(longest, len(name))
	}
	parts := splitWords(key)
	for i := range parts {
		if n.inWord(parts[i]) {
			return true
		}
		joined := parts[i]
		for _, part := range parts[i+1:] {
			if joined += part; len(joined) > longest+1 {
				break
			}
			if slices.Contains(n, joined) || slices.Contains(n, strings.TrimSuffix(joined, "s")) {
				return true
			}
		}
	}
	return false
}

// longName is from how many letters on a name counts behind any others: "compass" has no password,
// whatever stands in front of "token" does.
const longName = 5

// companions are words that are written together with the names of secrets.
var companions = []string{
	"access", "account", "admin", "api", "app", "auth", "basic", "bot", "card", "client", "code", "confirm", "current",
	"customer", "data", "db", "device", "enc", "encrypted", "hash", "header", "http", "id", "key", "login", "mail", "master",
	"mobile", "my", "new", "no", "number", "old", "private", "proxy", "raw", "redis", "repeat", "root", "secret", "service",
	"sms", "smtp", "str", "string", "temp", "text", "tmp", "user", "value", "web",
}

// inWord reports whether a word of lower case letters is made of a name, words that are written
// together with one, and a number: "accesstoken", "userpin2", "secretid".
func (n Names) inWord(word string) bool {
	if len(word) > maxKey {
		word = word[len(word)-maxKey:]
	}
	word = strings.TrimRight(word, "0123456789")
	for _, name := range n {
		for from := 0; ; {
			i := strings.Index(word[from:], name)
			if i < 0 {
				break
			}
			before, after := word[:from+i], word[from+i+len(name):]
			if areCompanions(strings.TrimPrefix(after, "s")) && (len(name) >= longName || areCompanions(before)) {
				return true
			}
			from += i + 1
		}
	}
	return false
}

// areCompanions reports whether a text consists of companions, or is empty.
func areCompanions(text string) bool {
	ends := make([]bool, len(text)+1) // where a row of companions from the start may end
	ends[0] = true
	for i := range text {
		if !ends[i] {
			continue
		}
		for _, c := range companions {
			if strings.HasPrefix(text[i:], c) {
				ends[i+len(c)] = true
			}
		}
	}
	return ends[len(text)]
}

// splitWords splits where a letter or digit follows something else, and where a capital begins a word:
// "dbURLs.APIKey" is db, urls, api and key.
func splitWords(key string) []string {
	runes, from := []rune(key), 0
	var list []string
	end := func(i int) {
		if i > from {
			list = append(list, strings.ToLower(string(runes[from:i])))
		}
	}
	for i, c := range runes {
		switch {
		case !unicode.IsLetter(c) && !unicode.IsDigit(c):
			end(i)
			from = i + 1
		case i > from && unicode.IsUpper(c) && (!unicode.IsUpper(runes[i-1]) || i+2 < len(runes) && unicode.IsLower(runes[i+1]) && unicode.IsLower(runes[i+2])):
			end(i)
			from = i
		}
	}
	end(len(runes))
	return list
}

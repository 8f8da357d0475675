// Package secret tells by a name whether a value is a secret, and takes secrets out of texts:
// for log lines, and for payloads that are shown in them.
//
//	names.go  which names are those of secrets
//	text.go   secrets in a text: "password=…", JSON and headers
//	url.go    the user name and password of a URL
package secret

import (
	"slices"
	"strings"
	"unicode"
)

// Mask is what stands in a secret's place.
const Mask = "***"

// Default are the names that are always those of secrets.
var Default = Names{}.With("password", "passwd", "pwd", "passphrase", "secret", "token", "jwt", "authorization",
	"api_key", "access_key", "private_key", "credential", "cookie")

// Names are those of secrets: words in lower case, without what stands between them.
type Names []string

// With returns the names and some more.
func (n Names) With(more ...string) Names {
	n = slices.Clip(n)
	for _, name := range more {
		if name := strings.Join(words(name), ""); name != "" {
			n = append(n, name)
		}
	}
	return n
}

// Has reports whether a key has one of the names among its words, in one of the ways in which
// words are written together: "db.password", "API-Key", "accessToken" and "cookies" have one,
// "tokenizer" has none.
func (n Names) Has(key string) bool {
	longest := 0
	for _, name := range n {
		longest = max(longest, len(name))
	}
	parts := words(key)
	for i := range parts {
		joined := ""
		for _, part := range parts[i:] {
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

// words splits where a letter or digit follows something else, and where a capital begins a word:
// "dbURLs.APIKey" is db, urls, api and key.
func words(key string) []string {
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

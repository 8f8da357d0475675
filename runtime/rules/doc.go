// Package rules holds the predicates that generated validators call. Each gives the same
// verdict as the rule of that name in github.com/go-playground/validator/v10, but for what
// docs/validation.md lists. Predicates take no memory, unless package net/url, time or json does.
//
//   - text.go: letters, digits, cases, numbers; chars.go: sets of bytes
//   - email.go, url.go, host.go, ip.go, mac.go: what networks know
//   - uuid.go, version.go, clock.go: UUID, ULID, semantic versions, CVE, times
//   - encoding.go, markup.go, color.go: JSON, JWT, Base64, hexadecimal, HTML, colors
//   - country.go, currency.go with their tables, checksum.go, person.go, place.go: codes and numbers
//   - unique.go, present.go, zero.go, now.go, path.go: what validators ask of any value
package rules

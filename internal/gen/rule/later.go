package rule

import "strings"

// Later are the rules of go-playground/validator/v10 that generated validators don't have: they
// look at files and sockets of the machine, need large tables or other modules, or call methods
// by name.
var Later = strings.Fields(`
	bcp47_language_tag bcp47_strict_language_tag btc_addr btc_addr_bech32 cron datauri dir dirpath
	eth_addr_checksum file filepath image iso3166_2 mimetype mongodb_connection_string
	postcode_iso3166_alpha2 postcode_iso3166_alpha2_field spicedb uds_exists unix_addr urn_rfc2141
	urn_rfc8141 validateFn
`)

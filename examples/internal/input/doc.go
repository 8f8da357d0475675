// Package input reads what users hand to examples: files of records as CSV with a header, as
// a JSON array or as one JSON object a line. A record that is wrong is reported with its place
// and with what mends it, and the rest goes on.
//
//	source.go   files, standard input, and a sample
//	record.go   the records of a source; csv.go and json.go read its forms
//	feed.go     from records to published events
package input

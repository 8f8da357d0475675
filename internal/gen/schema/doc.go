// Package schema describes events as JSON Schema (draft 7, which AsyncAPI 3.0 builds upon): what
// their fields hold and which rules they keep. Names are those on the wire.
//
//	schema.go  the keywords
//	types.go   Go types -> keywords
//	rules.go   validation rules -> keywords
package schema

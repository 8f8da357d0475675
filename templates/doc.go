// Package templates turns the model into generated Go files. It is the only importer
// of jennifer; every file of this folder writes one section of the generated code.
package templates

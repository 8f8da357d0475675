// Package asyncapi writes a topology as an AsyncAPI 3.0 document: a channel for each event, a message with the
// schema of its payload, and an operation for each handler and its emissions.
package asyncapi

// Package catalogue writes a topology as a Markdown page: its picture, its chains with their
// bounds, its events with their fields, and its organs. The words are those of the doc comments.
package catalogue

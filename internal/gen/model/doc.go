// Package model is the model between the loader and the emitters: what the user
// declared, as plain data with positions. It knows nothing of how source is read,
// of how rules are checked or of how files are written.
package model

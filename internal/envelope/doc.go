// Package envelope writes and reads the elements of stored envelopes that all engines have alike: ids, headers, and numbers
// that have a range. Which elements there are, and in which order, is up to each engine. What is read is hostile: anyone
// may have written what is stored.
package envelope

// Package write drives the emitters and brings their files onto the disk: all or nothing, only where bytes
// differ, and never over a file that necrogen did not write.
package write

// Package wire holds the MessagePack primitives that generated codecs call.
//
// Writing is a set of Append functions in the manner of strconv: they append to a buffer
// and return it, and they allocate nothing but the buffer's growth. The bytes are those
// of github.com/vmihailenco/msgpack/v5, which keeps the width of a sized integer and
// writes int and uint in the shortest form; maps are written in key order.
//
// Reading is a Reader over one input. Its first error sticks: all that is read after it
// is zero, so that generated code asks once for each value, and not once for each byte.
// An error names the path to the field that it stands in.
package wire

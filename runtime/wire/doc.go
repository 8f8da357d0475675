// Package wire holds the MessagePack primitives that generated codecs call.
//
// Writing is a set of Append functions in the manner of strconv: they append to a buffer
// and return it, and they allocate nothing but the buffer's growth. The bytes are those
// of github.com/vmihailenco/msgpack/v5, which keeps the width of a sized integer and
// writes int and uint in the shortest form; maps are written in key order.
//
// Reading is a set of Read functions over a string, which is one copy of the input: the strings of an event are
// parts of it, and so keep it alive as a whole. A Read function stores the value at the beginning of the input
// and returns the rest of the input. With an error it returns "", in which nothing is found any more, so that
// generated code needs no test after each field. An error names the path to the field that it stands in.
package wire

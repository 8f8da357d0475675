// Package foreign reads and writes values that generated code can't see through: those of the type any, and of
// types with marshaling methods of msgpack's own. Values of other types go to the reference codec,
// github.com/vmihailenco/msgpack/v5, whose ext types are registered when the program runs. It is apart from
// package wire so that a program without such values does not link that codec.
//
// Input is looked at as a whole before it is handed on: the reference trusts the lengths in it,
// and goes as deep as it does.
package foreign

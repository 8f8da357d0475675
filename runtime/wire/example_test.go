package wire_test

import (
	"fmt"
	"log"

	"github.com/necrostack/necrogen/runtime/wire"
)

// What a generated codec does for a struct with two fields: append what is known when it is
// generated, and read what is there, whatever the order.
func Example() {
	b := wire.AppendMapLen(nil, 2)
	b = append(b, "\xa4name"...) // a key with its header
	b = wire.AppendString(b, "Ada")
	b = append(b, "\xa4born"...)
	b = wire.AppendInt(b, 1815)
	fmt.Printf("%x\n", b)

	entries, s, err := wire.ReadMapLen(wire.Copy(b))
	if err != nil {
		log.Fatal(err)
	}
	for range entries {
		var key, name string
		var born int
		if s, err = wire.ReadString(s, &key); err != nil {
			log.Fatal(err)
		}
		switch key {
		case "name":
			s, err = wire.ReadString(s, &name)
			fmt.Println(key, name)
		case "born":
			s, err = wire.ReadInt(s, &born)
			fmt.Println(key, born)
		}
		if err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// 82a46e616d65a3416461a4626f726ecd0717
	// name Ada
	// born 1815
}

// Where a value is of another kind than its field, or cut short, reading says so.
func ExampleReadInt8() {
	var n int8
	for _, s := range []string{"\x07", "\xcd\x01\x00", "\xa1x", "\xcd\x01"} { // 7, 256, "x", half of 256
		_, err := wire.ReadInt8(s, &n)
		fmt.Println(n, err)
	}
	// Output:
	// 7 <nil>
	// 0 an integer that does not fit
	// 0 a string where an integer is due
	// 0 the input ends 1 byte early
}

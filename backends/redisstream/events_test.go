package redisstream_test

//go:generate go tool necrogen

// Step is what the tests publish.
//
//necro:event STEP key=Key
type Step struct {
	N    int    `msgpack:"n" validate:"gte=0"`
	Key  string `msgpack:"key"`
	Text string `msgpack:"text"`
}

// Next is what a Step leads to.
//
//necro:event NEXT key=Key
type Next struct {
	N   int    `msgpack:"n"`
	Key string `msgpack:"key"`
}

// Last ends a chain.
//
//necro:event LAST key=Key
type Last struct {
	N   int    `msgpack:"n"`
	Key string `msgpack:"key"`
}

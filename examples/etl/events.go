package main

// Range is a part of the input, in bytes. It ends where a line ends. Counted rows are known by their range, so
// that nothing is counted twice.
type Range struct {
	From int64 `msgpack:"from" json:"from" validate:"gte=0"`
	To   int64 `msgpack:"to" json:"to" validate:"gtfield=From"`
}

// ChunkFound is a part of a file that is to be worked on. Any process that has the file can do so.
//
//necro:event CHUNK_FOUND
type ChunkFound struct {
	Run  string `msgpack:"run" validate:"required"` // the run that this belongs to
	File string `msgpack:"file" validate:"required"`
	Range
	Line   int    `msgpack:"line" validate:"gte=1"` // of the file, where the range begins
	Layout Layout `msgpack:"layout"`
}

// Row is a line of the file, as text.
type Row struct {
	Line   int      `msgpack:"line"`
	Fields []string `msgpack:"fields"` // in the order of columns
}

// Reject is a row that is not counted, and why.
type Reject struct {
	Line   int    `msgpack:"line" json:"line"`
	Column string `msgpack:"column" json:"column,omitempty"` // empty for the whole line
	Reason string `msgpack:"reason" json:"reason"`
	Value  string `msgpack:"value" json:"value,omitempty"`
	// Mend says how to mend it. Real data has gaps: they are no mistakes, and have none.
	Mend string `msgpack:"mend" json:"mend,omitempty"`
}

// RowsExtracted has rows that can be read, with those that can't.
//
//necro:event ROWS_EXTRACTED
type RowsExtracted struct {
	Run string `msgpack:"run" validate:"required"`
	Range
	Rows    []Row    `msgpack:"rows"`
	Rejects []Reject `msgpack:"rejects"`
}

// Penguin is a row whose values are all there.
type Penguin struct {
	Species    string `msgpack:"species"`
	Island     string `msgpack:"island"`
	Male       bool   `msgpack:"male"`
	BeakLength Milli  `msgpack:"beak_length"` // mm
	BeakDepth  Milli  `msgpack:"beak_depth"`  // mm
	Flipper    Milli  `msgpack:"flipper"`     // mm
	Mass       Milli  `msgpack:"mass"`        // g
}

// RowsCleaned has the penguins that can be counted, and all rejects so far.
//
//necro:event ROWS_CLEANED
type RowsCleaned struct {
	Run string `msgpack:"run" validate:"required"`
	Range
	Penguins []Penguin `msgpack:"penguins"`
	Rejects  []Reject  `msgpack:"rejects"`
}

// Group is what penguins are grouped by.
type Group struct {
	Species string `msgpack:"species" json:"species"`
	Island  string `msgpack:"island" json:"island"`
	Sex     string `msgpack:"sex" json:"sex"` // female or male
}

// Sample holds the counted values of a penguin.
type Sample struct {
	Group   Group `msgpack:"group"`
	Mass    Milli `msgpack:"mass"`    // kg
	Flipper Milli `msgpack:"flipper"` // cm
	Beak    Milli `msgpack:"beak"`    // length by depth
}

// RowsTransformed has samples, and the rejects of their range.
//
//necro:event ROWS_TRANSFORMED
type RowsTransformed struct {
	Run string `msgpack:"run" validate:"required"`
	Range
	Samples []Sample `msgpack:"samples"`
	Rejects []Reject `msgpack:"rejects"`
}

// TotalsReady says that the whole file is counted.
//
//necro:event TOTALS_READY
type TotalsReady struct {
	Run    string `msgpack:"run" validate:"required"`
	Totals Totals `msgpack:"totals"`
}

// ResultStored says that the result is written.
//
//necro:event RESULT_STORED output
type ResultStored struct {
	Run    string `msgpack:"run" validate:"required"`
	File   string `msgpack:"file" validate:"required"`
	Groups int    `msgpack:"groups"`
}

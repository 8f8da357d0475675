package templates

import (
	"github.com/dave/jennifer/jen"
)

// fieldWriter writes the fields of one struct.
type fieldWriter struct {
	g     *generator
	array bool   // they stand in an array, without their names
	omits bool   // their number depends on their values
	head  string // pre-encoded bytes to be written before the next value
}

// encodedNil is nil as it stands on the wire.
const encodedNil = "\xc0"

// flushText writes the collected literals before a value that is no literal.
func (w *fieldWriter) flushText(to *jen.Group) {
	if w.head != "" {
		to.Add(appendLiteral(w.head))
		w.head = ""
	}
}

// countFields counts the fields that are written.
//
//	n := 2
//	if v.Note != "" {
//		n++
//	}
//	b = wire.AppendMapLen(b, n)
func (w *fieldWriter) countFields(body *jen.Group, fields []flat) {
	fixed, counts := w.countStatements(fields, 0)
	body.Id("n").Op(":=").Lit(fixed)
	for _, c := range counts {
		body.Add(c)
	}
	body.Add(assignAppended("AppendMapLen", jen.Id("n")))
}

// countStatements returns how many fields are always written, and the statements that count the others.
// Behind an embedded pointer that is nil there is nothing.
//
//	if v.Base != nil {
//		n += 2
//	}
func (w *fieldWriter) countStatements(fields []flat, level int) (fixed int, counts []jen.Code) {
	for len(fields) > 0 {
		if n := pointerRun(fields, level); n > 0 {
			inner, rest := w.countStatements(fields[:n], level+1)
			if inner > 0 {
				rest = append([]jen.Code{jen.Id("n").Op("+=").Lit(inner)}, rest...)
			}
			counts = append(counts, jen.If(isReached(fields[0], level)).Block(rest...))
			fields = fields[n:]
			continue
		}
		switch filled, when := w.isWritten(fields[0]); when {
		case always:
			fixed++
		case sometimes:
			counts = append(counts, jen.If(filled).Block(jen.Id("n").Op("++")))
		}
		fields = fields[1:]
	}
	return fixed, counts
}

// isReached is the condition that an embedded pointer on the way to a field is not nil.
func isReached(f flat, level int) *jen.Statement {
	return receiver().field(f.through[level].path).value().Op("!=").Nil()
}

// writeFields writes one field after the other, those behind an embedded pointer together.
func (w *fieldWriter) writeFields(to *jen.Group, fields []flat, level int) {
	for len(fields) > 0 {
		if n := pointerRun(fields, level); n > 0 {
			w.writeBehindPointer(to, fields[:n], level)
			fields = fields[n:]
			continue
		}
		w.writeField(to, fields[0])
		fields = fields[1:]
	}
}

// writeBehindPointer writes the fields behind an embedded pointer. As the reference has it, without a
// pointer they are nil, or left out when any field of the struct may be.
//
//	if v.Base == nil {
//		b = append(b, "\xa2id\xc0\xa4name\xc0"...)
//	} else {
//		b = append(b, "\xa2id"...)
//		…
//	}
func (w *fieldWriter) writeBehindPointer(to *jen.Group, fields []flat, level int) {
	w.flushText(to)
	some := func(to *jen.Group) {
		w.writeFields(to, fields, level+1)
		w.flushText(to)
	}
	if w.omits {
		to.If(isReached(fields[0], level)).BlockFunc(some)
		return
	}
	nils := ""
	for _, f := range fields {
		nils += w.fieldKey(f) + encodedNil
	}
	at := receiver().field(fields[0].through[level].path)
	to.If(at.value().Op("==").Nil()).Block(appendLiteral(nils)).Else().BlockFunc(some)
}

// fieldKey is a field's name as it stands in front of its value.
func (w *fieldWriter) fieldKey(f flat) string {
	if w.array {
		return ""
	}
	return encodedKey(f.Wire)
}

// writeField writes key and value.
func (w *fieldWriter) writeField(to *jen.Group, f flat) {
	at := receiver().field(f.path).under(f.Wire)
	write := func(to *jen.Group) {
		w.head += w.fieldKey(f)
		w.flushText(to)
		w.g.appendValue(to, f.Type, at)
	}
	switch filled, when := w.isWritten(f); when {
	case always:
		write(to)
	case sometimes:
		to.If(filled).BlockFunc(write)
	}
}

// isWritten says when a field is written.
func (w *fieldWriter) isWritten(f flat) (*jen.Statement, when) {
	if !w.omits || !f.OmitEmpty {
		return nil, always
	}
	return w.g.isFilled(f.Type, receiver().field(f.path))
}

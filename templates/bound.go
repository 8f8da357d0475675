package templates

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/spec"
)

// bound is min, max, len, gt, gte, lt and lte: on numbers the value, on strings the runes,
// on slices, arrays and maps the length, and on times the present.
func (l *level) bound(r *spec.Rule, t *spec.Type, at place, op string) check {
	switch t.Kind {
	case spec.String:
		runes := jen.Qual("unicode/utf8", "RuneCountInString").Call(converted(t, "string", at.value()))
		return l.length(r, runes, op, "character")
	case spec.Slice, spec.Map, spec.Bytes, spec.Array:
		return l.length(r, jen.Len(at.value()), op, "element")
	case spec.Float32, spec.Float64:
		return l.float(r, t, at, op)
	case spec.Time:
		return l.time(r, at, op)
	case spec.Duration:
		return l.duration(r, at, op)
	}
	if t.Kind >= spec.Int && t.Kind <= spec.Int64 {
		n, err := strconv.ParseInt(r.Param, 0, 64)
		l.param(r, t, err)
		low, high := signedRange(t.Kind)
		return compare(at.value(), op, jen.Lit(int(n)), sign(n, low), sign(n, high), "must be "+worded(op, r.Param))
	}
	if t.Kind >= spec.Uint && t.Kind <= spec.Uint64 {
		n, err := strconv.ParseUint(r.Param, 0, 64)
		l.param(r, t, err)
		high := unsignedMax(t.Kind)
		return compare(at.value(), op, jen.Op(strconv.FormatUint(n, 10)), sign(n, 0), sign(n, high), "must be "+worded(op, r.Param))
	}
	l.g.fail("the rule %s is not supported on %s", r.Name, t.Desc)
	return check{never: true}
}

// param fails for a parameter that the reference does not read.
func (l *level) param(r *spec.Rule, t *spec.Type, err error) {
	if err != nil {
		l.g.fail("%s=%s on %s: %w", r.Name, r.Param, t.Desc, err)
	}
}

func sign[N int64 | uint64](a, b N) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func signedRange(k spec.Kind) (low, high int64) {
	bits := map[spec.Kind]int{spec.Int8: 8, spec.Int16: 16, spec.Int32: 32, spec.Int: 64, spec.Int64: 64}[k]
	return math.MinInt64 >> (64 - bits), math.MaxInt64 >> (64 - bits)
}

func unsignedMax(k spec.Kind) uint64 {
	bits := map[spec.Kind]int{spec.Uint8: 8, spec.Uint16: 16, spec.Uint32: 32, spec.Uint: 64, spec.Uint64: 64}[k]
	return math.MaxUint64 >> (64 - bits)
}

// broken is the opposite of an operator.
var broken = map[string]string{">=": "<", "<=": ">", ">": "<=", "<": ">=", "==": "!="}

// compare checks x op n, where low and high say how n stands to the least and the greatest
// value of x. What the type itself decides is not asked, since vet finds that odd.
func compare(x *jen.Statement, op string, n *jen.Statement, low, high int, message string) check {
	c := check{message: message}
	switch {
	case op == ">=" && low <= 0, op == ">" && low < 0, op == "<=" && high >= 0, op == "<" && high > 0:
		c.never = true
	case op == ">=" && high > 0, op == ">" && high >= 0, op == "<=" && low < 0, op == "<" && low <= 0,
		op == "==" && (low < 0 || high > 0):
	default:
		c.broken = x.Op(broken[op]).Add(n)
	}
	return c
}

// length checks a number of characters or elements.
func (l *level) length(r *spec.Rule, x *jen.Statement, op, unit string) check {
	n, err := strconv.ParseInt(r.Param, 0, 64)
	if err != nil {
		l.g.fail("%s=%s: %w", r.Name, r.Param, err)
	}
	return compare(x, op, jen.Lit(int(n)), sign(n, 0), sign(n, math.MaxInt64), lengthMessage(op, n, unit))
}

func lengthMessage(op string, n int64, unit string) string {
	words := map[string]string{
		">=": "at least", "<=": "at most", ">": "more than", "<": "fewer than", "==": "exactly",
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("must have %s %d %s", words[op], n, unit)
}

// worded says what a value must be: "at least 1".
func worded(op, n string) string {
	words := map[string]string{
		">=": "at least ", "<=": "at most ", ">": "greater than ", "<": "less than ", "==": "",
	}
	return words[op] + n
}

// float compares so that NaN breaks every bound, as in the reference.
func (l *level) float(r *spec.Rule, t *spec.Type, at place, op string) check {
	bits := 64
	if t.Kind == spec.Float32 {
		bits = 32
	}
	n, err := strconv.ParseFloat(r.Param, bits)
	l.param(r, t, err)
	c := check{message: "must be " + worded(op, r.Param)}
	if op == "==" {
		c.broken = at.value().Op("!=").Add(floatCode(n, t))
	} else {
		c.broken = jen.Op("!").Parens(at.value().Op(op).Add(floatCode(n, t)))
	}
	return c
}

func floatCode(n float64, t *spec.Type) *jen.Statement {
	var code *jen.Statement
	switch {
	case math.IsInf(n, 0):
		code = jen.Qual("math", "Inf").Call(jen.Lit(int(math.Copysign(1, n))))
	case math.IsNaN(n):
		code = jen.Qual("math", "NaN").Call()
	default:
		return jen.Op(strconv.FormatFloat(n, 'g', -1, 64))
	}
	if t.Path == "" && t.Kind == spec.Float64 {
		return code
	}
	name := t.Name
	if t.Path != "" {
		return jen.Qual(t.Path, name).Call(code)
	}
	return jen.Id(name).Call(code)
}

// time compares with the present; the reference does not look at the parameter.
func (l *level) time(r *spec.Rule, at place, op string) check {
	rules := map[string]struct{ fn, message string }{
		">=": {"NotPast", "must not be in the past"},
		"<=": {"NotFuture", "must not be in the future"},
		">":  {"Future", "must be in the future"},
		"<":  {"Past", "must be in the past"},
	}
	p, ok := rules[op]
	if !ok {
		l.g.fail("the rule %s is not supported on a time", r.Name)
	}
	return check{broken: jen.Op("!").Qual(rulesPath, p.fn).Call(at.value()), message: p.message}
}

// duration takes a parameter like 1h30m, or nanoseconds.
func (l *level) duration(r *spec.Rule, at place, op string) check {
	d, err := time.ParseDuration(r.Param)
	if err != nil {
		var n int64
		n, err = strconv.ParseInt(r.Param, 0, 64)
		d = time.Duration(n)
	}
	l.param(r, &spec.Type{Desc: "time.Duration"}, err)
	low, high := sign(int64(d), math.MinInt64), sign(int64(d), math.MaxInt64)
	return compare(at.value(), op, duration(d), low, high, "must be "+worded(op, r.Param))
}

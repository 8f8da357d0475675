package templates

import (
	"math"
	"strconv"
	"time"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

// boundCheck is min, max, len, gt, gte, lt and lte: on numbers the value, on strings the runes,
// on slices, arrays and maps the length, and on times the present.
func (l *level) boundCheck(r *model.Rule, entry *rule.Rule, v value) check {
	switch kind := rule.Of(v.t); {
	case kind&rule.Text != 0:
		runes := jen.Qual("unicode/utf8", "RuneCountInString").Call(l.textValue(v))
		return check{l.lengthCheck(r, runes, entry.Go), lengthSays(entry.Go, r.Param, "character")}
	case kind&rule.Collection != 0:
		return check{l.lengthCheck(r, jen.Len(v.at.value()), entry.Go), lengthSays(entry.Go, r.Param, unitName(kind))}
	case kind&rule.Time != 0:
		p := presents[entry.Go]
		return check{callCondition(jen.Qual(rulesPath, p.fn).Call(l.timeValue(v))), p.says}
	}
	return check{l.numberCheck(v, entry.Go, r.Param), boundSays(entry.Go, r.Param)}
}

// presents are the comparisons of a time with the present.
var presents = map[string]struct{ fn, says string }{
	">=": {"NotPast", "must not be in the past"},
	"<=": {"NotFuture", "must not be in the future"},
	">":  {"Future", "must be in the future"},
	"<":  {"Past", "must be in the past"},
}

// equalCheck is eq and ne: on numbers the value, on bools and strings, too, and on slices, arrays and
// maps the length.
func (l *level) equalCheck(r *model.Rule, entry *rule.Rule, v value) check {
	switch kind := rule.Of(v.t); {
	case kind&rule.Text != 0:
		return check{comparison(v.at.value(), entry.Go, jen.Lit(r.Param)), boundSays(entry.Go, strconv.Quote(r.Param))}
	case kind&rule.Bool != 0:
		yes, err := strconv.ParseBool(r.Param)
		l.parseParam(r, err)
		holds := callCondition(convertTo(v.t, "bool", v.at.value()))
		if yes != (entry.Go == "==") {
			holds = holds.not()
		}
		return check{holds, boundSays(entry.Go, strconv.FormatBool(yes))}
	case kind&rule.Collection != 0:
		return check{l.lengthCheck(r, jen.Len(v.at.value()), entry.Go), lengthSays(entry.Go, r.Param, unitName(kind))}
	}
	return check{l.numberCheck(v, entry.Go, r.Param), boundSays(entry.Go, r.Param)}
}

// parseParam fails for a parameter that the reference does not read.
func (l *level) parseParam(r *model.Rule, err error) {
	if err != nil {
		l.g.keepError("%s=%s: %w", r.Name, r.Param, err)
	}
}

// lengthCheck compares a number of characters or elements.
func (l *level) lengthCheck(r *model.Rule, x *jen.Statement, op string) condition {
	n, err := strconv.ParseInt(r.Param, 0, 64)
	l.parseParam(r, err)
	return rangedComparison(widenedInt(x, n), op, integer(n), sign(n, 0), sign(n, math.MaxInt64))
}

// widenedInt is an int that is compared with n. One of 32 bits could not be, if n has more.
func widenedInt(x *jen.Statement, n int64) *jen.Statement {
	if n < math.MinInt32 || n > math.MaxInt32 {
		return jen.Int64().Call(x)
	}
	return x
}

func integer(n int64) *jen.Statement { return jen.Op(strconv.FormatInt(n, 10)) }

// numberCheck compares a number or a duration with a parameter.
func (l *level) numberCheck(v value, op, param string) condition {
	r := &model.Rule{Name: op, Param: param}
	kind := v.t.Under()
	switch {
	case v.t.Kind == model.Duration:
		d, err := readDuration(param)
		l.parseParam(r, err)
		return rangedComparison(v.at.value(), op, durationLiteral(d), sign(int64(d), math.MinInt64), sign(int64(d), math.MaxInt64))
	case kind >= model.Int && kind <= model.Int64:
		n, err := strconv.ParseInt(param, 0, 64)
		l.parseParam(r, err)
		low, high := signedRange(kind)
		return rangedComparison(signed(v, n), op, integer(n), sign(n, low), sign(n, high))
	case kind >= model.Uint && kind <= model.Uint64:
		n, err := strconv.ParseUint(param, 0, 64)
		l.parseParam(r, err)
		return rangedComparison(unsigned(v, n), op, jen.Op(strconv.FormatUint(n, 10)), sign(n, 0), sign(n, unsignedMax(kind)))
	}
	return l.floatCheck(v, op, r)
}

// signed and unsigned are an integer that is compared with n, on machines of 32 bits, too.
func signed(v value, n int64) *jen.Statement {
	if v.t.Under() == model.Int {
		return widenedInt(v.at.value(), n)
	}
	return v.at.value()
}

func unsigned(v value, n uint64) *jen.Statement {
	if v.t.Under() == model.Uint && n > math.MaxUint32 {
		return jen.Uint64().Call(v.at.value())
	}
	return v.at.value()
}

// readDuration takes a parameter like 1h30m, or nanoseconds.
func readDuration(param string) (time.Duration, error) {
	d, err := time.ParseDuration(param)
	if err != nil {
		var n int64
		n, err = strconv.ParseInt(param, 0, 64)
		d = time.Duration(n)
	}
	return d, err
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

func signedRange(k model.Kind) (low, high int64) {
	bits := map[model.Kind]int{model.Int8: 8, model.Int16: 16, model.Int32: 32, model.Int: 64, model.Int64: 64}[k]
	return math.MinInt64 >> (64 - bits), math.MaxInt64 >> (64 - bits)
}

func unsignedMax(k model.Kind) uint64 {
	bits := map[model.Kind]int{model.Uint8: 8, model.Uint16: 16, model.Uint32: 32, model.Uint: 64, model.Uint64: 64}[k]
	return math.MaxUint64 >> (64 - bits)
}

// rangedComparison checks x op n, where low and high say how n stands to the least and the greatest
// value of x. What the type itself decides is not asked, since vet finds that odd.
func rangedComparison(x *jen.Statement, op string, n *jen.Statement, low, high int) condition {
	switch {
	case op == ">=" && low <= 0, op == ">" && low < 0, op == "<=" && high >= 0, op == "<" && high > 0,
		op == "!=" && (low < 0 || high > 0):
		return certain
	case op == ">=" && high > 0, op == ">" && high >= 0, op == "<=" && low < 0, op == "<" && low <= 0,
		op == "==" && (low < 0 || high > 0):
		return impossible
	}
	return comparison(x, op, n)
}

// floatCheck compares so that NaN breaks every bound, as in the reference.
func (l *level) floatCheck(v value, op string, r *model.Rule) condition {
	bits := 64
	if v.t.Under() == model.Float32 {
		bits = 32
	}
	n, err := strconv.ParseFloat(r.Param, bits)
	l.parseParam(r, err)
	if op == "==" || op == "!=" {
		return comparison(v.at.value(), op, l.floatCode(n, v.t))
	}
	return strictComparison(v.at.value().Op(op).Add(l.floatCode(n, v.t)))
}

func (l *level) floatCode(n float64, t *model.Type) *jen.Statement {
	var code *jen.Statement
	switch {
	case math.IsInf(n, 0):
		code = jen.Qual("math", "Inf").Call(jen.Lit(int(math.Copysign(1, n))))
	case math.IsNaN(n):
		code = jen.Qual("math", "NaN").Call()
	default:
		return jen.Op(strconv.FormatFloat(n, 'g', -1, 64))
	}
	if t.Path == "" && t.Kind == model.Float64 {
		return code
	}
	return l.g.goType(t).Call(code)
}

// textValue is a value as a string, time as a time.Time.
func (l *level) textValue(v value) *jen.Statement { return convertTo(v.t, "string", v.at.value()) }

func (l *level) timeValue(v value) *jen.Statement {
	if v.t.Kind == model.Time {
		return v.at.value()
	}
	return jen.Qual("time", "Time").Call(v.at.value())
}

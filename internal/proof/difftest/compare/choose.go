package compare

import (
	"math"
	"strings"
	"time"
)

var floats = []float64{
	0, math.Copysign(0, -1), 1, -1, 0.1, 0.3, 0.5, 1.5, 3, 4, 1e3, 1e300, 5e-324,
	math.Inf(1), math.Inf(-1), math.MaxFloat32, math.MaxFloat64,
}

func (r *Random) drawText() string {
	s := r.anyText()
	if r.Portable {
		s = strings.ToValidUTF8(s, "?")
	}
	return s
}

func (r *Random) anyText() string {
	switch r.IntN(8) {
	case 0:
		b := make([]byte, r.IntN(300))
		for i := range b {
			b[i] = byte('a' + r.IntN(26))
		}
		return string(b)
	case 1:
		s := []byte(pickOne(r, texts))
		if len(s) > 0 {
			s[r.IntN(len(s))] = byte(r.IntN(256))
		}
		return string(s)
	case 2, 3, 4, 5:
		if s, ok := r.hintedText(); ok {
			return s
		}
	}
	return pickOne(r, texts)
}

func pickOne[T any](r *Random, list []T) T { return list[r.IntN(len(list))] }

func (r *Random) drawInt() int64 {
	if n, ok := r.hintedInt(); ok {
		return n
	}
	switch r.IntN(6) {
	case 0:
		return r.Int64() - r.Int64()
	case 1:
		return int64(1)<<r.IntN(64) - int64(r.IntN(3))
	case 2:
		return -(int64(1) << r.IntN(64)) + int64(r.IntN(3)) - 1
	}
	return int64(r.IntN(12)) - 4
}

func (r *Random) drawFloat() float64 {
	if f, ok := r.hintedFloat(); ok {
		return f
	}
	f := pickOne(r, floats)
	switch r.IntN(8) {
	case 0:
		f = r.NormFloat64()
	case 1:
		if !r.Plain && !r.Portable {
			f = math.NaN()
		}
	}
	if r.Portable && f == 0 {
		return 0
	}
	return f
}

func (r *Random) drawDuration() time.Duration {
	if d, ok := r.hintedDuration(); ok {
		return d
	}
	return time.Duration([]int64{0, 1, 5, 1e5, 1e9, 60e9, 36e11, -1, r.drawInt()}[r.IntN(9)])
}

func (r *Random) drawTime() time.Time {
	switch r.IntN(8) {
	case 0:
		return time.Time{}
	case 1:
		return time.Unix(r.Int64N(1<<33), 0)
	case 2:
		return time.Unix(r.Int64N(1<<35), r.Int64N(1e9))
	case 3:
		if !r.Portable {
			return time.Unix(-r.Int64N(1<<40), r.Int64N(1e9))
		}
	case 4:
		return time.Time{}.In(time.FixedZone("x", 3600))
	case 5:
		return time.Now().Add(time.Hour)
	case 6:
		return time.Now().Add(-time.Hour)
	}
	return time.Unix(1, 0)
}

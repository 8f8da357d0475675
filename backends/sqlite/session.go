package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"

	engine "modernc.org/sqlite"
)

// session is one connection to the file, with its prepared statements. One goroutine at a time may use it. It goes
// past database/sql, whose pool, locks and conversions cost more than a statement of SQLite.
type session struct {
	conn       driver.Conn
	statements map[string]statement
	args       []driver.NamedValue
}

// statement is what the engine's prepared statements are.
type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// openSession opens the file. Statements of the session wait so many milliseconds for a lock.
func openSession(path string, busy int) (*session, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	name := url.URL{Scheme: "file", Path: filepath.ToSlash(absolute)}
	conn, err := new(engine.Driver).Open(name.String() + "?_dqs=0")
	if err != nil {
		return nil, err
	}
	s := &session{conn: conn, statements: map[string]statement{}}
	err = s.runScript(fmt.Sprintf(`PRAGMA busy_timeout = %d; PRAGMA trusted_schema = 0; PRAGMA cell_size_check = 1; PRAGMA cache_size = -8000;`, busy))
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return s, nil
}

// close finalizes the statements and closes the connection.
func (s *session) close() error {
	for _, st := range s.statements {
		st.Close()
	}
	return s.conn.Close()
}

// runScript runs statements without arguments.
func (s *session) runScript(text string) error {
	_, err := s.conn.(driver.ExecerContext).ExecContext(context.Background(), text, nil)
	return err
}

// prepareStatement returns the prepared statement of a text, which is one of a few in this package.
func (s *session) prepareStatement(text string) (statement, error) {
	if st, ok := s.statements[text]; ok {
		return st, nil
	}
	prepared, err := s.conn.Prepare(text)
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, text)
	}
	st := prepared.(statement)
	s.statements[text] = st
	return st, nil
}

// bindValues makes arguments of values, in memory that the next call uses again.
func (s *session) bindValues(values []any) []driver.NamedValue {
	s.args = s.args[:0]
	for i, v := range values {
		switch n := v.(type) {
		case int:
			v = int64(n)
		case bool:
			v = int64(0)
			if n {
				v = int64(1)
			}
		}
		s.args = append(s.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	return s.args
}

// exec runs a statement, and returns how many rows it has changed.
func (s *session) exec(text string, values ...any) (changed int64, err error) {
	st, err := s.prepareStatement(text)
	if err != nil {
		return 0, err
	}
	result, err := st.ExecContext(context.Background(), s.bindValues(values))
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// query calls each for every row of a statement's answer, until each returns an error. errStop is none.
func (s *session) query(each func(r *row) error, text string, values ...any) error {
	st, err := s.prepareStatement(text)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(context.Background(), s.bindValues(values))
	if err != nil {
		return err
	}
	r := row{values: make([]driver.Value, len(rows.Columns()))}
	for err == nil {
		if err = rows.Next(r.values); err == nil {
			r.next = 0
			err = errors.Join(each(&r), r.err)
		}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, errStop) {
		err = nil
	}
	return errors.Join(err, rows.Close())
}

// errStop ends a query that has read enough.
var errStop = errors.New("enough rows")

// queryNumber returns the one number of the one row that a statement answers, and 0 when there is none.
func (s *session) queryNumber(text string, values ...any) (n int64, err error) {
	err = s.query(func(r *row) error { n = r.integer(); return nil }, text, values...)
	return n, err
}

// row reads the columns of an answer one after the other. A column of another kind is an error: anyone may have written
// the file.
type row struct {
	values []driver.Value
	next   int
	err    error
}

func (r *row) nextColumn() driver.Value {
	r.next++
	return r.values[r.next-1]
}

// integer reads a number; a missing one is 0.
func (r *row) integer() int64 {
	switch v := r.nextColumn().(type) {
	case int64:
		return v
	case nil:
		return 0
	default:
		r.refuseKind(v)
		return 0
	}
}

// between reads a number of a range. Another one is an error, since the file may hold anything.
func (r *row) between(least, most int64) int64 {
	v := r.integer()
	if v < least || v > most {
		r.err = errors.Join(r.err, fmt.Errorf("column %d is %d, want %d to %d", r.next, v, least, most))
		return least
	}
	return v
}

// count reads a number of things.
func (r *row) count() int64 { return r.between(0, 1<<50) }

func (r *row) text() string {
	switch v := r.nextColumn().(type) {
	case string:
		return v
	case nil:
		return ""
	default:
		r.refuseKind(v)
		return ""
	}
}

// bytes reads a blob, whose memory is the caller's. An empty one is nil.
func (r *row) bytes() []byte {
	switch v := r.nextColumn().(type) {
	case []byte:
		return v
	case nil:
		return nil
	default:
		r.refuseKind(v)
		return nil
	}
}

func (r *row) refuseKind(v driver.Value) {
	r.err = errors.Join(r.err, fmt.Errorf("column %d holds a %T", r.next, v))
}

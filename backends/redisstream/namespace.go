package redisstream

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
)

// OpenExisting is Open for an operator's tool: the namespace must be there, which an operator
// would otherwise make by a slip, and it says how many partitions there are.
func OpenExisting(ctx context.Context, url string, options ...Option) (*Backend, error) {
	b, err := Open(url, options...)
	if err != nil {
		return nil, err
	}
	if err := conn.RefusePlain(ctx, url); err != nil {
		b.Close()
		return nil, err
	}
	meta := b.partitions[0].Key("meta")
	told := b.partitions[0].SendCommand(ctx, []any{"hget", meta, "partitions"})
	text := told.Bulk()
	n, err := strconv.Atoi(string(text))
	switch {
	case told.Err != nil:
		err = b.partitions[0].DescribeError(told.Err)
	case text == nil:
		err = fmt.Errorf("redis: there is no namespace %s%s", b.process.Namespace, b.otherNamespaces(ctx))
	case err != nil:
		err = fmt.Errorf("redis: %s names %.20q partitions, which is no number: %w", meta, text, err)
	}
	b.Close()
	if err != nil {
		return nil, err
	}
	return Open(url, append(options, WithPartitions(n))...)
}

// otherNamespaces names the namespaces that there are, where the user may ask for them.
func (b *Backend) otherNamespaces(ctx context.Context) string {
	var names []string
	for cursor := ""; cursor != "0"; {
		page := b.partitions[0].SendCommand(ctx, []any{"scan", cmp.Or(cursor, "0"), "match", "necro:{*:0}:meta", "count", 1000})
		page.ArrayOf(2)
		cursor = string(page.Bulk())
		for _, key := range page.Strings() {
			names = append(names, strings.TrimSuffix(strings.TrimPrefix(key, "necro:{"), ":0}:meta"))
		}
		if page.Err != nil {
			return ""
		}
	}
	if len(names) == 0 {
		return "; nor is there any other on this server"
	}
	return "; there are " + strings.Join(names, ", ")
}

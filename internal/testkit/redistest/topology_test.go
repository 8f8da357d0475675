package redistest

import (
	"strings"
	"testing"
)

func TestSentinelFailsOver(t *testing.T) {
	t.Parallel()
	s := StartSentinel(t)
	tell(t, s.Primary.Addr(), "SET key value")
	awaitReply(t, s.Replica, "GET key", "value")
	if got := tell(t, s.Addrs()[0], "SENTINEL GET-MASTER-ADDR-BY-NAME main"); !strings.Contains(got, s.Primary.portText()) {
		t.Errorf("the sentinel names %q", got)
	}
	s.Failover(t)
	if got := tell(t, s.Replica.Addr(), "GETSET key next"); got != "$5\r\nvalue\r\n" {
		t.Errorf("the new primary holds %q", got)
	}
}

func TestClusterServesAllSlots(t *testing.T) {
	t.Parallel()
	c := StartCluster(t)
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		addr := c.Addrs()[0]
		reply, err := askServer(addr, "SET "+key+" 1")
		if err != nil { // MOVED slot addr
			reply, err = askServer(strings.Fields(err.Error())[2], "SET "+key+" 1")
		}
		if err != nil || reply != "+OK\r\n" {
			t.Errorf("SET %s: %q, %v", key, reply, err)
		}
	}
}

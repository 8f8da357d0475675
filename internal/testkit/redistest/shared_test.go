package redistest

import "testing"

func TestSharedServerEndsWithItsLastUser(t *testing.T) {
	var first, second *Server
	t.Run("users", func(t *testing.T) {
		first = Shared(t)
		t.Run("inner", func(t *testing.T) {
			if Shared(t) != first {
				t.Error("two tests at a time have two shared servers")
			}
		})
		tell(t, first.Addr(), "PING")
	})
	if _, err := askServer(first.Addr(), "PING"); err == nil {
		t.Error("the shared server outlives its users")
	}
	if second = Shared(t); second == first {
		t.Error("the next user got a server that has ended")
	}
	tell(t, second.Addr(), "PING")
}

func TestNamespacesDiffer(t *testing.T) {
	t.Run("a {strange}: name", func(t *testing.T) {
		one, two := Namespace(t), Namespace(t)
		if one == two || one[:len("astrangename-")] != "astrangename-" {
			t.Errorf("namespaces %q and %q", one, two)
		}
	})
}

package shortpath

import (
	"path/filepath"
	"testing"
)

func TestBelow(t *testing.T) {
	for _, c := range []struct {
		separator       rune
		dir, path, want string
	}{
		{'/', "/src/app", "/src/app/shop/order.go", "shop/order.go"},
		{'/', "/src/app", "/src/app/order.go", "order.go"},
		{'/', "/src/app", "/src/apple/order.go", "/src/apple/order.go"},
		{'/', "/src/app", "/src/app", "/src/app"},
		{'/', "/src/app", "/src/order.go", "/src/order.go"},
		{'/', "/src/app", "/SRC/app/order.go", "/SRC/app/order.go"},
		{'/', "/src/app", `/src/app/odd\name.go`, `odd\name.go`},
		{'/', "/", "/order.go", "order.go"},
		{'/', "/src/app", "", ""},
		{'\\', `C:\src\app`, `C:\src\app\shop\order.go`, "shop/order.go"},
		{'\\', `C:\src\app`, `C:/src/app/shop/order.go`, "shop/order.go"},
		{'\\', `C:/src/app`, `C:\src\app\shop/order.go`, "shop/order.go"},
		{'\\', `c:\Src\app`, `C:\src\App\Shop\order.go`, "Shop/order.go"},
		{'\\', `C:\src\app`, `D:\src\app\order.go`, `D:\src\app\order.go`},
		{'\\', `C:\src\app`, `C:\src\apple\order.go`, `C:\src\apple\order.go`},
		{'\\', `C:\`, `C:\order.go`, "order.go"},
		{'\\', `\\server\share\app`, `\\server\share\app\shop\order.go`, "shop/order.go"},
	} {
		if got := below(c.dir, c.path, c.separator); got != c.want {
			t.Errorf("%q below %q: got %q, want %q", c.path, c.dir, got, c.want)
		}
	}
}

func TestBelowHere(t *testing.T) {
	dir := t.TempDir()
	if got := Below(dir, filepath.Join(dir, "shop", "order.go")); got != "shop/order.go" {
		t.Errorf("got %q", got)
	}
}

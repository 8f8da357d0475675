package pty

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"unsafe"
)

// start starts a command as the leader of a session whose terminal is a new one, and returns
// the side of that terminal on which keys are typed.
func start(tb testing.TB, cmd *exec.Cmd) *os.File {
	tb.Helper()
	keys, screen, err := open()
	if err != nil {
		tb.Fatalf("open a pseudo-terminal: %v", err)
	}
	defer screen.Close() // the program has its own; with its end the terminal ends
	cmd.Stdin, cmd.Stdout, cmd.Stderr = screen, screen, screen
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		keys.Close()
		tb.Fatal(err)
	}
	return keys
}

// open opens a new pseudo-terminal: pts(4) has the steps.
func open() (keys, screen *os.File, err error) {
	if keys, err = os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		return nil, nil, err
	}
	var locked, number int32
	err = control(keys, syscall.TIOCSPTLCK, &locked)
	if err == nil {
		err = control(keys, syscall.TIOCGPTN, &number)
	}
	if err == nil {
		screen, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	}
	if err != nil {
		keys.Close()
		return nil, nil, err
	}
	return keys, screen, nil
}

// control sends an ioctl. File.Fd would make the file block, and Close wait for a Read.
func control(f *os.File, request uintptr, arg *int32) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed syscall.Errno
	err = conn.Control(func(fd uintptr) {
		_, _, failed = syscall.Syscall(syscall.SYS_IOCTL, fd, request, uintptr(unsafe.Pointer(arg)))
	})
	if err == nil && failed != 0 {
		err = os.NewSyscallError("ioctl", failed)
	}
	return err
}

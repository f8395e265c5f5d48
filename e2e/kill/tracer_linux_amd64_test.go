package kill

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// tracer stops a process at each fsync, before and after. It sees what no
// test from outside can: what is on the disk for good.
type tracer struct {
	cmd *exec.Cmd
	// before and after are called with the file while the thread that syncs stands
	// still. after is told whether the sync worked. Either may kill the process.
	before func(path string)
	after  func(path string)
	ended  chan struct{}
}

// start starts the process, and follows it from a thread of its own: the kernel
// wants every order from the one that began.
func (tr *tracer) start() error {
	tr.ended = make(chan struct{})
	tr.cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	started := make(chan error)
	go func() {
		defer close(tr.ended)
		runtime.LockOSThread() // and never unlocked: the thread ends with this
		if err := tr.cmd.Start(); err != nil {
			started <- err
			return
		}
		pid := tr.cmd.Process.Pid
		var status syscall.WaitStatus
		_, err := syscall.Wait4(pid, &status, 0, nil)
		if err == nil && !status.Stopped() {
			err = fmt.Errorf("the process does not stop for us: %v", status)
		}
		const exitKill = 0x100000 // PTRACE_O_EXITKILL: it shall not outlive the test
		if err == nil {
			err = syscall.PtraceSetOptions(pid, syscall.PTRACE_O_TRACESYSGOOD|syscall.PTRACE_O_TRACECLONE|exitKill)
		}
		if err == nil {
			err = syscall.PtraceSyscall(pid, 0)
		}
		started <- err
		if err == nil {
			tr.follow(pid)
		}
	}()
	return <-started
}

// follow lets the threads go from system call to system call until all are gone.
func (tr *tracer) follow(pid int) {
	const ofThisThread = 0x20000000 // __WNOTHREAD: not the children of other tests
	for {
		var status syscall.WaitStatus
		thread, err := syscall.Wait4(-1, &status, syscall.WALL|ofThisThread, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case err != nil:
			return // nobody is left
		case !status.Stopped():
			continue // a thread has ended
		}
		signal := int(status.StopSignal())
		switch {
		case signal == int(syscall.SIGTRAP)|0x80:
			tr.call(pid, thread)
			signal = 0
		case signal == int(syscall.SIGTRAP), signal == int(syscall.SIGSTOP): // a thread begins
			signal = 0
		}
		_ = syscall.PtraceSyscall(thread, signal) // fails for one that was killed
	}
}

// call looks at a thread at the begin or the end of a system call.
func (tr *tracer) call(pid, thread int) {
	var regs syscall.PtraceRegs
	if syscall.PtraceGetRegs(thread, &regs) != nil {
		return // killed
	}
	if regs.Orig_rax != syscall.SYS_FSYNC && regs.Orig_rax != syscall.SYS_FDATASYNC {
		return
	}
	path, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", pid, regs.Rdi))
	switch {
	case err != nil:
	case int64(regs.Rax) == -int64(syscall.ENOSYS): // as the kernel marks the begin
		tr.before(path)
	case regs.Rax == 0:
		tr.after(path)
	}
}

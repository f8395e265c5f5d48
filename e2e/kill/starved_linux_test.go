package kill

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"unsafe"

	"github.com/hookrig/hookrig/mockserver"
)

// alone runs the test again where there is nothing but a loopback interface with
// few ports, as root of a namespace. It reports whether this is that run.
func alone(t *testing.T) bool {
	t.Helper()
	const mark = "HOOKRIG_TEST_ALONE"
	if os.Getenv(mark) != "" {
		if err := loopback(); err != nil {
			t.Skipf("no network of one's own here: %v", err)
		}
		return true
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), mark+"=1", "HOOKRIG_TEST_BINARY="+binary(t))
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWNET | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Skipf("no network of one's own here: %v", err)
	}
	if t.Logf("%s", out); err != nil {
		t.Error(err)
	}
	return false
}

const fewPorts = "50000 50007"

// loopback brings a network up that has nothing else.
func loopback() error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	request := struct {
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}{name: [syscall.IFNAMSIZ]byte{'l', 'o'}, flags: syscall.IFF_UP | syscall.IFF_RUNNING}
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request))); errno != 0 {
		return errno
	}
	return os.WriteFile("/proc/sys/net/ipv4/ip_local_port_range", []byte(fewPorts), 0o600)
}

// On a machine whose ports are exhausted, and that reaches no resolver, attempts
// fail by our own fault: they are called so, not charged to the receiver, and made
// again.
func TestStarved(t *testing.T) {
	if !alone(t) {
		return
	}
	journal := filepath.Join(t.TempDir(), "journal")
	p := serve(t, journal)
	release := make(chan struct{})
	let := once(func() { close(release) })
	t.Cleanup(let)
	var mu sync.Mutex
	came := map[string]int{}
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-release
		mu.Lock()
		defer mu.Unlock()
		came[r.Header.Get("X-Shop-Id")]++
	}))
	t.Cleanup(shop.Close)

	// One host by many names has a slot for each delivery.
	const n = 24
	confirmed := map[string]bool{}
	var ports, names []string
	for i := range n {
		ids, err := p.post(sold(shop.URL+"/"+string(rune('a'+i)), 1, uint64(i)))
		if err != nil {
			t.Fatal(err)
		}
		ports = append(ports, ids...)
	}
	names, err := p.post(sold("http://shop.hookrig.test/", 3, 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range append(ports, names...) {
		confirmed[id] = true
	}
	starved := func(ids []string, failure string) (found int) {
		for _, id := range ids {
			var d struct {
				Attempts []mockserver.Attempt `json:"attempts"`
			}
			if err := p.get("/api/v1/deliveries/"+id, &d); err != nil {
				t.Fatal(err)
			}
			for _, a := range d.Attempts {
				if a.Failure != failure || !a.Ours || a.Number != 1 || a.Sent {
					t.Fatalf("want %q, of ours: %+v", failure, a)
				}
				found++
			}
		}
		return found
	}
	eventually(t, "ports to be exhausted", func() bool { return starved(ports, "local") >= n/2 })
	eventually(t, "names not to be found twice", func() bool { return starved(names, "resolver") >= 2*len(names) })
	let()
	eventually(t, "what had no port to be delivered", func() bool {
		s, err := p.stats()
		return err == nil && s.Delivered == n
	})
	p.terminate()
	audited(t, journal, confirmed, mockserver.Delivered, mockserver.Waiting)
	ours := 0
	for _, r := range recordsOf(t, journal, mockserver.Query{State: mockserver.Delivered}) {
		last := r.Attempts[len(r.Attempts)-1]
		if ours += len(r.Attempts) - 1; last.Number != 1 || last.Status != http.StatusOK || came[r.ID] != 1 {
			t.Errorf("%s came %d times: %+v", r.ID, came[r.ID], last)
		}
	}
	t.Logf("%d deliveries over %s, %d attempts without a port", n, fewPorts, ours)
}

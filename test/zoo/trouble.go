// Trouble and health in Go: trouble MODE [COUNT].
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"time"
)

var mutex sync.Mutex

func compute(steps int) int {
	number := 0
	for step := 0; step < steps; step++ {
		number = number*31 + 7
	}
	return number
}

type branch struct {
	left, right *branch
	label       string
}

// Many small pieces of memory that point to each other: what a collector has to go over.
func grow(depth int) *branch {
	if depth == 0 {
		return nil
	}
	return &branch{grow(depth - 1), grow(depth - 1), strconv.Itoa(depth * 1000003)}
}

// Keeps a large tree, and makes small ones that are forgotten, with so much work in between.
func allocate(threads, steps int) {
	lives := grow(20)
	start(threads, func() {
		for {
			compute(steps)
			lives.left.left = grow(9)
		}
	})
}

func start(count int, run func()) {
	for index := 0; index < count; index++ {
		go run()
	}
}

func main() {
	mode, count := os.Args[1], 8
	if len(os.Args) > 2 {
		count, _ = strconv.Atoi(os.Args[2])
	}
	switch mode {
	case "compute":
		runtime.GOMAXPROCS(count)
		start(count, func() {
			for {
				compute(1000000)
			}
		})
	case "threads-poll":
		start(count, func() {
			runtime.LockOSThread()
			for {
				time.Sleep(5 * time.Millisecond)
			}
		})
	case "tickers":
		start(count, func() {
			for range time.NewTicker(10 * time.Millisecond).C {
			}
		})
	case "mutex":
		start(count, func() {
			for {
				mutex.Lock()
				compute(2000)
				mutex.Unlock()
			}
		})
	case "channels":
		jobs := make(chan int, 100)
		start(count, func() {
			for range jobs {
				compute(200000)
			}
		})
		go func() {
			for {
				time.Sleep(10 * time.Millisecond)
				for index := 0; index < 10; index++ {
					jobs <- index
				}
			}
		}()
	case "garbage":
		debug.SetGCPercent(count)
		allocate(2, 500)
	case "allocate":
		allocate(count, 2000000)
	case "server":
		http.HandleFunc("/", func(writer http.ResponseWriter, _ *http.Request) {
			fmt.Fprintln(writer, compute(1000))
		})
		go http.ListenAndServe("127.0.0.1:"+os.Args[2], nil)
	}
	fmt.Println("ready")
	go func() {
		time.Sleep(120 * time.Second)
		os.Exit(0)
	}()
	io.Copy(io.Discard, os.Stdin)
}

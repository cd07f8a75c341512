// Trouble and health in Go: trouble MODE [COUNT].
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
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

# A Rack application whose answers take some computing.
run lambda { |_|
  number = 0
  20_000.times { number = (number * 31 + 7) % 1_000_003 }
  [200, {'content-type' => 'text/plain'}, ["ok\n"]]
}

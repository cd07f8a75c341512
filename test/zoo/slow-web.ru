# A Rack application whose answers wait for something else, such as a database.
run lambda { |_|
  sleep 0.015
  [200, {'content-type' => 'text/plain'}, ["ok\n"]]
}

# Trouble and health in Ruby: trouble.rb MODE [COUNT].
require 'socket'

mode, count = ARGV[0], (ARGV[1] || 8).to_i

def compute(steps)
  number = 0
  steps.times { number = (number * 31 + 7) % 1_000_003 }
end

# One connection that all threads share; whoever is at the other end answers after some milliseconds.
def answering_connection
  own, other = UNIXSocket.pair
  Thread.new do
    loop do
      other.recv(16)
      sleep 0.004
      other.write('done')
    end
  end
  own
end

def ask(connection, mutex)
  mutex.synchronize do
    connection.write('more')
    connection.recv(16)
  end
  compute(200)
end

jobs = Queue.new
mutex = Mutex.new
connection = answering_connection if mode == 'mutex'
count.times do
  Thread.new do
    case mode
    when 'compute' then loop { compute(100_000) }
    when 'poll' then loop { sleep 0.01 }
    when 'mutex' then loop { ask(connection, mutex) }
    else loop { jobs.pop; compute(5_000) }
    end
  end
end

if mode == 'pool-busy'
  Thread.new do
    loop do
      sleep 0.05
      5.times { jobs << 1 }
    end
  end
end

Thread.new do
  sleep 120
  exit!
end
puts 'ready'
$stdout.flush
$stdin.read
exit!

# Trouble and health in Ruby: trouble.rb MODE [COUNT].
mode, count = ARGV[0], (ARGV[1] || 8).to_i

def compute(steps)
  number = 0
  steps.times { number = (number * 31 + 7) % 1_000_003 }
end

jobs = Queue.new
count.times do
  Thread.new do
    case mode
    when 'compute' then loop { compute(100_000) }
    when 'poll' then loop { sleep 0.01 }
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

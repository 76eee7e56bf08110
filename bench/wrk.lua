-- Reads one request body a line from the file named first; the bearer key is the second argument.
-- A body is never sent twice: when the file is used up the thread stops, and the run is refused.
local lines, head

function init(args)
  lines = io.lines(args[1])
  head = "POST " .. wrk.path .. " HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nAuthorization: Bearer "
    .. args[2] .. "\r\nContent-Length: "
end

function request()
  local body = lines()
  if body == nil then
    wrk.thread:stop()
    return head .. "0\r\n\r\n"
  end
  return head .. #body .. "\r\n\r\n" .. body
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "microseconds": %d, "refused": %d, "broken": %d, "p50_us": %d, "p99_us": %d}\n',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end

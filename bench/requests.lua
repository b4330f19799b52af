-- What wrk sends: wrk ... -s requests.lua URL -- KIND PATH SECRET, where KIND is
--   get             GET PATH
--   create          POST PATH, so that the number of keys grows
--   create_delete   POST PATH, and DELETE PATHid/ with the id of the response
-- The headers are those of fetch in Node.js.

local create, delete_head, delete_tail
local ids = {} -- of keys that are not deleted yet

local function next_request()
   local id = table.remove(ids)
   if id then return delete_head .. id .. delete_tail end
   return create
end

-- wrk parses responses only if a function `response` is set, which create_delete needs.
local function store_id(status, _, body)
   if status < 400 then ids[#ids + 1] = body:match('"id":%s*(%d+)') end
end

function init(args)
   local kind, path, secret = args[1], args[2], args[3]
   wrk.path = path
   wrk.headers["authorization"] = secret
   wrk.headers["accept"] = "*/*"
   wrk.headers["accept-language"] = "*"
   wrk.headers["sec-fetch-mode"] = "cors"
   wrk.headers["user-agent"] = "node"
   wrk.headers["accept-encoding"] = "gzip, deflate"
   if kind == "create_delete" then
      local request_text = wrk.format("DELETE", path .. "ID/")
      delete_head, delete_tail = request_text:match("^(.-)ID(.*)$")
   end
   if kind ~= "get" then
      wrk.method = "POST"
      wrk.headers["content-type"] = "application/json"
      wrk.body = '{"name":"Nightly","mode":"upload"}'
   end
   if kind == "create_delete" then
      create = wrk.format()
      request, response = next_request, store_id
   end
end

-- One line for bench/load.mjs; times in microseconds. `rejected` counts statuses from 400.
function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      'figures {"requests":%d,"duration":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d,'
         .. '"rejected":%d,"p50":%d,"p99":%d}\n',
      summary.requests, summary.duration, errors.connect, errors.read, errors.write,
      errors.timeout, errors.status, latency:percentile(50), latency:percentile(99)))
end

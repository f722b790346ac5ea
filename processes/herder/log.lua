-- Log lines: [minutes:seconds since boot LABEL] name: value | name: value
local Log = {}

function Log.line(label, color, ...)
  local ms = Herder.now - (Herder.bootedAt or Herder.now)
  local stamp = string.format('%02d:%02d.%03d', ms // 60000, ms // 1000 % 60, ms % 1000)
  print('[' .. Colors.gray .. stamp .. ' ' .. color .. label .. Colors.reset .. ']'
    .. string.rep(' ', 9 - #label) .. table.concat({ ... }, ' | '))
end

function Log.short(id)
  return Colors.blue .. tostring(id):sub(1, 6) .. Colors.reset
end

function Log.request(request)
  return string.format('Requested: %d | Fee: %s%.2fx%s | In queue: %d | Client: %s', request.length,
    Colors.red, request.multiplier, Colors.reset, #Herder.queue, Log.short(request.client))
end

function Log.worker(worker)
  return Colors.green .. (Herder.admitted[worker] or worker:sub(1, 6)) .. Colors.reset
end

return Log

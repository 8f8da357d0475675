-- What the scripts share that read the records of an organ with state. A record begins with the layout (a byte 1), its
-- mark (8 bytes), the millisecond in which it expires (a double, 0 for never) and the version of its type (4 bytes); the
-- value follows. record.go writes and reads the same.

-- expiryOf returns when a record expires; nil for bytes that are no record.
local function expiryOf(record)
  if #record < 21 or record:byte() ~= 1 then return nil end
  local expiry = struct.unpack('>d', record, 10)
  return expiry >= 0 and expiry or nil -- NaN is no time
end

-- isOver reports whether a record's time is over. time returns the time of the partition; few records need it.
local function isOver(record, time)
  local expiry = expiryOf(record)
  return expiry and expiry > 0 and expiry <= time()
end

-- markOf returns the mark of a stored record, '' where there is none or its time is over, false for bytes that are no
-- record; and when it expires.
local function markOf(record, time)
  if not record or record == '' then return '', 0 end
  local expiry = expiryOf(record)
  if not expiry then return false, 0 end
  return isOver(record, time) and '' or record:sub(2, 9), expiry
end

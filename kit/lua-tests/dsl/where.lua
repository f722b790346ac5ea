-- Where in the user's files we are. Their chunks are named `@path`, Corral's own are not, so that a
-- walk up the stack finds the lines that a person wrote.
local where = {}

-- A recursion without an end has more frames than anybody reads.
local FRAMES_MAX, LEVELS_MAX = 10, 200

-- The user's frames from `level` of the caller on, innermost first.
function where.frames(level)
  local frames = {}
  for up = level + 1, level + LEVELS_MAX do
    local info = debug.getinfo(up, 'Sln')
    if not info or #frames == FRAMES_MAX then break end
    if info.source:sub(1, 1) == '@' then
      local name = info.name
      frames[#frames + 1] = { file = info.source:sub(2), line = info.currentline, name = name }
    end
  end
  return frames
end

-- The innermost of them, or an empty table.
function where.here(level)
  return where.frames(level + 1)[1] or {}
end

return where

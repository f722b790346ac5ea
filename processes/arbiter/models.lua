--[[
  The models that answers may claim to come from: the roots of their programs, which the owner
  vouches for, and how a prompt is put before them.
]]
local Layout = require('shared.layout')
local Program = require('arbiter.program')
local Read = require('arbiter.read')
local Regions = require('arbiter.regions')

local MAX_BYTES, MAX_TEMPLATE_BYTES = 16384, 4096
local MAX_ROLES = 7 -- with the caller's own stop text, 8

local Models = {}

local function areRoles(roles)
  if type(roles) ~= 'table' or #roles > MAX_ROLES then return false end
  for _, role in ipairs(roles) do
    if type(role) ~= 'string' or role == '' or #role > 256 then return false end
  end
  return true
end

--- Registers a model, or says again what it is. Returns it, or nil and the reason.
function Models.register(id, data)
  if not id then return nil, 'Model-ID must be an id' end
  local given = Read.object(data, MAX_BYTES)
  if not given then return nil, 'Data must be JSON of at most ' .. MAX_BYTES .. ' bytes' end
  local program, reason = Program.read(given)
  if not program then return nil, reason end
  local template, roles = given.template or Layout.TEMPLATE, given.roles or Layout.ROLES
  if type(template) ~= 'string' or #template > MAX_TEMPLATE_BYTES then
    return nil, 'template is not a short text'
  end
  if not areRoles(roles) then
    return nil, 'roles are not at most ' .. MAX_ROLES .. ' short texts'
  end
  Arbiter.models[id] = {
    id = id, program = program, template = template, roles = roles,
    freshAnswerRoot = Regions.freshAnswerRoot(program.bounds),
    zeroWorkRoot = Regions.zeroWorkRoot(program.bounds),
  }
  return Arbiter.models[id]
end

return Models

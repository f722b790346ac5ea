-- Fields of a message that are the scheduler's own word. The kernel copies tags over them, and any
-- sender can set a tag; from the next message on these stay as they came.
return function(...)
  local kept = {}
  for _, name in ipairs(ao.nonExtractableTags) do kept[name] = true end
  for _, name in ipairs({ ... }) do
    if not kept[name] then table.insert(ao.nonExtractableTags, name) end
  end
end

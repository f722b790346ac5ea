-- Value of a tag of this process, whatever case and dashes its name was written with.
return function(name)
  local wanted = name:lower():gsub('[-_]', '')
  for key, value in pairs(ao.env.Process.Tags) do
    if key:lower():gsub('[-_]', '') == wanted then return value end
  end
end

local money = {}

-- Splits an amount in equal parts; the first gets what is left over.
function money.split(amount, parts)
  local each = amount // parts
  local first = each + amount % parts
  return first, each
end

return money

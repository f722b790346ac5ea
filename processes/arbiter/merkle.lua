-- Merkle trees over SHA-256. A leaf holds content (or, in a list, is itself a hash); a tree is
-- filled up on the right with its padding to a power of two. A proof is the siblings from the
-- bottom up, 32 bytes each, one after another. Leaves count from 0.
local sha256 = require('arbiter.sha256')

local HASH_BYTES, REGION_LEAF = 32, 256

local function leafHash(content) return sha256('\0' .. content) end

local function nodeHash(left, right) return sha256('\1' .. left .. right) end

local LIST_PADDING = ('\0'):rep(HASH_BYTES)
local REGION_PADDING = leafHash(('\0'):rep(REGION_LEAF))

local merkle = { leafHash = leafHash, REGION_LEAF = REGION_LEAF }

--- Depth of a tree of so many leaves: the length of its proofs.
function merkle.depth(count)
  local depth = 0
  while 1 << depth < count do depth = depth + 1 end
  return depth
end

--- The root that a leaf's hash and a proof lead to.
function merkle.climb(hash, index, proof)
  for at = 1, #proof, HASH_BYTES do
    local sibling = proof:sub(at, at + HASH_BYTES - 1)
    if index & 1 == 0 then hash = nodeHash(hash, sibling) else hash = nodeHash(sibling, hash) end
    index = index >> 1
  end
  return hash
end

--- Root of a tree of so many leaves; those that `hashes` (by index) does not have are padding.
local function sparseRoot(hashes, count, padding)
  for _ = 1, merkle.depth(count) do
    local parents = {}
    for index in pairs(hashes) do
      local parent = index >> 1
      if not parents[parent] then
        parents[parent] = nodeHash(hashes[2 * parent] or padding, hashes[2 * parent + 1] or padding)
      end
    end
    hashes, padding = parents, nodeHash(padding, padding)
  end
  return hashes[0] or padding
end

--- Root of an array of hashes.
function merkle.listRoot(items)
  local hashes = {}
  for i = 1, #items do hashes[i - 1] = items[i] end
  return sparseRoot(hashes, #items, LIST_PADDING)
end

--- Whether the list of `count` hashes with this root has `item` at `index`. All may be of any type.
function merkle.isListItem(root, count, index, item, proof)
  return math.type(index) == 'integer' and index >= 0 and index < count
    and type(item) == 'string' and #item == HASH_BYTES
    and type(proof) == 'string' and #proof == HASH_BYTES * merkle.depth(count)
    and merkle.climb(item, index, proof) == root
end

--- Root of a region of memory that is zero but for these pieces: { { offset, bytes }, ... }, each
--- from the beginning of a leaf, no two in the same leaf.
function merkle.regionRoot(size, pieces)
  local hashes = {}
  for _, piece in ipairs(pieces) do
    local offset, bytes = piece[1], piece[2]
    for at = 1, #bytes, REGION_LEAF do
      local content = bytes:sub(at, at + REGION_LEAF - 1)
      content = content .. ('\0'):rep(REGION_LEAF - #content)
      hashes[(offset + at) // REGION_LEAF] = leafHash(content)
    end
  end
  return sparseRoot(hashes, size // REGION_LEAF, REGION_PADDING)
end

--- Root of a tree of so many slots (16 bytes, two in a leaf), all zero.
function merkle.zeroSlotsRoot(slots)
  return sparseRoot({}, slots // 2, leafHash(('\0'):rep(32)))
end

return merkle

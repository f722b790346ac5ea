/**
 * The GraphQL schema of Arweave's gateways, with the extensions that AO's tools use.
 *
 * Source: ArweaveTeam/gateway (graphql schema) and ar-io-node; `match`, `ingested_at` and `count`
 * are Goldsky's. Every field that clients expect to be non-null is non-null here: `anchor` too,
 * which is the empty string where there is none.
 */
export const SCHEMA = /* GraphQL */ `
  type Query {
    transaction(id: ID!): Transaction
    transactions(
      ids: [ID!]
      owners: [String!]
      recipients: [String!]
      tags: [TagFilter!]
      bundledIn: [ID!]
      block: RangeFilter
      "Seconds since 1970 at which the gateway received it."
      ingested_at: RangeFilter
      first: Int = 10
      after: String
      sort: SortOrder = HEIGHT_DESC
    ): TransactionConnection!
    block(id: String): Block
    blocks(
      ids: [ID!]
      height: RangeFilter
      first: Int = 10
      after: String
      sort: SortOrder = HEIGHT_DESC
    ): BlockConnection!
  }

  enum SortOrder {
    HEIGHT_ASC
    HEIGHT_DESC
    INGESTED_AT_ASC
    INGESTED_AT_DESC
  }

  enum TagOperator {
    EQ
    NEQ
  }

  enum TagMatch {
    EXACT
    WILDCARD
    FUZZY_AND
    FUZZY_OR
  }

  input TagFilter {
    name: String!
    values: [String!]!
    op: TagOperator = EQ
    match: TagMatch = EXACT
  }

  "Both bounds are part of the range."
  input RangeFilter {
    min: Int
    max: Int
  }

  type PageInfo {
    hasNextPage: Boolean!
  }

  type TransactionConnection {
    pageInfo: PageInfo!
    edges: [TransactionEdge!]!
    "Matches on all pages."
    count: String!
  }

  type TransactionEdge {
    cursor: String!
    node: Transaction!
  }

  type Transaction {
    id: ID!
    anchor: String!
    signature: String!
    recipient: String!
    owner: Owner!
    fee: Amount!
    quantity: Amount!
    data: MetaData!
    tags: [Tag!]!
    "Null until it is mined."
    block: Block
    ingested_at: Int!
    bundledIn: Bundle
    "The older name of bundledIn."
    parent: Bundle
  }

  type Owner {
    address: String!
    key: String!
  }

  type Amount {
    winston: String!
    ar: String!
  }

  type MetaData {
    size: String!
    type: String
  }

  type Tag {
    name: String!
    value: String!
  }

  type Bundle {
    id: ID!
  }

  type Block {
    id: ID!
    "Seconds since 1970."
    timestamp: Int!
    height: Int!
    previous: ID!
  }

  type BlockConnection {
    pageInfo: PageInfo!
    edges: [BlockEdge!]!
  }

  type BlockEdge {
    cursor: String!
    node: Block!
  }
`;

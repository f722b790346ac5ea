/**
 * A delivery of a network as a node of a message tree. What is stored elsewhere is read when asked
 * for, so that a tree of thousands costs nothing until somebody looks at it.
 */
import { printedText } from '../../actors/compute/result.js';
import type { ErrorReport } from '../../actors/errors.js';
import { IMPERSONATED } from '../../actors/items/protocol.js';
import type { Delivery } from '../../actors/messenger/trace.js';
import type { TreeError, TreeNode } from './tree-node.js';

const utf8 = new TextDecoder();

export function toTreeNode(delivery: Delivery): TreeNode {
  const { id, kind, from, target, action, nonce } = delivery;
  let children: readonly TreeNode[] = [];
  return {
    id,
    kind,
    from,
    to: target,
    ...(nonce === undefined ? {} : { nonce }),
    get action() {
      return action ?? this.tags?.find(({ name }) => name === 'Action')?.value;
    },
    get tags() {
      return delivery.message?.tags;
    },
    get data() {
      const { message } = delivery;
      return message && utf8.decode(message.data);
    },
    get output() {
      return delivery.result && printedText(delivery.result);
    },
    get prints() {
      return delivery.result?.prints;
    },
    get gas() {
      return delivery.result?.gas;
    },
    get errors() {
      return errorsOf(delivery);
    },
    get refused() {
      return delivery.errors.filter((error) => !isOwn(delivery, error));
    },
    get faults() {
      return delivery.faults.map(({ text }) => text);
    },
    get undelivered() {
      return delivery.undelivered;
    },
    get impersonated() {
      return delivery.message?.tags.some(({ name }) => name === IMPERSONATED);
    },
    get children() {
      const known = children.length;
      if (known === delivery.children.length) return children;
      children = [...children, ...delivery.children.slice(known).map(toTreeNode)];
      return children;
    },
  };
}

/** The error of the evaluation itself, with the stack that only the result has. */
function errorsOf(delivery: Delivery): TreeError[] {
  const stack = delivery.result?.error?.stack;
  return delivery.errors
    .filter((error) => isOwn(delivery, error))
    .map((error) => (stack === undefined ? error : { ...error, stack }));
}

/** Whether an error is that of the evaluation, and not of something that it asked to be sent. */
function isOwn({ result, errors }: Delivery, error: ErrorReport): boolean {
  if (result?.error !== undefined)
    return error === errors.find(({ text }) => text === result.error?.text);
  return result === undefined;
}

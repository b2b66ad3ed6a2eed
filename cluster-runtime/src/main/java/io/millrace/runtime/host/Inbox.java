package io.millrace.runtime.host;

import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Message;

/** Takes messages for an actor, from any thread, without waiting. */
@FunctionalInterface
interface Inbox {
  void deliver(Address from, Message message);
}

package io.millrace.runtime.host;

import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Message;

/** Carries messages between actors; without waiting, without promise. Any thread may use it. */
@FunctionalInterface
interface Wires {
  void send(Address to, Message message);
}

package io.millrace.runtime.host;

import java.time.Duration;

/**
 * What a port allows.
 *
 * @param strangers connections that may be open without having said who they are; one more and the
 *     oldest of them goes
 * @param strangerBytes that such a connection may send
 * @param greetingTime from the start of a connection to the end of its greeting
 * @param greetingCap largest frame before that
 * @param controlCap largest frame of a control connection after it
 * @param silence a connection on which nothing arrived for so long is given up
 */
record TransportLimits(
    int strangers,
    int strangerBytes,
    Duration greetingTime,
    int greetingCap,
    int controlCap,
    Duration silence) {
  static final TransportLimits DEFAULT =
      new TransportLimits(
          64, 32 << 10, Duration.ofSeconds(10), 4 << 10, 64 << 20, Duration.ofSeconds(60));

  TransportLimits withGreetingTime(Duration time) {
    return new TransportLimits(strangers, strangerBytes, time, greetingCap, controlCap, silence);
  }

  TransportLimits withSilence(Duration time) {
    return new TransportLimits(
        strangers, strangerBytes, greetingTime, greetingCap, controlCap, time);
  }
}

package io.millrace.runtime.host;

import io.millrace.api.config.Setting;
import io.millrace.api.config.Settings;
import java.time.Duration;
import java.util.List;

/** The settings of threads and connections. */
public final class HostSettings {
  public static final Setting<Long> MAX_RECORD =
      Settings.bytes(
          "exchange.max-record", "64 mb", "Largest record that may go from process to process.");
  public static final Setting<Duration> DATA_SILENCE =
      Settings.duration(
          "exchange.peer-timeout",
          "20 s",
          "A TaskManager from which no data and no sign of life came for so long counts as cut off.");

  /** All of them, in the order of the documentation. */
  public static List<Setting<?>> all() {
    return List.of(MAX_RECORD, DATA_SILENCE);
  }

  private HostSettings() {}
}

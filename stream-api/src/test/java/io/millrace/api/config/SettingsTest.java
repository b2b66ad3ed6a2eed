package io.millrace.api.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
  @Test
  void timesAreReadInEveryUnit() {
    Map.of(
            Duration.ofMillis(7), List.of("7", "7ms", "7 milli", "7 millis", "7 Milliseconds"),
            Duration.ofSeconds(7), List.of("7s", "7 sec", "7 secs", "7 second", "7  seconds"),
            Duration.ofMinutes(7), List.of("7m", "7 MIN", "7 minute", "7 minutes"),
            Duration.ofHours(7), List.of("7h", "7 hour", "7 hours"),
            Duration.ofDays(7), List.of("7d", "7 day", "7 days"))
        .forEach(
            (time, texts) ->
                assertThat(texts)
                    .allSatisfy(text -> assertThat(Settings.parseDuration(text)).isEqualTo(time)));
  }

  @Test
  void sizesAreReadInEveryUnit() {
    Map.of(
            3L,
            List.of("3", "3b", "3 bytes"),
            3L << 10,
            List.of("3k", "3 kb", "3 kibibytes"),
            3L << 20,
            List.of("3m", "3 MB", "3 mebibytes"),
            3L << 30,
            List.of("3g", "3gb", "3 gibibytes"),
            3L << 40,
            List.of("3t", "3tb", "3 tebibytes"))
        .forEach(
            (size, texts) ->
                assertThat(texts)
                    .allSatisfy(text -> assertThat(Settings.parseBytes(text)).isEqualTo(size)));
  }

  @Test
  void whatIsTooMuchIsRefusedWhereItIsRead() {
    var time = Settings.duration("some.time", "1 s", "");
    var size = Settings.bytes("some.size", "1 kb", "");
    for (String text :
        List.of("", "-1 s", "1.5 s", "1 week", "106751991168 d", "99999999999999999999", "s")) {
      assertThatThrownBy(() -> time.parse(text))
          .hasMessageContaining("the value '" + text + "' of some.time is not allowed: a time of");
    }
    for (String text : List.of("", "-1", "1.5 kb", "1 pb", "8388608 tb", "kb")) {
      assertThatThrownBy(() -> size.parse(text))
          .hasMessageContaining("the value '" + text + "' of some.size is not allowed: a size of");
    }
  }
}

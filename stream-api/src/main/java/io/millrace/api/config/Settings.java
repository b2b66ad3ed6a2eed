package io.millrace.api.config;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Makers of {@link Setting}s of the usual types, with the ways of writing that people know. */
public final class Settings {
  public static Setting<Integer> integer(
      String key, String defaultText, int min, int max, String description, String... olderKeys) {
    return new Setting<>(
        key,
        text -> inRange(Integer.parseInt(text), min, max),
        defaultText,
        "a whole number from " + min + " to " + max,
        description,
        List.of(olderKeys));
  }

  public static Setting<Boolean> bool(
      String key, String defaultText, String description, String... olderKeys) {
    return new Setting<>(
        key, Settings::parseBoolean, defaultText, "true or false", description, List.of(olderKeys));
  }

  public static Setting<String> string(
      String key, String defaultText, String description, String... olderKeys) {
    return new Setting<>(
        key, text -> text, defaultText, "any text", description, List.of(olderKeys));
  }

  public static Setting<String> choice(
      String key,
      String defaultText,
      List<String> choices,
      String description,
      String... olderKeys) {
    return new Setting<>(
        key,
        text -> {
          for (String choice : choices) {
            if (choice.equalsIgnoreCase(text)) {
              return choice;
            }
          }
          throw new IllegalArgumentException();
        },
        defaultText,
        "one of " + String.join(", ", choices),
        description,
        List.of(olderKeys));
  }

  public static Setting<Double> decimal(
      String key, String defaultText, double min, double max, String description) {
    return new Setting<>(
        key,
        text -> {
          double value = Double.parseDouble(text);
          if (!(value >= min && value <= max)) {
            throw new IllegalArgumentException();
          }
          return value;
        },
        defaultText,
        "a number from " + min + " to " + max,
        description,
        List.of());
  }

  /**
   * A time such as {@code 10 s}, {@code 500ms}, {@code 2 min}; a bare number means milliseconds.
   */
  public static Setting<Duration> duration(
      String key, String defaultText, String description, String... olderKeys) {
    return new Setting<>(
        key,
        Settings::parseDuration,
        defaultText,
        "a time of at least 0 such as 500 ms, 10 s, 5 min, 1 h or 1 d",
        description,
        List.of(olderKeys));
  }

  /**
   * A size in bytes such as {@code 64 kb}, {@code 1600m}, {@code 2 gb}; a bare number means bytes.
   */
  public static Setting<Long> bytes(
      String key, String defaultText, String description, String... olderKeys) {
    return new Setting<>(
        key,
        Settings::parseBytes,
        defaultText,
        "a size of at least 0 such as 512 kb, 1600m or 2 gb",
        description,
        List.of(olderKeys));
  }

  public static Duration parseDuration(String text) {
    int split = digits(text);
    long number = Long.parseLong(text.substring(0, split));
    return switch (text.substring(split).strip().toLowerCase(Locale.ROOT)) {
      case "", "ms", "milli", "millis", "millisecond", "milliseconds" -> Duration.ofMillis(number);
      case "s", "sec", "secs", "second", "seconds" -> Duration.ofSeconds(number);
      case "m", "min", "minute", "minutes" -> Duration.ofMinutes(number);
      case "h", "hour", "hours" -> Duration.ofHours(number);
      case "d", "day", "days" -> Duration.ofDays(number);
      default -> throw new IllegalArgumentException("unit");
    };
  }

  public static long parseBytes(String text) {
    int split = digits(text);
    long number = Long.parseLong(text.substring(0, split));
    long unit =
        switch (text.substring(split).strip().toLowerCase(Locale.ROOT)) {
          case "", "b", "bytes" -> 1L;
          case "k", "kb", "kibibytes" -> 1L << 10;
          case "m", "mb", "mebibytes" -> 1L << 20;
          case "g", "gb", "gibibytes" -> 1L << 30;
          case "t", "tb", "tebibytes" -> 1L << 40;
          default -> throw new IllegalArgumentException("unit");
        };
    return Math.multiplyExact(number, unit);
  }

  private static int digits(String text) {
    int end = 0;
    while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
      end++;
    }
    return end;
  }

  private static int inRange(int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException();
    }
    return value;
  }

  private static Boolean parseBoolean(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException();
    };
  }

  private Settings() {}
}

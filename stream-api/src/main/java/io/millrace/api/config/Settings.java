package io.millrace.api.config;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

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
   * Names and values such as {@code region:eu,limit:'1,000'}; a part with a comma, colon, quote or
   * space at its ends stands between single quotes, and a quote in it is doubled.
   */
  public static Setting<Map<String, String>> map(
      String key, String defaultText, String description) {
    return new Setting<>(
        key,
        Settings::parseMap,
        defaultText,
        "name:value pairs between commas, with single quotes around what has a comma or colon",
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

  /**
   * Reads a whole number of at least 0 and a unit in any case, with or without spaces between: ms
   * (milli, millis, millisecond, milliseconds), s (sec, secs, second, seconds), m (min, minute,
   * minutes), h (hour, hours) or d (day, days); none means milliseconds.
   *
   * @throws IllegalArgumentException if it is none of that
   * @throws ArithmeticException if it is more than 2^63 - 1 ms
   */
  public static Duration parseDuration(String text) {
    int split = digits(text);
    long number = Long.parseLong(text.substring(0, split));
    Duration duration = inUnit(number, text.substring(split).strip().toLowerCase(Locale.ROOT));
    duration.toMillis(); // which everybody asks for later
    return duration;
  }

  private static Duration inUnit(long number, String unit) {
    return switch (unit) {
      case "", "ms", "milli", "millis", "millisecond", "milliseconds" -> Duration.ofMillis(number);
      case "s", "sec", "secs", "second", "seconds" -> Duration.ofSeconds(number);
      case "m", "min", "minute", "minutes" -> Duration.ofMinutes(number);
      case "h", "hour", "hours" -> Duration.ofHours(number);
      case "d", "day", "days" -> Duration.ofDays(number);
      default -> throw new IllegalArgumentException("unit");
    };
  }

  /**
   * Reads a whole number of at least 0 and a unit in any case, with or without spaces between: b
   * (bytes), k or kb (kibibytes, 1,024 bytes), m or mb (mebibytes), g or gb (gibibytes), t or tb
   * (tebibytes); none means bytes.
   *
   * @throws IllegalArgumentException if it is none of that
   * @throws ArithmeticException if it is more than 2^63 - 1 bytes
   */
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

  /** What {@link #map} reads as the same map. */
  public static String writeMap(Map<String, String> map) {
    var text = new StringBuilder();
    new TreeMap<>(map)
        .forEach(
            (name, value) -> {
              if (value == null) {
                throw new IllegalArgumentException("the value of '" + name + "' is null");
              }
              text.append(text.length() == 0 ? "" : ",");
              text.append(quoted(name)).append(':').append(quoted(value));
            });
    return text.toString();
  }

  private static String quoted(String part) {
    return part.matches("[^,:'\\s]+") ? part : "'" + part.replace("'", "''") + "'";
  }

  private static Map<String, String> parseMap(String text) {
    var map = new TreeMap<String, String>();
    var at = new int[1];
    while (at[0] < text.length()) {
      String name = part(text, at, ':');
      if (at[0] == 0 || text.charAt(at[0] - 1) != ':') {
        throw new IllegalArgumentException("no colon");
      }
      map.put(name, part(text, at, ','));
    }
    return Collections.unmodifiableMap(map);
  }

  /** Reads up to the end or the separator, and past it. */
  private static String part(String text, int[] at, char separator) {
    var part = new StringBuilder();
    boolean within = false;
    int i = at[0];
    for (; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean doubled = within && c == '\'' && i + 1 < text.length() && text.charAt(i + 1) == c;
      if (doubled) {
        part.append(c);
        i++;
      } else if (c == '\'') {
        within = !within;
      } else if (!within && c == separator) {
        i++;
        break;
      } else {
        part.append(c);
      }
    }
    if (within) {
      throw new IllegalArgumentException("a quote is not closed");
    }
    at[0] = i;
    return part.toString();
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

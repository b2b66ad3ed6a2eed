package io.millrace.examples;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Command-line arguments of the form {@code --name value}. */
final class Arguments {
  private final Map<String, String> values = new TreeMap<>();
  private final String usage;

  /**
   * @param names those that are known, without dashes
   */
  Arguments(String usage, List<String> names, String[] words) {
    this.usage = usage;
    for (int i = 0; i < words.length; i += 2) {
      String name = words[i].startsWith("--") ? words[i].substring(2) : "";
      if (!names.contains(name)) {
        throw wrong("unknown argument " + words[i]);
      }
      if (i + 1 == words.length) {
        throw wrong(words[i] + " wants a value");
      }
      values.put(name, words[i + 1]);
    }
  }

  String text(String name) {
    String value = values.get(name);
    if (value == null) {
      throw wrong("--" + name + " is missing");
    }
    return value;
  }

  /** A whole number of at least 1. */
  long number(String name, long absent) {
    String value = values.get(name);
    if (value == null) {
      return absent;
    }
    try {
      long number = Long.parseLong(value);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw wrong("--" + name + " wants a whole number above 0, not " + value);
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  private IllegalArgumentException wrong(String complaint) {
    return new IllegalArgumentException(complaint + "; usage: " + usage);
  }
}

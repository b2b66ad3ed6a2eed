package io.millrace.benchmarks;

import java.util.Map;
import java.util.TreeMap;

/** {@code --name value} pairs of a workload. */
record Options(Map<String, String> values) {
  /**
   * @throws IllegalArgumentException if the words are no pairs
   */
  static Options of(String[] words, int from) {
    var values = new TreeMap<String, String>();
    for (int at = from; at < words.length; at += 2) {
      if (!words[at].startsWith("--") || at + 1 == words.length) {
        throw new IllegalArgumentException("--name value expected, found " + words[at]);
      }
      values.put(words[at].substring(2), words[at + 1]);
    }
    return new Options(values);
  }

  String text(String name, String otherwise) {
    return values.getOrDefault(name, otherwise);
  }

  long number(String name, long otherwise) {
    String value = values.get(name);
    return value == null ? otherwise : Long.parseLong(value);
  }
}

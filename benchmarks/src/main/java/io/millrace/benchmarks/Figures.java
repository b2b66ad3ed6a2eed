package io.millrace.benchmarks;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What a run has measured, in the order in which it is printed. */
final class Figures {
  private final Map<String, String> fields = new LinkedHashMap<>();

  Figures text(String name, String value) {
    fields.put(name, '"' + value + '"');
    return this;
  }

  Figures number(String name, long value) {
    fields.put(name, Long.toString(value));
    return this;
  }

  Figures number(String name, double value) {
    fields.put(name, String.format(Locale.ROOT, "%.4g", value));
    return this;
  }

  String json() {
    return fields.entrySet().stream()
        .map(field -> '"' + field.getKey() + "\": " + field.getValue())
        .collect(Collectors.joining(", ", "{", "}"));
  }
}

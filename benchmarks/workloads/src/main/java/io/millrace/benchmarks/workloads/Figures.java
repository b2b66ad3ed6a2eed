package io.millrace.benchmarks.workloads;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a run has measured, in the order in which it is printed. */
public final class Figures {
  private static final Pattern FIELD = Pattern.compile("\"(\\w+)\": (?:\"([^\"]*)\"|([^,}]+))");

  private final Map<String, String> fields = new LinkedHashMap<>();

  public Figures text(String name, String value) {
    fields.put(name, '"' + value + '"');
    return this;
  }

  public Figures number(String name, long value) {
    fields.put(name, Long.toString(value));
    return this;
  }

  public Figures number(String name, double value) {
    fields.put(name, String.format(Locale.ROOT, "%.4g", value));
    return this;
  }

  /** The fields of a line that {@link #json} has made, without quotation marks. */
  public static Map<String, String> read(String json) {
    var fields = new LinkedHashMap<String, String>();
    var field = FIELD.matcher(json);
    while (field.find()) {
      fields.put(field.group(1), field.group(2) == null ? field.group(3) : field.group(2));
    }
    if (!fields.containsKey("workload")) {
      throw new IllegalArgumentException("a line that a run has printed expected, found " + json);
    }
    return fields;
  }

  public String json() {
    return fields.entrySet().stream()
        .map(field -> '"' + field.getKey() + "\": " + field.getValue())
        .collect(Collectors.joining(", ", "{", "}"));
  }
}

package io.millrace.simulator;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Kinds of steps that an ambush may be laid at. */
final class AmbushSteps {
  private static final SortedMap<String, Pattern> KINDS =
      new TreeMap<>(
          Map.of(
              "claim", Pattern.compile("claims/|sealed-by|^mkdir"),
              "manifest", Pattern.compile("(create|rename) .*tmp/.*manifest-"),
              "deployment", Pattern.compile("(create|rename) .*tmp/.*deployment-"),
              "sink flush", Pattern.compile("^flush"),
              "sink commit", Pattern.compile("^commit"),
              "state file", Pattern.compile("^write data/"),
              "restore", Pattern.compile("^restore data/"),
              "retention", Pattern.compile("dropped-|^delete"),
              "end", Pattern.compile("intent|result|^settle"),
              "acquire", Pattern.compile("^acquire")));

  static List<String> kinds() {
    return List.copyOf(KINDS.keySet());
  }

  static boolean isOf(String kind, String step) {
    return KINDS.get(kind).matcher(step).find();
  }

  private AmbushSteps() {}
}

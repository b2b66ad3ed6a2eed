package io.millrace.cli.migrate;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which class of Flink has which counterpart, and what to do about the others. */
final class Counterparts {
  /** What every name of Flink begins with. */
  static final String FLINK = "org.apache.flink";

  private final Map<String, String> classes = new TreeMap<>();
  private final Map<String, String> remedies = new TreeMap<>();

  /** Of each package of Flink, the simple names of classes without counterpart. */
  private final Map<String, Set<String>> others = new TreeMap<>();

  private Counterparts() {}

  static Counterparts load() {
    var counterparts = new Counterparts();
    for (String line : lines("counterparts.txt")) {
      String[] words = line.split(" +");
      for (int i = 2; i < words.length; i++) {
        String[] names = words[i].split("=");
        counterparts.classes.put(
            words[0] + "." + names[0], words[1] + "." + names[names.length - 1]);
      }
    }
    for (String line : lines("remedies.txt")) {
      int bar = line.indexOf(" | ");
      for (String name : line.substring(0, bar).split(" +")) {
        counterparts.remedies.put(name, line.substring(bar + 3));
      }
    }
    for (String line : lines("others.txt")) {
      List<String> words = List.of(line.split(" +"));
      counterparts.others.put(words.get(0), new TreeSet<>(words.subList(1, words.size())));
    }
    for (String name : counterparts.remedies.keySet()) {
      String simpleName = name.substring(name.lastIndexOf('.') + 1);
      if (name.startsWith(FLINK) && Character.isUpperCase(simpleName.charAt(0))) {
        counterparts.others.computeIfAbsent(parent(name), key -> new TreeSet<>()).add(simpleName);
      }
    }
    return counterparts;
  }

  private static List<String> lines(String resource) {
    try (InputStream in = Counterparts.class.getResourceAsStream(resource);
        var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return reader.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Flink's classes, each with ours. */
  Map<String, String> classes() {
    return classes;
  }

  /** Beginnings of names, and calls as in {@link #calls}, each with what to do. */
  Map<String, String> remedies() {
    return remedies;
  }

  /**
   * The class that a name begins with.
   *
   * @param from Flink's
   * @param rest members behind the class, each with its dot
   */
  record Match(String from, String to, String rest) {
    String simpleFrom() {
      return from.substring(from.lastIndexOf('.') + 1);
    }

    String simpleTo() {
      return to.substring(to.lastIndexOf('.') + 1);
    }
  }

  Optional<Match> match(String name) {
    for (String head = name; head.length() > FLINK.length(); head = parent(head)) {
      String to = classes.get(head);
      if (to != null) {
        return Optional.of(new Match(head, to, name.substring(head.length())));
      }
    }
    return Optional.empty();
  }

  /** What to do about a name or method without counterpart, if there is something. */
  Optional<String> remedy(String name) {
    for (String head = name; head.length() > FLINK.length(); head = parent(head)) {
      if (remedies.containsKey(head)) {
        return Optional.of(remedies.get(head));
      }
    }
    return Optional.empty();
  }

  /**
   * What there is something to say about wherever it stands: {@code .method}; {@code ).method} for
   * one that means something else unless it is called on what a call has returned; {@code
   * Class.MEMBER} for a constant or a static method.
   */
  List<String> calls() {
    return remedies.keySet().stream()
        .filter(name -> !name.startsWith(FLINK) && !name.matches("new:.*|.*[#/].*"))
        .toList();
  }

  /** The methods that there is something to say about, whatever they are called on. */
  List<String> methods() {
    return remedies.keySet().stream()
        .filter(name -> name.startsWith("."))
        .map(name -> name.substring(1))
        .toList();
  }

  String remedyOfCall(String call) {
    return remedies.get(call);
  }

  /** The simple names of the classes of a package that have no counterpart. */
  Set<String> lacking(String flinkPackage) {
    return others.getOrDefault(flinkPackage, Set.of());
  }

  /**
   * What to do about a nested class without counterpart.
   *
   * @param name with that of the class around it, as code has it that imports that one
   */
  Optional<String> remedyOfNested(String name) {
    return remedies.keySet().stream()
        .filter(each -> each.startsWith(FLINK) && each.endsWith("." + name))
        .findFirst()
        .map(remedies::get);
  }

  /** Classes with a counterpart whose package is exactly this one. */
  List<Match> in(String flinkPackage) {
    var found = new ArrayList<Match>();
    classes.forEach(
        (from, to) -> {
          if (parent(from).equals(flinkPackage)) {
            found.add(new Match(from, to, ""));
          }
        });
    return found;
  }

  private static String parent(String name) {
    int dot = name.lastIndexOf('.');
    return dot < 0 ? "" : name.substring(0, dot);
  }
}

package io.millrace.it;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What {@code millrace run} is told: flags, a program, its arguments.
 *
 * @param target how to say where to run
 */
record Program(
    List<String> target, List<String> flags, String main, Path jar, List<String> arguments) {
  private static final List<String> SMALL = List.of("-yjm", "512", "-ytm", "512");

  Program {
    target = List.copyOf(target);
    flags = List.copyOf(flags);
    arguments = List.copyOf(arguments);
  }

  static Program of(Class<?> main, Path jar) {
    return new Program(List.of("-m", "yarn-cluster"), SMALL, main.getName(), jar, List.of());
  }

  static Program wordCount(String input, String output) {
    return of(io.millrace.examples.WordCount.class, Repository.examplesJar())
        .with("--input", input, "--output", output);
  }

  /** Numbers at a steady rate, with a checkpoint every half second. */
  static Program sequenceCount(String output) {
    return of(io.millrace.examples.SequenceCount.class, Repository.examplesJar())
        .with("--output", output, "--checkpoint-interval", "500");
  }

  /** More arguments for the program. */
  Program with(String... more) {
    return new Program(target, flags, main, jar, joined(arguments, more));
  }

  /** More flags for the command. */
  Program flags(String... more) {
    return new Program(target, joined(flags, more), main, jar, arguments);
  }

  /** With TaskManagers that compile fast rather than best, for jobs whose speed does not matter. */
  Program quick() {
    return flags("-Denv.java.opts.taskmanager=-XX:TieredStopAtLevel=1");
  }

  Program target(String... other) {
    return new Program(List.of(other), flags, main, jar, arguments);
  }

  /** The words behind {@code millrace}. */
  String[] words() {
    return Stream.of(
            List.of("run"), target, flags, List.of("-c", main), List.of(jar.toString()), arguments)
        .flatMap(List::stream)
        .toArray(String[]::new);
  }

  private static List<String> joined(List<String> some, String... more) {
    var all = new ArrayList<>(some);
    all.addAll(List.of(more));
    return all;
  }
}

package io.millrace.cli;

import io.millrace.cli.Flag.Meaning;
import io.millrace.cli.Flag.Support;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the user typed after the action.
 *
 * @param given flags in order, each with the name that was used
 * @param rest the words that are no flags: jar and program arguments, or a job's id
 * @param notices what to tell the user about obsolete flags
 */
record Words(String action, List<Given> given, List<String> rest, List<String> notices) {
  /** Actions that take a program: what stands behind its jar is the program's. */
  private static final Set<String> OF_PROGRAMS =
      Set.of("run", "run-application", "info", "state check");

  Words {
    given = List.copyOf(given);
    rest = List.copyOf(rest);
    notices = List.copyOf(notices);
  }

  /**
   * @param argument {@code null} if the flag takes none
   */
  record Given(Flag flag, String name, String argument) {
    /** As it was typed. */
    String text() {
      return argument == null ? name : name + " " + argument;
    }
  }

  /**
   * Where the action takes a program, stops at the first word that is no flag, and what follows may
   * begin with dashes; elsewhere flags may stand on both sides of the other words. {@code --} ends
   * them everywhere, and behind a jar that a flag has named any word that is no flag of the action.
   */
  static Words parse(String action, List<String> words) {
    var given = new ArrayList<Given>();
    var notices = new ArrayList<String>();
    var rest = new ArrayList<String>();
    int next = 0;
    while (next < words.size()) {
      String word = words.get(next);
      if (!word.startsWith("-") || word.equals("-")) {
        if (OF_PROGRAMS.contains(action)) {
          break;
        }
        rest.add(word);
        next++;
        continue;
      }
      boolean hasJar = given.stream().anyMatch(each -> each.flag().meaning() == Meaning.JAR);
      if (hasJar && !word.equals("--") && find(action, word).isEmpty()) {
        break; // the program's
      }
      next++;
      if (word.equals("--")) {
        break;
      }
      Given found = resolve(action, word);
      Flag flag = found.flag();
      if (flag.support() == Support.NOT_YET) {
        throw new CommandException(found.name() + " is not supported yet");
      }
      boolean wants = flag.takesArgument() && found.argument() == null;
      if (wants && !(flag.argumentIsOptional() && endsHere(words, next))) {
        if (next == words.size()) {
          throw new CommandException(found.name() + " wants a value: <" + flag.argument() + ">");
        }
        found = new Given(flag, found.name(), words.get(next));
        next++;
      }
      if (flag.support() == Support.NOTICE) {
        notices.add(found.name() + " " + flag.text());
      }
      given.add(found);
    }
    rest.addAll(words.subList(next, words.size()));
    return new Words(action, given, rest, notices).withProgramInOrder();
  }

  /** The jar first and then its arguments, also if flags have named them. */
  private Words withProgramInOrder() {
    var program = new ArrayList<String>(rest);
    last(Meaning.JAR).ifPresent(jar -> program.add(0, jar.argument()));
    if (!program.isEmpty()) {
      program.addAll(1, all(Meaning.ARGUMENT).stream().map(Given::argument).toList());
    }
    return new Words(action, given, program, notices);
  }

  /** Whether what follows is no folder: nothing, a flag, or the id of the job. */
  private static boolean endsHere(List<String> words, int next) {
    return next == words.size()
        || words.get(next).startsWith("-")
        || words.get(next).matches("[0-9a-f]{32}");
  }

  private static Given resolve(String action, String word) {
    return find(action, word).orElseThrow(() -> unknown(action, word));
  }

  /** {@code -p 4}, {@code -p=4}, {@code --parallelism=4}, {@code -Dk=v} and {@code -p4}. */
  static Optional<Given> find(String action, String word) {
    Optional<Flag> exact = Flags.find(action, word);
    if (exact.isPresent()) {
      return Optional.of(new Given(exact.get(), word, null));
    }
    for (String name : List.of("-yD", "-D")) {
      if (word.startsWith(name) && Flags.find(action, name).isPresent()) {
        return split(action, word, name.length(), name.length());
      }
    }
    int equals = word.indexOf('=');
    Optional<Given> written =
        equals > 0 ? split(action, word, equals, equals + 1) : Optional.empty();
    // -p4, but not -detach for -d: a value glued on must begin like a number.
    boolean glued = word.length() > 2 && word.charAt(1) != '-' && Character.isDigit(word.charAt(2));
    return written.isEmpty() && glued ? split(action, word, 2, 2) : written;
  }

  private static Optional<Given> split(String action, String word, int nameEnd, int valueStart) {
    String name = word.substring(0, nameEnd);
    return Flags.find(action, name)
        .filter(Flag::takesArgument)
        .map(flag -> new Given(flag, name, word.substring(valueStart)));
  }

  private static CommandException unknown(String action, String word) {
    int equals = word.indexOf('=');
    String name = equals > 0 ? word.substring(0, equals) : word;
    List<String> ofUse =
        Flags.of(action).stream()
            .filter(flag -> flag.support() == Support.SUPPORTED)
            .flatMap(flag -> flag.names().stream())
            .toList();
    return new CommandException(
        "unknown flag "
            + name
            + " of "
            + action
            + Nearest.to(name, ofUse).map(near -> "; did you mean " + near + "?").orElse("")
            + " (millrace "
            + action
            + " -h lists all)");
  }

  boolean has(Meaning meaning) {
    return given.stream().anyMatch(g -> g.flag().meaning() == meaning);
  }

  List<Given> all(Meaning meaning) {
    return given.stream().filter(g -> g.flag().meaning() == meaning).toList();
  }

  /** The last one wins, as in most commands. */
  Optional<Given> last(Meaning meaning) {
    List<Given> all = all(meaning);
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
  }
}

package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.api.type.Shape;
import io.millrace.cli.Flag.Meaning;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.NamedOperator;
import io.millrace.runtime.checkpoint.StateInfo;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.plan.KeyGroups;
import io.millrace.runtime.savepoint.Savepoint;
import io.millrace.yarn.DeployRefusedException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code millrace state show}: what a savepoint or checkpoint says of itself. */
final class StateShowCommand {
  private final Console console;
  private final Configuration configuration;
  private final Words words;

  StateShowCommand(Console console, Configuration configuration, Words words) {
    this.console = console;
    this.configuration = configuration;
    this.words = words;
  }

  int run() throws DeployRefusedException {
    if (words.rest().size() != 1) {
      throw new CommandException(
          "state show takes one path, of a savepoint, a manifest or a job's folder, found "
              + words.rest().size()
              + " (millrace state show -h)");
    }
    Savepoint savepoint = Restore.read(console, configuration, words.rest().get(0));
    savepoint
        .damagedNewer()
        .ifPresent(
            newer ->
                console.warn(
                    Console.oneLine(
                        "Warning: " + newer.name() + " is damaged: " + newer.reason())));
    Manifest manifest = savepoint.manifest();
    console.say(words.has(Meaning.JSON) ? json(manifest) : table(manifest));
    return 0;
  }

  /** What all subtasks have of one state; negative numbers if that of one is not known. */
  private record Row(StateInfo one, long entries, long bytes) {
    Row plus(StateInfo more) {
      return new Row(one, sum(entries, more.entries()), sum(bytes, bytes(more)));
    }

    private static long sum(long here, long there) {
      return here < 0 || there < 0 ? -1 : here + there;
    }

    static long bytes(StateInfo info) {
      return info.form().map(StateInfo.Form::bytes).orElse(0L);
    }
  }

  static String table(Manifest manifest) {
    var lines = new ArrayList<String>();
    lines.add("Checkpoint " + manifest.checkpoint() + " of job " + manifest.job());
    lines.add("taken      " + Instant.ofEpochMilli(manifest.wallMillis()));
    lines.add("lineage    " + manifest.lineage());
    Map<String, String> names = names(manifest);
    byUid(manifest)
        .forEach(
            (uid, states) -> {
              lines.add("");
              lines.add(names.getOrDefault(uid, "?") + " (uid '" + uid + "')");
              lines.addAll(operator(states));
            });
    return lines.stream().map(Console::oneLine).collect(Collectors.joining(System.lineSeparator()));
  }

  private static List<String> operator(List<SubtaskState> states) {
    var lines = new ArrayList<String>();
    SubtaskState first = states.get(0);
    lines.add(
        "  parallelism "
            + first.parallelism()
            + ", key groups 0 to "
            + (first.maxParallelism() - 1));
    var rows = new LinkedHashMap<String, Row>();
    for (SubtaskState state : states) {
      for (StateInfo info : state.contents()) {
        rows.merge(
            info.name() + "/" + info.kind() + "/" + info.types(),
            new Row(info, info.entries(), Row.bytes(info)),
            (row, more) -> row.plus(more.one()));
      }
    }
    if (!rows.isEmpty()) {
      lines.add(
          String.format(
              "  %-24s %-14s %12s %14s  %s", "state", "kind", "entries", "bytes", "holds"));
    }
    for (Row row : rows.values()) {
      lines.add(
          String.format(
              "  %-24s %-14s %12s %14s  %s",
              row.one().name(),
              row.one().kind().name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '),
              known(row.entries()),
              known(row.bytes()),
              holds(row.one())));
    }
    long own = states.stream().flatMap(s -> s.own().stream()).mapToLong(b -> b.length()).sum();
    long keyed = states.stream().flatMap(s -> s.keyed().stream()).mapToLong(b -> b.length()).sum();
    long waiting = states.stream().mapToLong(s -> s.committables().size()).sum();
    lines.add(
        "  in all "
            + keyed
            + " bytes under keys, "
            + own
            + " bytes without, "
            + waiting
            + " pieces of output that wait");
    return lines;
  }

  /** State that has stayed in the files of a database was not counted. */
  private static String known(long number) {
    return number < 0 ? "?" : Long.toString(number);
  }

  private static String holds(StateInfo info) {
    String keys =
        info.form()
            .flatMap(StateInfo.Form::keys)
            .map(shape -> " under " + shape.nodes().get(0).name())
            .orElse("");
    boolean expires = info.form().map(StateInfo.Form::expires).orElse(false);
    return info.types() + keys + (expires ? ", expires" : "");
  }

  private static Map<String, String> names(Manifest manifest) {
    var names = new LinkedHashMap<String, String>();
    for (NamedOperator operator : manifest.operators()) {
      names.put(operator.uid(), operator.name());
    }
    return names;
  }

  /** Operators in the order of the job, those that nobody names last. */
  private static Map<String, List<SubtaskState>> byUid(Manifest manifest) {
    var byUid = new LinkedHashMap<String, List<SubtaskState>>();
    manifest.operators().forEach(each -> byUid.put(each.uid(), new ArrayList<>()));
    manifest
        .states()
        .forEach(state -> byUid.computeIfAbsent(state.uid(), uid -> new ArrayList<>()).add(state));
    byUid.values().removeIf(List::isEmpty);
    return byUid;
  }

  static String json(Manifest manifest) {
    var json = new JsonText();
    json.open('{');
    json.name("job").text(manifest.job().hex());
    json.name("lineage").text(manifest.lineage());
    json.name("checkpoint").number(manifest.checkpoint());
    json.name("takenMillis").number(manifest.wallMillis());
    json.name("last").bool(manifest.last());
    json.name("operators").open('[');
    Map<String, String> names = names(manifest);
    byUid(manifest)
        .forEach(
            (uid, states) -> {
              json.open('{');
              json.name("uid").text(uid);
              json.name("name").text(names.get(uid));
              json.name("parallelism").number(states.get(0).parallelism());
              json.name("maxParallelism").number(states.get(0).maxParallelism());
              json.name("subtasks").open('[');
              states.forEach(state -> subtask(json, state));
              json.close(']');
              json.close('}');
            });
    json.close(']');
    json.close('}');
    return json.toString();
  }

  private static void subtask(JsonText json, SubtaskState state) {
    int max = state.maxParallelism();
    json.open('{');
    json.name("subtask").number(state.subtask());
    json.name("firstKeyGroup").number(KeyGroups.firstOf(state.subtask(), state.parallelism(), max));
    json.name("lastKeyGroup")
        .number(KeyGroups.firstOf(state.subtask() + 1, state.parallelism(), max) - 1);
    json.name("keyedBytes").number(state.keyed().map(bytes -> bytes.length()).orElse(0L));
    json.name("ownBytes").number(state.own().map(bytes -> bytes.length()).orElse(0L));
    json.name("committables").number(state.committables().size());
    json.name("states").open('[');
    for (StateInfo info : state.contents()) {
      json.open('{');
      json.name("name").text(info.name());
      json.name("kind").text(info.kind().name());
      json.name("types").text(info.types());
      if (info.entries() >= 0) {
        json.name("entries").number(info.entries());
      }
      info.form()
          .ifPresent(
              form -> {
                if (form.bytes() >= 0) {
                  json.name("bytes").number(form.bytes());
                }
                json.name("expires").bool(form.expires());
                json.name("shape");
                shape(json, form.shape());
                form.keys()
                    .ifPresent(
                        keys -> {
                          json.name("keyShape");
                          shape(json, keys);
                        });
              });
      json.close('}');
    }
    json.close(']');
    json.close('}');
  }

  /** Its types in order; parts name the number of theirs. */
  private static void shape(JsonText json, Shape shape) {
    json.open('[');
    for (Shape.Node node : shape.nodes()) {
      json.open('{');
      json.name("kind").text(node.kind().name());
      json.name("name").text(node.name());
      json.name("parts").open('[');
      for (Shape.Part part : node.parts()) {
        json.open('{');
        json.name("name").text(part.name());
        json.name("type").number(part.node());
        json.close('}');
      }
      json.close(']');
      json.close('}');
    }
    json.close(']');
  }
}

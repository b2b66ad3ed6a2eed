package io.millrace.cli.migrate;

import io.millrace.cli.migrate.Counterparts.Match;
import java.lang.reflect.Member;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Rewrites one Java source. Touches names in code only, never comments or quotations. */
final class JavaSource {
  private static final Pattern IMPORT =
      Pattern.compile("\\bimport\\s+(static\\s+)?([\\w.]+?)(\\.\\*)?\\s*;");
  private static final Pattern PACKAGE = Pattern.compile("\\bpackage\\s+([\\w.]+)\\s*;");
  private static final Pattern FULL_NAME =
      Pattern.compile("(?<![\\w.])org\\.apache\\.flink(?:\\.\\w+)+");
  private static final Pattern OURS = Pattern.compile("\\bio\\.millrace\\.api\\b");

  private static final String CONFIGURATION = "org.apache.flink.configuration.Configuration";
  private static final String ITS_PACKAGE = "org.apache.flink.configuration";
  private static final String OUR_CONFIGURATION = "io.millrace.api.configuration.Configuration";
  private static final String OPEN_CONTEXT = "io.millrace.api.function.OpenContext";
  private static final Pattern OPEN =
      Pattern.compile(
          "\\bvoid\\s+open\\s*\\(\\s*(?:final\\s+)?((?:org\\.apache\\.flink\\.configuration\\.)?"
              + "Configuration)\\s+\\w+\\s*\\)");

  private static final Pattern DEFAULT_TRIGGER =
      Pattern.compile("\\bgetDefaultTrigger\\s*\\(([^()]*)\\)");

  private static final String DURATION = "java.time.Duration";
  private static final Map<String, String> TIMES =
      Map.of(
          "milliseconds", "ofMillis",
          "seconds", "ofSeconds",
          "minutes", "ofMinutes",
          "hours", "ofHours",
          "days", "ofDays");

  private static final String AGGREGATE = "io.millrace.api.function.AggregateFunction";
  private static final Pattern HANDS_BACK =
      Pattern.compile(
          "\\bmerge\\s*\\([^()]*?\\b(\\w+)\\s*,[^()]*?\\b(\\w+)\\s*\\)[^{};()]*"
              + "\\{\\s*return\\s+(?:\\1|\\2)\\s*;");

  private final String text;
  private final String code;
  private final Counterparts counterparts;
  private final Predicate<String> ownClass;

  private final List<Edit> edits = new ArrayList<>();
  private final List<Found> remarks = new ArrayList<>();

  /** What the file imports by name so far, by simple names. */
  private final Map<String, String> single = new TreeMap<>();

  /** Packages and classes of which the file imports everything so far. */
  private final Set<String> whole = new TreeSet<>();

  /** What the file imports once it is rewritten. */
  private final Set<String> imported = new LinkedHashSet<>();

  /** Simple names that have another one now. */
  private final Map<String, String> renamed = new TreeMap<>();

  /** Classes of ours that the file imports, by the simple name that it knows them by so far. */
  private final Map<String, Class<?>> known = new TreeMap<>();

  /** With its dot; empty for the one without name. */
  private String ownPackage = "";

  private boolean timesBecomeDurations;

  private record Edit(int start, int end, String replacement) {}

  /** What is left to do at a place of the text as it was. */
  private record Found(int at, String what) {}

  /**
   * @param text as it will be
   * @param names how many were rewritten
   * @param remarks with their lines in the text as it will be
   * @param before the same with their lines in the text as it was
   */
  record Result(String text, int names, List<Remark> remarks, List<Remark> before) {}

  private JavaSource(String text, Counterparts counterparts, Predicate<String> ownClass) {
    this.text = text;
    this.code = JavaCode.of(text);
    this.counterparts = counterparts;
    this.ownClass = ownClass;
  }

  /**
   * @param ownClass knows the classes of the program itself, which may live in Flink's packages
   */
  static Result rewrite(String text, Counterparts counterparts, Predicate<String> ownClass) {
    return new JavaSource(text, counterparts, ownClass).rewrite();
  }

  private Result rewrite() {
    boolean concernsUs = FULL_NAME.matcher(code).find() || OURS.matcher(code).find();
    if (!concernsUs) {
      return new Result(text, 0, List.of(), List.of());
    }
    var statements = new TreeMap<Integer, Integer>();
    find(
        PACKAGE,
        m -> {
          statements.put(m.start(), m.end());
          ownPackage = m.group(1) + ".";
        });
    find(IMPORT, m -> statements.put(m.start(), m.end()));
    find(
        IMPORT,
        m -> {
          if (m.group(3) != null) {
            whole.add(m.group(2));
          } else {
            single.put(simpleName(m.group(2)), m.group(2));
          }
          if (m.group(1) == null && m.group(3) == null && !isFlinks(m.group(2))) {
            imported.add(m.group(2));
            if (OURS.matcher(m.group(2)).lookingAt()) {
              know(m.group(2), m.group(2));
            }
          }
        });
    openMethods(statements);
    defaultTriggers();
    find(
        IMPORT,
        m -> {
          if (isFlinks(m.group(2)) && !m.group(2).equals(CONFIGURATION)) {
            rewriteImport(m);
          }
        });
    known.forEach(this::contextsWithin);
    find(
        FULL_NAME,
        m -> {
          if (!within(m.start(), statements) && !ownClass.test(m.group()) && !edited(m.start())) {
            rewriteFullName(m);
          }
        });
    rename(statements);
    for (String call : counterparts.calls()) {
      String shown = call.startsWith(")") ? call.substring(1) : call;
      find(
          call(call),
          m ->
              remark(
                  m.start("call"),
                  shown + " has no counterpart: " + counterparts.remedyOfCall(call)));
    }
    Uses.check(
        text, withoutStatements(statements), known, counterparts, (what, at) -> remark(at, what));
    if (imported.contains(AGGREGATE)) {
      find(
          HANDS_BACK,
          m ->
              remark(
                  m.start(),
                  "merge hands back an argument, and windows of event time rely on it here: let it"
                      + " join both, or throw an UnsupportedOperationException"));
    }
    Carried.check(code, this::means, (what, at) -> remark(at, what));
    remarks.sort(Comparator.comparingInt(found -> line(found.at())));
    String after = edited();
    return new Result(
        after,
        edits.size(),
        remarks.stream()
            .map(found -> new Remark(JavaCode.lineOf(after, moved(found.at())), found.what()))
            .toList(),
        remarks.stream().map(found -> new Remark(line(found.at()), found.what())).toList());
  }

  /** Of a call, whatever its arguments are; see {@link Counterparts#calls}. */
  private static Pattern call(String call) {
    int dot = call.indexOf('.');
    String owner = call.substring(0, dot);
    String member = "\\.\\s*" + call.substring(dot + 1);
    boolean ofClass = dot > 0 && !owner.equals(")");
    return Pattern.compile(
        ofClass
            ? "(?<call>\\b" + owner + "\\s*" + member + "\\b)"
            : (dot > 0 ? "\\)\\s*" : "") + "(?<call>" + member + "\\s*\\()");
  }

  private boolean isFlinks(String name) {
    return name.startsWith(Counterparts.FLINK + ".") && !ownClass.test(name);
  }

  // ---- imports

  private void rewriteImport(Matcher m) {
    String name = m.group(2);
    boolean isStatic = m.group(1) != null;
    boolean all = m.group(3) != null;
    Optional<Match> match = counterparts.match(name);
    if (all && !isStatic && match.isEmpty()) {
      expand(m, name);
      return;
    }
    if (match.isEmpty() || !exists(match.get(), isStatic)) {
      noCounterpart(m.start(), name);
      return;
    }
    Match found = match.get();
    if (!isStatic && !all) {
      know(name, found.to() + found.rest());
    }
    if (!isStatic && !all && found.rest().isEmpty()) {
      if (!found.simpleFrom().equals(found.simpleTo())) {
        renamed.put(found.simpleFrom(), found.simpleTo());
      }
      timesBecomeDurations |= found.to().equals(DURATION);
      if (!imported.add(found.to())) {
        removeLine(m);
        return;
      }
    }
    edits.add(new Edit(m.start(2), m.end(2), found.to() + found.rest()));
  }

  /** Whether our class has the nested class or static member that stands behind its name. */
  private static boolean exists(Match match, boolean isStatic) {
    if (match.rest().isEmpty()) {
      return true;
    }
    String[] rest = match.rest().substring(1).split("\\.");
    String name = match.to();
    for (int i = 0; i < rest.length; i++) {
      try {
        name = Class.forName(name + "$" + rest[i], false, loader()).getName();
      } catch (ClassNotFoundException e) {
        return isStatic && i == rest.length - 1 && hasMember(name, rest[i]);
      }
    }
    return true;
  }

  private static boolean hasMember(String className, String member) {
    try {
      Class<?> type = Class.forName(className, false, loader());
      return Stream.<Member>concat(Stream.of(type.getMethods()), Stream.of(type.getFields()))
          .anyMatch(each -> each.getName().equals(member));
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** Remembers a class of ours. */
  private void know(String name, String ours) {
    String simpleName = simpleName(name);
    String outer = ours;
    String nested = "";
    while (!outer.isEmpty()) {
      try {
        Class<?> found = Class.forName(outer + nested, false, loader());
        if (OURS.matcher(found.getName()).lookingAt()) {
          known.put(simpleName, found);
        }
        return;
      } catch (ClassNotFoundException e) {
        int dot = outer.lastIndexOf('.');
        nested = "$" + outer.substring(dot + 1) + nested;
        outer = dot < 0 ? "" : outer.substring(0, dot);
      }
    }
  }

  private static ClassLoader loader() {
    return JavaSource.class.getClassLoader();
  }

  /** An import of a whole package becomes one of each class of it that the file names. */
  private void expand(Matcher m, String flinkPackage) {
    String lineEnd = text.contains("\r\n") ? "\r\n" : "\n";
    var lines = new TreeSet<String>();
    for (Match each : counterparts.in(flinkPackage)) {
      boolean meant =
          single.containsKey(each.simpleFrom())
              ? single.get(each.simpleFrom()).equals(each.from())
              : names(each.simpleFrom()) && !isOwn(each.simpleFrom());
      if (meant && imported.add(each.to())) {
        lines.add("import " + each.to() + ";");
        know(each.from(), each.to());
        if (!each.simpleFrom().equals(each.simpleTo())) {
          renamed.put(each.simpleFrom(), each.simpleTo());
        }
        timesBecomeDurations |= each.to().equals(DURATION);
      }
    }
    List<String> lacking =
        counterparts.lacking(flinkPackage).stream()
            .filter(each -> names(each) && !single.containsKey(each))
            .filter(each -> !isOwn(each) && !isOfAnotherPackage(each))
            .toList();
    for (String each : lacking) {
      noCounterpart(m.start(), flinkPackage + "." + each);
    }
    if (lines.isEmpty()) {
      String remedy = counterparts.remedy(flinkPackage).map(each -> "; " + each).orElse("");
      if (lacking.isEmpty()) {
        remark(
            m.start(),
            "nothing that Millrace has is used of " + flinkPackage + ".*: remove it" + remedy);
      }
      return;
    }
    edits.add(new Edit(m.start(), m.end(), String.join(lineEnd, lines)));
  }

  private boolean names(String simpleName) {
    return Pattern.compile("(?<![\\w.])" + simpleName + "\\b").matcher(code).find();
  }

  /** Whether it is a class of the program, which goes before what is imported with all others. */
  private boolean isOwn(String simpleName) {
    return ownClass.test(ownPackage + simpleName)
        || Pattern.compile("\\b(class|interface|enum|record)\\s+" + simpleName + "\\b")
            .matcher(code)
            .find();
  }

  /**
   * Whether an import of everything explains a name that some versions of Flink have in the package
   * in question, and not the one that the program was written for.
   */
  private boolean isOfAnotherPackage(String simpleName) {
    return Stream.concat(Stream.of("java.lang"), whole.stream())
        .map(each -> each + "." + simpleName)
        .anyMatch(
            each ->
                counterparts.classes().containsKey(each) || ownClass.test(each) || isOfJdk(each));
  }

  /** Whether the simple name of a class of the JDK stands for it here. */
  private boolean means(String name) {
    String owner = name.substring(0, name.lastIndexOf('.'));
    return imported.contains(name)
        || (whole.contains(owner) || owner.equals("java.lang"))
            && !single.containsKey(simpleName(name))
            && !isOwn(simpleName(name));
  }

  private static boolean isOfJdk(String name) {
    try {
      Class.forName(name, false, ClassLoader.getPlatformClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static String simpleName(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** With its end, if there is nothing else on it. */
  private void removeLine(Matcher m) {
    int start = m.start();
    int end = m.end();
    while (end < text.length() && (text.charAt(end) == ' ' || text.charAt(end) == '\r')) {
      end++;
    }
    boolean whole = start == 0 || text.charAt(start - 1) == '\n';
    if (whole && end < text.length() && text.charAt(end) == '\n') {
      edits.add(new Edit(start, end + 1, ""));
    } else {
      edits.add(new Edit(m.start(), m.end(), ""));
    }
  }

  // ---- names

  private void rewriteFullName(Matcher m) {
    Optional<Match> match = counterparts.match(m.group());
    if (match.isEmpty()) {
      noCounterpart(m.start(), m.group());
      return;
    }
    String rest = match.get().rest();
    if (match.get().to().equals(DURATION) && !rest.isEmpty()) {
      String made = TIMES.get(rest.substring(1));
      if (rest.equals(".of")) {
        chronoUnit(m.start(), m.end());
      }
      rest = made == null ? rest : "." + made;
    }
    edits.add(new Edit(m.start(), m.end(), match.get().to() + rest));
  }

  /**
   * {@code Time.of(number, unit)} has a TimeUnit where Duration has a ChronoUnit.
   *
   * @param end of the name
   */
  private void chronoUnit(int start, int end) {
    Matcher unit = Pattern.compile("[\\w.]*\\w(?=\\s*\\))").matcher(code);
    int close = closing(end);
    int comma = close < 0 ? -1 : code.lastIndexOf(',', close);
    if (comma > end
        && code.substring(comma + 1, close + 1).strip().matches("[\\w.]+\\s*\\)")
        && unit.find(comma)) {
      edits.add(new Edit(unit.end(), unit.end(), ".toChronoUnit()"));
    } else {
      remark(start, "Time.of has no counterpart: write Duration.of(number, unit.toChronoUnit())");
    }
  }

  /** Where the parenthesis is closed that opens from here; -1 if none is. */
  private int closing(int from) {
    int depth = 0;
    for (int i = from; i < code.length(); i++) {
      depth += code.charAt(i) == '(' ? 1 : code.charAt(i) == ')' ? -1 : 0;
      if (depth == 0 && code.charAt(i) == ')') {
        return i;
      }
    }
    return -1;
  }

  /** Before 2.0, {@code open} took a Configuration. */
  private void openMethods(NavigableMap<Integer, Integer> statements) {
    var found = new ArrayList<Matcher>();
    var withAll = new boolean[1];
    find(
        IMPORT,
        m -> {
          if (m.group(1) == null && m.group(2).equals(CONFIGURATION)) {
            found.add(m);
          }
          withAll[0] |= m.group(3) != null && m.group(2).equals(ITS_PACKAGE);
        });
    boolean importedIt = !found.isEmpty();
    var rewritten = new int[1];
    find(
        OPEN,
        m -> {
          if (importedIt || withAll[0] || m.group(1).startsWith(Counterparts.FLINK)) {
            edits.add(new Edit(m.start(1), m.end(1), importedIt ? "OpenContext" : OPEN_CONTEXT));
            rewritten[0]++;
          }
        });
    if (!importedIt) {
      return;
    }
    Matcher line = found.get(0);
    var uses = new int[1];
    find(
        Pattern.compile("(?<![\\w.])Configuration\\b"),
        m -> {
          if (!within(m.start(), statements)) {
            uses[0]++;
          }
        });
    if (uses[0] > rewritten[0]) {
      imported.add(OUR_CONFIGURATION);
      edits.add(new Edit(line.start(2), line.end(2), OUR_CONFIGURATION));
      if (rewritten[0] > 0 && imported.add(OPEN_CONTEXT)) {
        String lineEnd = text.contains("\r\n") ? "\r\n" : "\n";
        edits.add(new Edit(line.end(), line.end(), lineEnd + "import " + OPEN_CONTEXT + ";"));
      }
    } else if (imported.add(OPEN_CONTEXT)) {
      edits.add(new Edit(line.start(2), line.end(2), OPEN_CONTEXT));
    } else {
      removeLine(line);
    }
  }

  /** Before 2.0, a window assigner was given the environment when asked for its trigger. */
  private void defaultTriggers() {
    find(
        DEFAULT_TRIGGER,
        m -> {
          if (!m.group(1).isBlank()) {
            edits.add(new Edit(m.start(1), m.end(1), ""));
          }
        });
  }

  /** Contexts that are inner classes there and interfaces here have no type arguments in front. */
  private void contextsWithin(String name, Class<?> ours) {
    for (Class<?> nested : ours.getDeclaredClasses()) {
      if (Modifier.isStatic(nested.getModifiers())) {
        find(
            Pattern.compile(
                "(?<![\\w.])"
                    + name
                    + "\\s*(<[\\w\\s,.?&\\[\\]<>]*?>)\\s*\\.\\s*"
                    + nested.getSimpleName()
                    + "\\b"),
            m -> edits.add(new Edit(m.start(1), m.end(1), "")));
      }
    }
  }

  /** The code alone, each character in its place. */
  private String withoutStatements(NavigableMap<Integer, Integer> statements) {
    var rest = new StringBuilder(code);
    statements.forEach(
        (start, end) -> {
          for (int i = start; i < end; i++) {
            if (rest.charAt(i) != '\n') {
              rest.setCharAt(i, ' ');
            }
          }
        });
    return rest.toString();
  }

  private void rename(NavigableMap<Integer, Integer> statements) {
    renamed.forEach(
        (from, to) ->
            find(
                Pattern.compile("(?<![\\w.])" + from + "\\b(\\s*\\.\\s*(\\w+))?"),
                m -> {
                  if (within(m.start(), statements) || edited(m.start())) {
                    return;
                  }
                  edits.add(new Edit(m.start(), m.start() + from.length(), to));
                  if (to.equals("Duration") && m.group(2) != null) {
                    String made = TIMES.get(m.group(2));
                    if (made != null) {
                      edits.add(new Edit(m.start(2), m.end(2), made));
                    } else if (m.group(2).equals("of")) {
                      chronoUnit(m.start(), m.end(2));
                    }
                  }
                }));
    if (timesBecomeDurations) {
      find(
          Pattern.compile("\\.\\s*(toMilliseconds)\\s*\\("),
          m -> edits.add(new Edit(m.start(1), m.end(1), "toMillis")));
    }
  }

  private static boolean within(int at, NavigableMap<Integer, Integer> statements) {
    Map.Entry<Integer, Integer> before = statements.floorEntry(at);
    return before != null && at < before.getValue();
  }

  // ---- text

  private interface Visitor {
    void at(Matcher m);
  }

  private void find(Pattern pattern, Visitor visitor) {
    Matcher matcher = pattern.matcher(code);
    int from = 0;
    while (matcher.find(from)) {
      Matcher each = pattern.matcher(code);
      each.find(matcher.start());
      visitor.at(each);
      from = matcher.end();
    }
  }

  private void remark(int at, String what) {
    remarks.add(new Found(at, what));
  }

  private void noCounterpart(int at, String name) {
    remark(
        at,
        name
            + " has no counterpart"
            + counterparts.remedy(name).map(remedy -> ": " + remedy).orElse(""));
  }

  private int line(int at) {
    return JavaCode.lineOf(text, at);
  }

  private boolean edited(int at) {
    return edits.stream().anyMatch(edit -> edit.start() <= at && at < edit.end());
  }

  /** Where what is at this place of the text comes to be, or what takes its place begins. */
  private int moved(int at) {
    int to = at;
    for (Edit edit : edits) {
      if (edit.end() <= at) {
        to += edit.replacement().length() - (edit.end() - edit.start());
      } else if (edit.start() < at) {
        to -= at - edit.start();
      }
    }
    return to;
  }

  private String edited() {
    edits.sort(Comparator.comparingInt(Edit::start));
    var result = new StringBuilder();
    int from = 0;
    for (Edit edit : edits) {
      result.append(text, from, edit.start()).append(edit.replacement());
      from = edit.end();
    }
    return result.append(text.substring(from)).toString();
  }
}

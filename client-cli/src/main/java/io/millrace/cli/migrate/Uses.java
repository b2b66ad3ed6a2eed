package io.millrace.cli.migrate;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ObjIntConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a source does with the classes of the API that the API does not allow, as far as it shows
 * without the types of all expressions: whom it extends, what it constructs, which members it names
 * behind a class, and what it calls on variables that it declares and on what such calls return.
 */
final class Uses {
  private static final Pattern DECLARATION =
      Pattern.compile("(?<![\\w.])([A-Za-z][\\w.]*)\\s+(\\w+)\\s*(?=[=;,:)])");
  private static final Pattern LAMBDA = Pattern.compile("(?:\\(([\\w\\s,]*)\\)|\\b(\\w+))\\s*->");
  private static final Pattern NEXT_CALL =
      Pattern.compile("\\s*(\\.\\s*(?:<[^()]*?>\\s*)?(\\w+))\\s*\\(");
  private static final Pattern TYPE_ARGUMENTS = Pattern.compile("<[\\w\\s,.?&\\[\\]]*>");
  private static final Set<String> NO_TYPES =
      Set.of("return", "new", "throw", "else", "case", "instanceof", "assert", "goto", "package");

  private final String text;
  private final String code;
  private final Map<String, Class<?>> classes;
  private final Counterparts counterparts;
  private final ObjIntConsumer<String> remark;

  private Uses(
      String text,
      String code,
      Map<String, Class<?>> classes,
      Counterparts counterparts,
      ObjIntConsumer<String> remark) {
    this.text = text;
    this.code = code;
    this.classes = classes;
    this.counterparts = counterparts;
    this.remark = remark;
  }

  /**
   * @param text as it was before anything was rewritten
   * @param code the same without imports, comments and quotations
   * @param classes ours, by the simple name that the code knows them by
   * @param remark gets what the API does not allow, and where in the code it stands
   */
  static void check(
      String text,
      String code,
      Map<String, Class<?>> classes,
      Counterparts counterparts,
      ObjIntConsumer<String> remark) {
    var uses = new Uses(text, code, classes, counterparts, remark);
    classes.forEach(uses::check);
    uses.checkVariables();
    uses.checkContexts();
    uses.checkOverridden();
    uses.checkCatches();
  }

  /** What a subclass knows without importing it: the contexts within its superclass. */
  private Map<String, Class<?>> withNested() {
    var all = new TreeMap<>(classes);
    var ambiguous = new HashSet<String>();
    classes.forEach(
        (outer, ours) -> {
          if (isExtended(outer)) {
            for (Class<?> nested : ours.getDeclaredClasses()) {
              String name = nested.getSimpleName();
              if (!classes.containsKey(name) && all.put(name, nested) != null) {
                ambiguous.add(name);
              }
            }
          }
        });
    ambiguous.forEach(all::remove);
    all.keySet()
        .removeIf(
            name ->
                Pattern.compile("\\b(class|interface|enum|record)\\s+" + name + "\\b")
                    .matcher(code)
                    .find());
    return all;
  }

  /** Whether there is a subclass, perhaps without a name. */
  private boolean isExtended(String name) {
    return Pattern.compile("\\b(extends|implements|new)\\b[^{};()]*\\b" + name + "\\b")
        .matcher(code)
        .find();
  }

  // ---- classes

  private void check(String name, Class<?> ours) {
    Matcher matcher = Pattern.compile("(?<![\\w.@])" + name + "\\b").matcher(code);
    while (matcher.find()) {
      int start = matcher.start();
      String before = code.substring(Math.max(0, start - 200), start).stripTrailing();
      int end = matcher.end();
      if (next(end) == '<') {
        int close = closingAngle(end);
        checkTypeArguments(name, ours, start, code.substring(code.indexOf('<', end) + 1, close));
        end = close + 1;
      }
      if (endsWithWord(before, "extends") && !within(before, '<')) {
        checkSuper(name, ours, start, extendsAsAClass(before));
      } else if (endsWithWord(before, "new") && next(end) == '(') {
        checkConstruction(name, ours, start, end);
      } else if (next(end) == '.' && end == matcher.end()) {
        checkMember(name, ours, start, end);
      } else if (implementsIt(before) && !ours.isInterface()) {
        remark.accept("implements " + name + " has no counterpart: it is a class here", start);
      }
    }
  }

  private void checkTypeArguments(String name, Class<?> ours, int start, String arguments) {
    int theirs = arguments.isBlank() ? -1 : count(arguments);
    if (theirs >= 0 && theirs != ours.getTypeParameters().length) {
      int here = ours.getTypeParameters().length;
      remark.accept(
          name + " has " + (here == 0 ? "no type arguments here" : here + " type arguments here"),
          start);
    }
  }

  private void checkSuper(String name, Class<?> ours, int start, boolean asClass) {
    if (Modifier.isFinal(ours.getModifiers()) || ours.isSealed()) {
      remark.accept(
          "extends " + name + " has no counterpart: it is final here; hold one and call it", start);
    } else if (ours.isInterface() && asClass) {
      remark.accept(
          "extends " + name + " has no counterpart: it is an interface here; implement it", start);
    }
  }

  /** As opposed to an interface that extends another. */
  private boolean extendsAsAClass(String before) {
    int brace = Math.max(before.lastIndexOf('{'), before.lastIndexOf(';'));
    return Pattern.compile("\\bclass\\b").matcher(before.substring(brace + 1)).find();
  }

  private static boolean implementsIt(String before) {
    int brace = Math.max(before.lastIndexOf('{'), before.lastIndexOf(';'));
    String head = TYPE_ARGUMENTS.matcher(before.substring(brace + 1)).replaceAll("");
    return head.matches("(?s).*\\bimplements\\s*([\\w.\\s]+,\\s*)*");
  }

  private void checkConstruction(String name, Class<?> ours, int start, int end) {
    int open = code.indexOf('(', end);
    int arguments = arguments(open);
    if (arguments < 0 || ours.isInterface() && isBody(open)) {
      return;
    }
    boolean subclass = isBody(open);
    for (Constructor<?> each : ours.getDeclaredConstructors()) {
      boolean visible =
          Modifier.isPublic(each.getModifiers())
              || subclass && Modifier.isProtected(each.getModifiers());
      if (visible && takes(each.getParameterCount(), each.isVarArgs(), arguments)) {
        return;
      }
    }
    String key = "new:" + name + "/" + arguments;
    remark.accept(
        "new " + name + " with " + counted(arguments) + lacking(key, "new:" + name), start);
  }

  private void checkMember(String name, Class<?> ours, int start, int end) {
    Matcher member = Pattern.compile("\\s*\\.\\s*(?:<[^()]*?>\\s*)?(\\w+)(\\s*\\()?").matcher(code);
    if (!member.region(end, code.length()).lookingAt()) {
      return; // dots of a variable number of arguments
    }
    String called = member.group(1);
    if (called.equals("class") || called.equals("this") || called.equals("super")) {
      return;
    }
    String key = name + "." + called;
    if (counterparts.calls().contains(key) || counterparts.methods().contains(called)) {
      return; // said anyway
    }
    if (Stream.of(ours.getDeclaredClasses()).anyMatch(c -> c.getSimpleName().equals(called))) {
      return;
    }
    if (member.group(2) == null) {
      if (fields(ours).noneMatch(f -> f.getName().equals(called))) {
        remark.accept(key + lacking(key, null), start);
      }
      return;
    }
    int arguments = arguments(member.end() - 1);
    if (arguments < 0) {
      return;
    }
    if (methods(ours).anyMatch(m -> takes(m, called, arguments))) {
      Class<?> result = result(ours, called, arguments);
      if (result != null) {
        checkChain(result.getSimpleName(), result, closing(member.end() - 1) + 1);
      }
    } else {
      boolean other = methods(ours).anyMatch(m -> m.getName().equals(called));
      remark.accept(
          key
              + (other ? " with " + counted(arguments) : "")
              + lacking(key + "/" + arguments, name + "#" + called),
          start);
    }
  }

  // ---- variables

  private void checkVariables() {
    String plain = withoutTypeArguments();
    var types = new TreeMap<String, String>();
    var twice = new HashSet<String>();
    Matcher declared = DECLARATION.matcher(plain);
    while (declared.find()) {
      String type = declared.group(1);
      String before = types.get(declared.group(2));
      if (!NO_TYPES.contains(type)) {
        types.put(declared.group(2), type);
        if (before != null && !before.equals(type)) {
          twice.add(declared.group(2));
        }
      }
    }
    Matcher lambda = LAMBDA.matcher(plain);
    while (lambda.find()) {
      String names = lambda.group(1) == null ? lambda.group(2) : lambda.group(1);
      twice.addAll(List.of(names.strip().split("\\s*,\\s*")));
    }
    types.keySet().removeAll(twice);
    Map<String, Class<?>> known = withNested();
    types.forEach(
        (variable, type) -> {
          Class<?> ours = named(type, known);
          if (ours != null) {
            checkCalls(variable, type, ours);
          }
        });
  }

  /** Also a nested class behind the name of the class around it. */
  private static Class<?> named(String type, Map<String, Class<?>> known) {
    String[] names = type.split("\\.");
    Class<?> found = known.get(names[0]);
    for (int i = 1; i < names.length && found != null; i++) {
      String name = names[i];
      found =
          Stream.of(found.getDeclaredClasses())
              .filter(each -> each.getSimpleName().equals(name))
              .findFirst()
              .orElse(null);
    }
    return found;
  }

  private void checkCalls(String variable, String type, Class<?> ours) {
    Matcher call =
        Pattern.compile("(?<![\\w.])(?:this\\.)?" + variable + "(?=\\s*\\.)").matcher(code);
    while (call.find()) {
      checkChain(type, ours, call.end());
    }
  }

  /** What rich functions and their like say first. */
  private void checkContexts() {
    for (Class<?> ours : classes.values()) {
      Class<?> context = result(ours, "getRuntimeContext", 0);
      if (context != null) {
        Matcher call =
            Pattern.compile("(?<![\\w.])(?:this\\.)?getRuntimeContext\\s*\\(\\s*\\)").matcher(code);
        while (call.find()) {
          checkChain(context.getSimpleName(), context, call.end());
        }
        return;
      }
    }
  }

  /**
   * Follows calls as far as their results are classes of the API.
   *
   * @param at where the dot of the first call is next
   */
  private void checkChain(String firstType, Class<?> first, int at) {
    String type = firstType;
    Matcher call = NEXT_CALL.matcher(code);
    for (Class<?> ours = first; ours != null && call.region(at, code.length()).lookingAt(); ) {
      String called = call.group(2);
      int open = call.end() - 1;
      int arguments = arguments(open);
      if (arguments < 0 || called.equals("super") || counterparts.methods().contains(called)) {
        return;
      }
      if (methods(ours).noneMatch(m -> takes(m, called, arguments))) {
        boolean other = methods(ours).anyMatch(m -> m.getName().equals(called));
        String key = type.substring(type.lastIndexOf('.') + 1) + "#" + called;
        Class<?> outer = ours.getDeclaringClass();
        String within = outer == null ? key : outer.getSimpleName() + "." + key;
        String wider = counterparts.remedies().containsKey(within) ? within : key;
        String what = type + "." + called + (other ? " with " + counted(arguments) : "");
        remark.accept(what + lacking(key + "/" + arguments, wider), call.start(1));
        return;
      }
      ours = result(ours, called, arguments);
      type = ours == null ? type : ours.getSimpleName();
      at = closing(open) + 1;
    }
  }

  /** The class of the API that a method returns; null if it depends, or is another class. */
  private static Class<?> result(Class<?> type, String called, int arguments) {
    List<Method> candidates =
        methods(type).filter(m -> !m.isBridge() && takes(m, called, arguments)).toList();
    Set<Class<?>> results =
        candidates.stream().map(Method::getReturnType).collect(Collectors.toSet());
    boolean plain =
        results.size() == 1
            && candidates.stream().noneMatch(m -> m.getGenericReturnType() instanceof TypeVariable);
    Class<?> result = plain ? results.iterator().next() : null;
    return result != null && result.getName().startsWith("io.millrace.api.") ? result : null;
  }

  // ---- what a class of the program has

  private void checkOverridden() {
    for (String key : counterparts.remedies().keySet()) {
      int hash = key.indexOf('#');
      Class<?> ours = hash < 0 ? null : classes.get(key.substring(0, hash));
      boolean open = ours != null && !Modifier.isFinal(ours.getModifiers());
      if (!open || key.indexOf('/') > 0 || !isExtended(key.substring(0, hash))) {
        continue;
      }
      Matcher declared =
          Pattern.compile("(\\w|[>\\]])\\s+(" + key.substring(hash + 1) + ")\\s*\\(").matcher(code);
      while (declared.find()) {
        String before = code.substring(0, declared.start() + 1);
        if (NO_TYPES.stream().noneMatch(word -> endsWithWord(tail(before), word))) {
          remark.accept(key.replace('#', '.') + lacking(key, null), declared.start(2));
        }
      }
    }
  }

  /** State threw an IOException there, and it is an error to catch one that nothing throws. */
  private void checkCatches() {
    if (!classes.containsKey("ValueState")) {
      return;
    }
    Matcher caught =
        Pattern.compile("\\}\\s*(catch\\s*\\(\\s*(?:final\\s+)?IOException\\b)").matcher(code);
    while (caught.find()) {
      String body = code.substring(opening(caught.start()), caught.start());
      if (Pattern.compile("\\.\\s*(value\\s*\\(\\s*\\)|update\\s*\\()").matcher(body).find()) {
        remark.accept(
            "state throws no IOException: catch Exception, unless something else in here throws it",
            caught.start(1));
      }
    }
  }

  // ---- members

  private static Stream<Method> methods(Class<?> type) {
    return Stream.concat(Stream.of(type.getMethods()), inherited(type))
        .filter(m -> (m.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED)) != 0);
  }

  /** Protected ones too; an interface has the methods of Object. */
  private static Stream<Method> inherited(Class<?> type) {
    var all = new ArrayList<Method>();
    for (Class<?> each = type; each != null; each = each.getSuperclass()) {
      all.addAll(List.of(each.getDeclaredMethods()));
    }
    if (type.isInterface()) {
      all.addAll(List.of(Object.class.getMethods()));
    }
    return all.stream();
  }

  private static Stream<Field> fields(Class<?> type) {
    return Stream.concat(Stream.of(type.getFields()), Stream.of(type.getDeclaredFields()))
        .filter(f -> (f.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED)) != 0);
  }

  private static boolean takes(Method method, String name, int arguments) {
    return method.getName().equals(name)
        && takes(method.getParameterCount(), method.isVarArgs(), arguments);
  }

  private static boolean takes(int parameters, boolean more, int arguments) {
    return more ? arguments >= parameters - 1 : arguments == parameters;
  }

  /** The rest of a sentence: that there is no counterpart, and the first remedy that there is. */
  private String lacking(String key, String wider) {
    String remedy = counterparts.remedies().get(key);
    if (remedy == null && wider != null) {
      remedy = counterparts.remedies().get(wider);
    }
    if (remedy == null) {
      remedy = counterparts.remedyOfNested(key.replaceAll("/.*", "")).orElse(null);
    }
    return " has no counterpart" + (remedy == null ? "" : ": " + remedy);
  }

  private static String counted(int arguments) {
    return arguments == 0 ? "no arguments" : arguments + " argument" + (arguments == 1 ? "" : "s");
  }

  // ---- text

  private char next(int from) {
    for (int i = from; i < code.length(); i++) {
      if (!Character.isWhitespace(code.charAt(i))) {
        return code.charAt(i);
      }
    }
    return ' ';
  }

  private static boolean endsWithWord(String text, String word) {
    return text.matches("(?s).*\\b" + word);
  }

  /** Whether what ends here is inside type parameters. */
  private static boolean within(String before, char open) {
    int depth = 0;
    for (int i = before.length() - 1; i >= 0 && before.charAt(i) != '{'; i--) {
      char c = before.charAt(i);
      depth += c == '>' ? 1 : c == open ? -1 : 0;
      if (depth < 0) {
        return true;
      }
    }
    return false;
  }

  /** Where type arguments end that begin behind here. */
  private int closingAngle(int from) {
    int depth = 0;
    for (int i = from; i < code.length(); i++) {
      depth += code.charAt(i) == '<' ? 1 : code.charAt(i) == '>' ? -1 : 0;
      if (depth == 0 && code.charAt(i) == '>') {
        return i;
      }
    }
    return code.length() - 1;
  }

  /** Whether the arguments are followed by the body of a class. */
  private boolean isBody(int open) {
    int close = closing(open);
    return close > 0 && next(close + 1) == '{';
  }

  private int closing(int open) {
    int depth = 0;
    for (int i = open; i < code.length(); i++) {
      char c = code.charAt(i);
      depth += "([{".indexOf(c) >= 0 ? 1 : ")]}".indexOf(c) >= 0 ? -1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    return -1;
  }

  /** Where the block opens that closes here. */
  private int opening(int close) {
    int depth = 0;
    for (int i = close; i >= 0; i--) {
      depth += code.charAt(i) == '}' ? 1 : code.charAt(i) == '{' ? -1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    return 0;
  }

  private static String tail(String text) {
    return text.substring(Math.max(0, text.length() - 20));
  }

  /** How many there are between the parenthesis that opens here and its end; -1 if it has none. */
  private int arguments(int open) {
    int close = closing(open);
    if (close < 0) {
      return -1;
    }
    String list = code.substring(open + 1, close);
    boolean quotation = list.isBlank() && text.substring(open + 1, close).matches("(?s).*[\"'].*");
    return quotation ? 1 : count(list);
  }

  private static int count(String list) {
    String plain = list;
    for (String shorter = ""; !shorter.equals(plain); ) {
      shorter = plain;
      plain = TYPE_ARGUMENTS.matcher(plain).replaceAll("");
    }
    if (plain.isBlank()) {
      return list.isBlank() ? 0 : 1;
    }
    int depth = 0;
    int commas = 0;
    for (int i = 0; i < plain.length(); i++) {
      char c = plain.charAt(i);
      depth += "([{".indexOf(c) >= 0 ? 1 : ")]}".indexOf(c) >= 0 ? -1 : 0;
      commas += depth == 0 && c == ',' ? 1 : 0;
    }
    return commas + 1;
  }

  /** With every other character in its place. */
  private String withoutTypeArguments() {
    String plain = code;
    for (String before = ""; !before.equals(plain); ) {
      before = plain;
      plain = TYPE_ARGUMENTS.matcher(plain).replaceAll(m -> " ".repeat(m.group().length()));
    }
    return plain;
  }
}

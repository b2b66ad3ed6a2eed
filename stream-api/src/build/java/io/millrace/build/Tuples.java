package io.millrace.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Writes the classes Tuple0 to Tuple25, which differ in nothing but how many fields they have. Runs
 * in each build, before the compiler; the argument is the folder of sources.
 */
public final class Tuples {
  private static final int MOST = 25;

  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createDirectories(Path.of(arguments[0], "io/millrace/api/tuple"));
    for (int fields = 0; fields <= MOST; fields++) {
      Path file = folder.resolve("Tuple" + fields + ".java");
      String text = source(fields);
      // What has not changed keeps its time, so that nothing is compiled again.
      if (!Files.exists(file) || !Files.readString(file).equals(text)) {
        Files.writeString(file, text);
      }
    }
  }

  private static String each(int fields, String between, IntFunction<String> text) {
    return IntStream.range(0, fields).mapToObj(text).collect(Collectors.joining(between));
  }

  private static String source(int fields) {
    String types = fields == 0 ? "" : "<" + each(fields, ", ", i -> "T" + i) + ">";
    String diamond = fields == 0 ? "" : "<>";
    String parameters = each(fields, ", ", i -> "T" + i + " f" + i);
    String values = each(fields, ", ", i -> "f" + i);
    String assignments = each(fields, "\n", i -> "    this.f" + i + " = f" + i + ";");
    String name = "Tuple" + fields;
    var text = new StringBuilder();
    text.append(
        """
        package io.millrace.api.tuple;

        /** A tuple of %d field%s. */
        public final class %s%s extends Tuple {
          private static final long serialVersionUID = 1L;

        """
            .formatted(fields, fields == 1 ? "" : "s", name, types));
    if (fields == 0) {
      text.append("  public static final Tuple0 INSTANCE = new Tuple0();\n\n");
    }
    text.append(each(fields, "", i -> "  public T" + i + " f" + i + ";\n"));
    text.append("\n  public %s() {}\n".formatted(name));
    if (fields > 0) {
      text.append(
          """

            public %1$s(%3$s) {
          %4$s
            }

            public static %2$s %1$s%2$s of(%3$s) {
              return new %1$s<>(%5$s);
            }

            /** Sets all of them. */
            public void setFields(%3$s) {
          %4$s
            }
          """
              .formatted(name, types, parameters, assignments, values));
    }
    if (fields == 2) {
      text.append(
          """

            /** A new tuple with the fields the other way round. */
            public Tuple2<T1, T0> swap() {
              return new Tuple2<>(f1, f0);
            }
          """);
    }
    text.append(
        """

          /** A new tuple with the very same fields. */
          @Override
          public %1$s%2$s copy() {
            return new %1$s%3$s(%4$s);
          }

          @Override
          public int getArity() {
            return %5$d;
          }
        """
            .formatted(name, types, diamond, values, fields));
    text.append(access(fields));
    return text.append("}\n").toString();
  }

  private static String access(int fields) {
    if (fields == 0) {
      return """

          @Override
          public <T> T getField(int position) {
            throw noField(position);
          }

          @Override
          public <T> void setField(T value, int position) {
            throw noField(position);
          }
        """;
    }
    return """

          @Override
          @SuppressWarnings("unchecked") // as unsafe as the caller's choice of T
          public <T> T getField(int position) {
            return switch (position) {
        %s
              default -> throw noField(position);
            };
          }

          @Override
          @SuppressWarnings("unchecked") // as unsafe as the caller's choice of T
          public <T> void setField(T value, int position) {
            switch (position) {
        %s
              default -> throw noField(position);
            }
          }
        """
        .formatted(
            each(fields, "\n", i -> "      case " + i + " -> (T) f" + i + ";"),
            each(fields, "\n", i -> "      case " + i + " -> f" + i + " = (T" + i + ") value;"));
  }

  private Tuples() {}
}

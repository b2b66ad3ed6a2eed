package io.millrace.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Java source of this repository.
 *
 * @param path relative to the root
 * @param code its lines without comments and without what stands in quotes
 */
record SourceFile(Path path, List<String> code) {
  private static final Pattern PACKAGE = Pattern.compile("\\s*package ([a-z.0-9]+)\\s*;");

  /** All sources, in the order of their paths. */
  static List<SourceFile> all(Path root) throws IOException {
    List<Path> paths = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes facts) {
            String name = folder.getFileName().toString();
            boolean sources =
                folder.equals(root) || !name.equals("target") && !name.startsWith(".");
            return sources ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes facts) {
            if (file.toString().endsWith(".java")) {
              paths.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    paths.sort(null);
    List<SourceFile> sources = new ArrayList<>();
    for (Path path : paths) {
      sources.add(of(root.relativize(path), Files.readString(path, StandardCharsets.UTF_8)));
    }
    return sources;
  }

  static SourceFile of(Path path, String text) {
    return new SourceFile(path, withoutCommentsAndQuotes(text).lines().toList());
  }

  boolean isProduction() {
    return path.toString().contains("src/main/");
  }

  String packageName() {
    for (String line : code) {
      Matcher matcher = PACKAGE.matcher(line);
      if (matcher.matches()) {
        return matcher.group(1);
      }
    }
    throw new IllegalStateException(path + " has no package line");
  }

  /** Every place where the pattern occurs in code, as {@code path:line: what is wrong: match}. */
  List<String> complaints(Pattern pattern, String wrong) {
    List<String> found = new ArrayList<>();
    for (int i = 0; i < code.size(); i++) {
      Matcher matcher = pattern.matcher(code.get(i));
      while (matcher.find()) {
        found.add(complaint(i, wrong + ": " + matcher.group()));
      }
    }
    return found;
  }

  String complaint(int lineIndex, String wrong) {
    return path + ":" + (lineIndex + 1) + ": " + wrong;
  }

  private static String withoutCommentsAndQuotes(String text) {
    StringBuilder code = new StringBuilder(text.length());
    int i = 0;
    while (i < text.length()) {
      String end = closing(text, i);
      if (end == null) {
        code.append(text.charAt(i++));
        continue;
      }
      boolean quote = end.startsWith("\"") || end.equals("'");
      int from = i + (end.equals("\n") || end.equals("*/") ? 2 : end.length());
      int close = from;
      while (close < text.length() && !text.startsWith(end, close)) {
        close += quote && text.charAt(close) == '\\' ? 2 : 1;
      }
      int next = Math.min(text.length(), end.equals("\n") ? close : close + end.length());
      // Lines keep their numbers.
      code.append(quote ? "\"\"" : "").append("\n".repeat(lines(text, i, next)));
      i = next;
    }
    return code.toString();
  }

  /** What ends the comment or the quotation that begins here; null if neither begins. */
  private static String closing(String text, int at) {
    for (String[] pair :
        new String[][] {
          {"//", "\n"}, {"/*", "*/"}, {"\"\"\"", "\"\"\""}, {"\"", "\""}, {"'", "'"}
        }) {
      if (text.startsWith(pair[0], at)) {
        return pair[1];
      }
    }
    return null;
  }

  private static int lines(String text, int from, int to) {
    return (int) text.substring(from, to).chars().filter(c -> c == '\n').count();
  }
}

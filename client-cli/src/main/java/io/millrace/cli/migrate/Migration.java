package io.millrace.cli.migrate;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Rewrites all Java sources below a folder. */
public final class Migration {
  private static final Pattern PACKAGE = Pattern.compile("\\bpackage\\s+([\\w.]+)\\s*;");

  private final Path folder;
  private final Consumer<String> say;

  /** Else the files stay as they are, and so do the lines that are named. */
  private final boolean rewrites;

  private final Counterparts counterparts = Counterparts.load();

  /** Of each file that changes, its text. */
  private final Map<Path, String> changes = new TreeMap<>();

  private final List<String> report = new ArrayList<>();
  private int names;
  private int remarks;

  private Migration(Path folder, boolean rewrites, Consumer<String> say) {
    this.folder = folder;
    this.rewrites = rewrites;
    this.say = say;
  }

  /** Why nothing was rewritten. */
  public static final class RefusedException extends Exception {
    RefusedException(String message) {
      super(message);
    }
  }

  /**
   * Reads everything first, so that nothing is written if something cannot be read.
   *
   * @param dryRun only says what would be done
   * @param backup folder for the originals, empty or absent; {@code null} to rely on git
   * @param say gets what was done and what is left to do, line by line
   * @return how many places are left to do by hand
   */
  public static int run(Path folder, boolean dryRun, Path backup, Consumer<String> say)
      throws RefusedException, IOException {
    if (!Files.isDirectory(folder)) {
      throw new RefusedException(folder + " is not a folder");
    }
    var migration = new Migration(folder, !dryRun, say);
    migration.read();
    if (!dryRun && !migration.changes.isEmpty()) {
      if (backup == null) {
        migration.checkThatGitHasThem();
      } else {
        migration.keepOriginals(backup);
      }
      for (Map.Entry<Path, String> change : migration.changes.entrySet()) {
        replace(change.getKey(), change.getValue());
      }
    }
    migration.tell(dryRun);
    return migration.remarks;
  }

  // ---- reading

  private void read() throws IOException {
    Map<Path, String> sources = new TreeMap<>();
    Map<Path, String> builds = new TreeMap<>();
    List<Path> scala = new ArrayList<>();
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes facts) {
            return each.equals(folder) || !isLeftOut(each)
                ? FileVisitResult.CONTINUE
                : FileVisitResult.SKIP_SUBTREE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes facts)
              throws IOException {
            String name = file.getFileName().toString();
            if (!facts.isRegularFile()) {
              return FileVisitResult.CONTINUE; // what a link points at is not below this folder
            }
            if (name.endsWith(".java")) {
              sources.put(file, text(file));
            } else if (BuildFile.is(name)) {
              builds.put(file, text(file));
            } else if (name.endsWith(".scala")) {
              scala.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    Set<String> own = ownClasses(sources);
    sources.forEach((file, text) -> rewrite(file, text, own));
    builds.forEach((file, text) -> remark(file, BuildFile.advice(text)));
    for (Path file : scala) {
      if (text(file).contains(Counterparts.FLINK)) {
        remark(file, List.of(new Remark(1, "only Java is rewritten")));
      }
    }
  }

  /** What builds make, and what tools keep for themselves. */
  private static boolean isLeftOut(Path each) {
    String name = each.getFileName().toString();
    Path beside = each.resolveSibling("pom.xml");
    return name.startsWith(".")
        || name.equals("target") && Files.exists(beside)
        || name.equals("build")
            && (Files.exists(each.resolveSibling("build.gradle"))
                || Files.exists(each.resolveSibling("build.gradle.kts")));
  }

  /** One character for each byte: whatever the encoding, what is not rewritten stays as it is. */
  private static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }

  private static Set<String> ownClasses(Map<Path, String> sources) {
    var own = new TreeSet<String>();
    sources.forEach(
        (file, text) -> {
          Matcher matcher = PACKAGE.matcher(JavaCode.of(text));
          String ownPackage = matcher.find() ? matcher.group(1) + "." : "";
          own.add(ownPackage + file.getFileName().toString().replace(".java", ""));
        });
    return own;
  }

  private void rewrite(Path file, String text, Set<String> own) {
    JavaSource.Result result =
        JavaSource.rewrite(
            text,
            counterparts,
            name -> own.stream().anyMatch(each -> (name + ".").startsWith(each + ".")));
    if (!result.text().equals(text)) {
      changes.put(file, result.text());
      names += result.names();
      report.add(relative(file) + ": " + counted(result.names(), "name"));
    }
    remark(file, rewrites ? result.remarks() : result.before());
  }

  private void remark(Path file, List<Remark> some) {
    for (Remark remark : some) {
      report.add(relative(file) + ":" + remark.line() + ": " + remark.text());
      remarks++;
    }
  }

  private String relative(Path file) {
    return folder.relativize(file).toString();
  }

  // ---- a way back

  private void checkThatGitHasThem() throws RefusedException, IOException {
    String tracked = git("ls-files", "-z");
    String changed = git("diff", "-z", "--name-only", "--relative", "HEAD");
    var lost = new ArrayList<String>();
    if (tracked != null && changed != null) {
      Set<String> safe = new TreeSet<>(List.of(tracked.split("\0")));
      safe.removeAll(List.of(changed.split("\0")));
      for (Path file : changes.keySet()) {
        if (!safe.contains(relative(file))) {
          lost.add(relative(file));
        }
      }
      if (lost.isEmpty()) {
        return;
      }
    }
    String which =
        tracked == null || changed == null
            ? folder + " is not in a git repository with a commit"
            : lost.get(0)
                + (lost.size() > 1 ? " and " + (lost.size() - 1) + " more" : "")
                + " not committed in git as it is now";
    throw new RefusedException(
        which
            + ", so what is rewritten could not be taken back; commit first, or name a folder for"
            + " the originals: --backup <folder> (--dry-run only shows what would be done)");
  }

  /** What git prints in this folder; null if it cannot. */
  private String git(String... words) throws IOException {
    var all = new ArrayList<>(List.of("git", "-C", folder.toString()));
    all.addAll(List.of(words));
    try {
      Process process =
          new ProcessBuilder(all).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      var out = new ByteArrayOutputStream();
      try (InputStream in = process.getInputStream()) {
        in.transferTo(out);
      }
      return process.waitFor() == 0 ? out.toString(StandardCharsets.UTF_8) : null;
    } catch (IOException e) {
      return null; // there is no git
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private void keepOriginals(Path backup) throws RefusedException, IOException {
    if (backup.toAbsolutePath().normalize().startsWith(folder.toAbsolutePath().normalize())) {
      throw new RefusedException(
          "the backup " + backup + " would lie in " + folder + " itself; name another folder");
    }
    if (Files.exists(backup)) {
      try (var some = Files.newDirectoryStream(backup)) {
        if (some.iterator().hasNext()) {
          throw new RefusedException("the backup " + backup + " is not empty; name a new folder");
        }
      }
    }
    for (Path file : changes.keySet()) {
      Path copy = backup.resolve(relative(file));
      Files.createDirectories(copy.getParent());
      Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
    }
  }

  // ---- writing

  private static void replace(Path file, String text) throws IOException {
    Path draft = Files.createTempFile(file.getParent(), ".migrate-", ".tmp");
    try {
      Files.writeString(draft, text, StandardCharsets.ISO_8859_1);
      if (Files.getFileAttributeView(file, PosixFileAttributeView.class) != null) {
        Files.setPosixFilePermissions(draft, Files.getPosixFilePermissions(file));
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  private void tell(boolean dryRun) {
    report.forEach(say);
    say.accept(
        counted(names, "name")
            + " in "
            + counted(changes.size(), "file")
            + (dryRun ? " would be rewritten; " : " rewritten; ")
            + (remarks == 0
                ? "nothing is"
                : counted(remarks, "place") + (remarks == 1 ? " is" : " are"))
            + " left to you"
            + (remarks == 0 ? "." : ", listed above."));
  }

  private static String counted(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }
}

package io.millrace.yarn;

import io.millrace.hdfs.JarStore;
import io.millrace.hdfs.Upload;
import io.millrace.runtime.host.ClusterIdentity;
import io.millrace.runtime.host.Rehearsal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The classes of the engine as a JVM has them after it has read and verified them: an archive for
 * class-data sharing, which containers map into memory instead of doing that work again. Made once
 * on this machine for each version of engine and Java, then kept in a folder that nobody else can
 * write to, named by what it was made from and by what it holds.
 *
 * <p>It only ever saves time. A JVM checks whether an archive was made by the very same Java from
 * jars of the same names, order and sizes, and reads the jars where it was not; whatever fails here
 * is logged, and jobs start without.
 */
public final class ClassArchive {
  private static final Logger LOG = LoggerFactory.getLogger(ClassArchive.class);

  /** Name in the working directory of a container. */
  static final String LINK = "classes.jsa";

  private static final String SUFFIX = ".jsa";
  private static final String FAILED = ".failed";
  private static final int MAKING_SECONDS = 60;
  private static final long UNUSED_MILLIS = TimeUnit.DAYS.toMillis(30);
  private static final Set<PosixFilePermission> OWNER_FOLDER =
      PosixFilePermissions.fromString("rwx------");

  private final Path folder;

  private ClassArchive(Path folder) {
    this.folder = folder;
  }

  /**
   * @param sha256 of its bytes when it was made
   */
  record Archive(Path file, String sha256) {}

  /**
   * Archives of this user on this machine: below {@code MILLRACE_CACHE_DIR}, else below the user's
   * own cache.
   */
  public static ClassArchive of(Map<String, String> environment) {
    String chosen = environment.getOrDefault("MILLRACE_CACHE_DIR", "");
    if (!chosen.isBlank()) {
      return new ClassArchive(Path.of(chosen).toAbsolutePath());
    }
    String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
    return new ClassArchive(
        (cache.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache))
            .resolve("millrace"));
  }

  /** JVM flags of a container that has the archive. */
  static List<String> flags() {
    return List.of("-XX:SharedArchiveFile=" + LINK, "-XX:+VerifySharedSpaces");
  }

  /**
   * The archive of an engine, made now if it is not there.
   *
   * @param engine its jars, in the order of the class path
   * @param logConfiguration of containers
   */
  Optional<Archive> find(List<Path> engine, Optional<Path> logConfiguration) {
    try {
      openFolder();
      String key = key(engine);
      Optional<Archive> known = known(key);
      if (known.isPresent() || Files.exists(folder.resolve(key + FAILED))) {
        return known;
      }
      return make(key, engine, logConfiguration);
    } catch (IOException | RuntimeException e) {
      LOG.info("Containers start without an archive of classes", e);
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** An archive that is not what it was: the next job makes another one. */
  void discard(Archive damaged) {
    try {
      Files.deleteIfExists(damaged.file());
    } catch (IOException e) {
      LOG.info("{} stays", damaged.file(), e);
    }
  }

  /** Whoever can write here can run code in our containers. */
  private void openFolder() throws IOException {
    Files.createDirectories(folder.getParent());
    try {
      Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_FOLDER));
    } catch (FileAlreadyExistsException e) {
      String me = System.getProperty("user.name");
      if (!Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).getName().equals(me)
          || !Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS)
              .equals(OWNER_FOLDER)) {
        throw new IOException(folder + " is not a folder of " + me + " alone (mode 700)");
      }
    }
  }

  private Optional<Archive> known(String key) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      Optional<Archive> known =
          files
              .filter(file -> name(file).startsWith(key + "-") && name(file).endsWith(SUFFIX))
              .findFirst()
              .map(file -> new Archive(file, sha256Of(name(file))));
      if (known.isPresent()) {
        Files.setLastModifiedTime(
            known.get().file(), FileTime.fromMillis(System.currentTimeMillis()));
      }
      return known;
    }
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }

  private static String sha256Of(String name) {
    return name.substring(name.indexOf('-') + 1, name.length() - SUFFIX.length());
  }

  /** Everything that an archive depends on. */
  private static String key(List<Path> engine) throws IOException {
    MessageDigest digest = sha256();
    for (String property : List.of("java.vm.name", "java.vm.version", "os.arch")) {
      digest.update((System.getProperty(property) + "\n").getBytes(StandardCharsets.UTF_8));
    }
    for (Path jar : engine) {
      digest.update((name(jar) + "\n").getBytes(StandardCharsets.UTF_8));
      digest.update(digestOf(jar));
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 16);
  }

  private Optional<Archive> make(String key, List<Path> engine, Optional<Path> logConfiguration)
      throws IOException, InterruptedException {
    removeUnused();
    Path work = Files.createTempDirectory(folder, "make-");
    try {
      copyWithoutTimes(engine, Files.createDirectory(work.resolve("lib")));
      byte[] identity = ClusterIdentity.create("rehearsal").toBytes();
      if (!rehearse(
          work, classPath(engine), Rehearsal.class.getName(), logConfiguration, identity)) {
        // Trying again with every job would cost more than archives save.
        Files.writeString(folder.resolve(key + FAILED), "the log of the client says why\n");
        return Optional.empty();
      }
      Path made = work.resolve(LINK);
      String sha256 = HexFormat.of().formatHex(digestOf(made));
      Path kept = folder.resolve(key + "-" + sha256 + SUFFIX);
      Files.move(made, kept, StandardCopyOption.ATOMIC_MOVE);
      return Optional.of(new Archive(kept, sha256));
    } finally {
      delete(work);
    }
  }

  /**
   * Makes the archive of the client itself, where the command has found that there is none.
   *
   * @param name of the file, which the command knows
   * @param classPath how the client's class path begins
   * @param main rehearses what a client does
   */
  public void makeForClient(
      String name, String classPath, String main, Optional<Path> logConfiguration) {
    try {
      openFolder();
      if (Files.exists(folder.resolve(name + FAILED))) {
        return;
      }
      Path work = Files.createTempDirectory(folder, "make-");
      try {
        if (rehearse(work, classPath, main, logConfiguration, new byte[0])) {
          Files.move(work.resolve(LINK), folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } else {
          Files.writeString(folder.resolve(name + FAILED), "the log of the client says why\n");
        }
      } finally {
        delete(work);
      }
    } catch (IOException | RuntimeException e) {
      LOG.info("Clients start without an archive of classes", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Containers find the jars at the same names relative to where they start, but not with the times
   * that they have here: a node's copy is as old as its download. A JVM compares times unless they
   * are zero; that the bytes are the same is what the names of the staged files stand for.
   */
  private static void copyWithoutTimes(List<Path> jars, Path lib) throws IOException {
    for (Path jar : jars) {
      Path copy = Files.copy(jar, lib.resolve(name(jar)));
      Files.setLastModifiedTime(copy, FileTime.fromMillis(0));
    }
  }

  /** Whether {@link #LINK} is there now, in the folder to work in. */
  private static boolean rehearse(
      Path work, String classPath, String main, Optional<Path> logConfiguration, byte[] input)
      throws IOException, InterruptedException {
    var words = new ArrayList<String>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(
        List.of(
            "-XX:ArchiveClassesAtExit=" + LINK,
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx256m",
            "-Djava.io.tmpdir=" + work,
            "-Dmillrace.log.file=rehearsal.log",
            "-Dslf4j.internal.verbosity=ERROR"));
    logConfiguration.ifPresent(
        file -> words.add("-Dlog4j2.configurationFile=" + file.toAbsolutePath()));
    words.addAll(List.of("-cp", classPath, main));
    Path output = work.resolve("output");
    var builder =
        new ProcessBuilder(words)
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().keySet().removeAll(Set.of("CLASSPATH", "JAVA_TOOL_OPTIONS"));
    Process java = builder.start();
    try (OutputStream in = java.getOutputStream()) {
      in.write(input);
    }
    boolean ended;
    try {
      ended = java.waitFor(MAKING_SECONDS, TimeUnit.SECONDS);
    } finally {
      java.destroyForcibly();
    }
    if (ended && java.exitValue() == 0 && Files.isRegularFile(work.resolve(LINK))) {
      return true;
    }
    LOG.info(
        "No archive of classes was made: {}: {}",
        ended ? "exit code " + java.exitValue() : "not within " + MAKING_SECONDS + " s",
        Files.readString(output).strip());
    return false;
  }

  /** How a container's class path begins. */
  static String classPath(List<Path> engine) {
    return engine.stream().map(jar -> "lib/" + name(jar)).collect(Collectors.joining(":"));
  }

  private void removeUnused() throws IOException {
    long oldest = System.currentTimeMillis() - UNUSED_MILLIS;
    List<Path> all;
    try (Stream<Path> files = Files.list(folder)) {
      all = files.filter(file -> name(file).matches(".*\\.(jsa|failed)|make-.*")).toList();
    }
    for (Path file : all) {
      if (Files.getLastModifiedTime(file).toMillis() < oldest) {
        delete(file);
      }
    }
  }

  private static void delete(Path root) throws IOException {
    List<Path> below;
    try (Stream<Path> files = Files.walk(root)) {
      below = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : below) {
      Files.deleteIfExists(file);
    }
  }

  private static byte[] digestOf(Path file) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return digest.digest();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  /** Empty if there is none that can be used: containers start without it then. */
  Optional<JarStore.Stored> put(Upload upload, YarnDeployer.Equipment equipment)
      throws IOException {
    var found = find(equipment.engine(), equipment.logConfiguration());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(upload.put(found.get().file(), found.get().sha256()));
    } catch (JarStore.ChangedException | NoSuchFileException e) {
      LOG.info("The archive of classes is damaged, and containers start without it", e);
      discard(found.get());
      return Optional.empty();
    }
  }
}

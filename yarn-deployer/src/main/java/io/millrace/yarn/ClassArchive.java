package io.millrace.yarn;

import io.millrace.hdfs.JarStore;
import io.millrace.hdfs.Upload;
import io.millrace.runtime.host.ClusterIdentity;
import io.millrace.runtime.host.Rehearsal;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The classes of the engine, and of Hadoop, as a JVM has them after it has read and verified them:
 * archives for class-data sharing, which containers map into memory instead of doing that work
 * again. Made once on this machine for each version of engine, Hadoop and Java, then kept in a
 * folder that nobody else can write to, named by what they were made from and by what they hold.
 *
 * <p>It only ever saves time. A JVM checks whether an archive was made by the very same Java from
 * jars of the same names, order and sizes, and reads the jars where it was not; whatever fails here
 * is logged, and jobs start without.
 */
public final class ClassArchive {
  private static final Logger LOG = LoggerFactory.getLogger(ClassArchive.class);

  /** Folder of the engine's jars in a container. */
  static final String LIB = "lib/";

  /** Name, in the working directory of a container, of the archive of the engine alone. */
  static final String LINK = "classes.jsa";

  /** And of that which has Hadoop's classes, too. */
  static final String WITH_HADOOP = "hadoop.jsa";

  private static final String MADE = "made.jsa";
  private static final String SUFFIX = ".jsa";
  private static final String FAILED = ".failed";
  private static final int MAKING_SECONDS = 60;
  private static final long UNUSED_MILLIS = TimeUnit.DAYS.toMillis(30);

  /** What has failed may have failed because the machine was busy. */
  private static final long FAILED_MILLIS = TimeUnit.DAYS.toMillis(1);

  /** A shell takes no word of more than 128 KB, and the class path is part of one. */
  private static final int LONGEST_CLASS_PATH = 50_000;

  private final CacheFolder folder;
  private final Map<String, String> environment;
  private final KnownDigests digests;

  private ClassArchive(CacheFolder folder, Map<String, String> environment) {
    this.folder = folder;
    this.environment = Map.copyOf(environment);
    this.digests = new KnownDigests(folder, System::currentTimeMillis);
  }

  /** Archives of this user on this machine. */
  public static ClassArchive of(Map<String, String> environment) {
    return new ClassArchive(CacheFolder.of(environment), environment);
  }

  /**
   * What an archive has the classes of.
   *
   * @param engine its jars, in the order of the class path
   * @param hadoop behind them
   * @param logConfiguration of containers
   */
  record Subject(List<Path> engine, Optional<HadoopJars> hadoop, Optional<Path> logConfiguration) {
    Subject {
      engine = List.copyOf(engine);
    }

    /** Name in the working directory of a container. */
    String link() {
      return hadoop.isPresent() ? WITH_HADOOP : LINK;
    }

    /** How a container's class path begins. */
    String classPath() {
      return Stream.concat(
              engine.stream().map(jar -> LIB + name(jar)),
              hadoop.stream().flatMap(all -> all.jars().stream()))
          .collect(Collectors.joining(":"));
    }

    /** Everything that an archive depends on. */
    private String key(KnownDigests digests) throws IOException {
      MessageDigest digest = KnownDigests.sha256();
      for (String property : List.of("java.vm.name", "java.vm.version", "os.arch")) {
        digest.update((System.getProperty(property) + "\n").getBytes(StandardCharsets.UTF_8));
      }
      for (Path jar : engine) {
        digest.update((name(jar) + " " + digests.of(jar) + "\n").getBytes(StandardCharsets.UTF_8));
      }
      hadoop.ifPresent(all -> digest.update(all.stamp().getBytes(StandardCharsets.UTF_8)));
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    }

    /** Whoever has them on the class path of the rehearsal comes to load what a container does. */
    private String rehearsal() {
      return hadoop.isPresent() ? ContainerRehearsal.class.getName() : Rehearsal.class.getName();
    }
  }

  /**
   * @param sha256 of its bytes when it was made
   */
  record Archive(Path file, String sha256) {}

  /**
   * The archive, made now if it is not there.
   *
   * @param practice folder in Hadoop's file system for a file that goes at once
   */
  Optional<Archive> find(Subject subject, String practice) {
    try {
      folder.open();
      String key = subject.key(digests);
      Optional<Archive> known = known(key);
      if (known.isPresent() || hasFailed(key)) {
        return known;
      }
      return make(key, subject, practice);
    } catch (IOException | RuntimeException e) {
      LOG.info("Containers start without {}", subject.link(), e);
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** Of files of this machine. */
  KnownDigests digests() {
    return digests;
  }

  /** An archive that is not what it was: the next job makes another one. */
  void discard(Archive damaged) {
    try {
      Files.deleteIfExists(damaged.file());
    } catch (IOException e) {
      LOG.info("{} stays", damaged.file(), e);
    }
  }

  private boolean hasFailed(String name) throws IOException {
    try {
      long failed = Files.getLastModifiedTime(folder.resolve(name + FAILED)).toMillis();
      return failed > System.currentTimeMillis() - FAILED_MILLIS;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private Optional<Archive> known(String key) throws IOException {
    try (Stream<Path> files = Files.list(folder.path())) {
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

  private Optional<Archive> make(String key, Subject subject, String practice)
      throws IOException, InterruptedException {
    removeUnused();
    Path work = Files.createTempDirectory(folder.path(), "make-");
    try {
      copyWithoutTimes(subject.engine(), Files.createDirectory(work.resolve(LIB)));
      byte[] identity = ClusterIdentity.create("rehearsal").toBytes();
      if (!mayStandFirst(subject.hadoop().map(HadoopJars::jars).orElse(List.of()))
          || !rehearse(
              work,
              subject.classPath(),
              List.of(subject.rehearsal(), practice),
              subject.logConfiguration(),
              identity)) {
        // Trying again with every job would cost more than archives save.
        Files.writeString(folder.resolve(key + FAILED), "the log of the client says why\n");
        return Optional.empty();
      }
      Path made = work.resolve(MADE);
      String sha256 = KnownDigests.compute(made);
      Path kept = folder.resolve(key + "-" + sha256 + SUFFIX);
      Files.move(made, kept, StandardCopyOption.ATOMIC_MOVE);
      return Optional.of(new Archive(kept, sha256));
    } finally {
      delete(work);
    }
  }

  /** Before the folder of Hadoop's configuration. */
  private static boolean mayStandFirst(List<String> jars) {
    Optional<String> hiding = HadoopJars.hidesConfiguration(jars);
    hiding.ifPresent(
        jar -> LOG.info("Hadoop's classes are in no archive: {} may hide its configuration", jar));
    return hiding.isEmpty();
  }

  /**
   * Makes the archive of the client itself, where the command has found that there is none.
   *
   * @param name of the file, which the command knows
   * @param own the client's jars, with which its class path begins
   * @param hadoop Hadoop's, with which it goes on
   * @param main rehearses what a client does
   */
  public void makeForClient(
      String name,
      List<String> own,
      List<String> hadoop,
      String main,
      Optional<Path> logConfiguration) {
    try {
      folder.open();
      if (hasFailed(name)) {
        return;
      }
      Path work = Files.createTempDirectory(folder.path(), "make-");
      try {
        String classPath =
            Stream.concat(own.stream(), hadoop.stream()).collect(Collectors.joining(":"));
        if (mayStandFirst(hadoop)
            && rehearse(work, classPath, List.of(main), logConfiguration, new byte[0])) {
          Files.move(work.resolve(MADE), folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
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

  /**
   * Whether {@link #MADE} is there now, in the folder to work in.
   *
   * @param program class and arguments
   */
  private static boolean rehearse(
      Path work,
      String classPath,
      List<String> program,
      Optional<Path> logConfiguration,
      byte[] input)
      throws IOException, InterruptedException {
    var words = new ArrayList<String>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(
        List.of(
            "-XX:ArchiveClassesAtExit=" + MADE,
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx256m",
            "-Djava.io.tmpdir=" + work,
            "-Dmillrace.log.file=rehearsal.log",
            "-Dslf4j.internal.verbosity=ERROR"));
    logConfiguration.ifPresent(
        file -> words.add("-Dlog4j2.configurationFile=" + file.toAbsolutePath()));
    words.addAll(List.of("-cp", classPath));
    words.addAll(program);
    Path output = work.resolve("output");
    var builder =
        new ProcessBuilder(words)
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder
        .environment()
        .keySet()
        .removeAll(Set.of("CLASSPATH", "JAVA_TOOL_OPTIONS", "HADOOP_TOKEN_FILE_LOCATION"));
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
    if (ended && java.exitValue() == 0 && Files.isRegularFile(work.resolve(MADE))) {
      return true;
    }
    LOG.info(
        "No archive of classes was made: {}: {}",
        ended ? "exit code " + java.exitValue() : "not within " + MAKING_SECONDS + " s",
        Files.readString(output).strip());
    return false;
  }

  private void removeUnused() throws IOException {
    long oldest = System.currentTimeMillis() - UNUSED_MILLIS;
    List<Path> all;
    try (Stream<Path> files = Files.list(folder.path())) {
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

  /**
   * Brings what there is to the cluster.
   *
   * @param hadoop Hadoop's part of the class path of containers
   * @param practice folder in Hadoop's file system for files that go at once
   * @param files of containers, to which the archives come
   */
  SharedClasses put(
      Upload upload,
      YarnDeployer.Equipment equipment,
      List<String> hadoop,
      String practice,
      List<StagedFile> files)
      throws IOException {
    var alone = new Subject(equipment.engine(), Optional.empty(), equipment.logConfiguration());
    boolean engine = put(upload, alone, practice, files);
    Optional<HadoopJars> jars = hadoopJars(hadoop, equipment, files);
    if (jars.isEmpty()) {
      return new SharedClasses(engine, Optional.empty());
    }
    var both = new Subject(equipment.engine(), jars, equipment.logConfiguration());
    return new SharedClasses(
        engine,
        both.classPath().length() <= LONGEST_CLASS_PATH && put(upload, both, practice, files)
            ? Optional.of(new SharedClasses.WithHadoop(both.classPath(), jars.get().stamp()))
            : Optional.empty());
  }

  /** Those that may stand before all but the engine's: nothing else must be meant to come first. */
  Optional<HadoopJars> hadoopJars(
      List<String> classPath, YarnDeployer.Equipment equipment, List<StagedFile> files) {
    try {
      Optional<HadoopJars> jars = HadoopJars.of(classPath, environment);
      var engine = new TreeSet<String>();
      equipment.engine().forEach(jar -> engine.add(LIB + name(jar)));
      Set<String> further =
          equipment.further().stream().map(jar -> LIB + name(jar)).collect(Collectors.toSet());
      boolean shipped =
          files.stream()
              .map(StagedFile::link)
              .filter(link -> link.startsWith(LIB) && !engine.contains(link))
              .anyMatch(link -> !further.contains(link));
      boolean twice =
          jars.stream()
              .flatMap(all -> all.jars().stream())
              .anyMatch(jar -> further.stream().anyMatch(link -> alike(jar, link)));
      return shipped || twice ? Optional.empty() : jars;
    } catch (IOException | RuntimeException e) {
      LOG.info("Hadoop's classes are in no archive", e);
      return Optional.empty();
    }
  }

  /** The same library, whatever the version. */
  private static boolean alike(String jar, String other) {
    return library(jar).equals(library(other));
  }

  private static String library(String jar) {
    return jar.substring(jar.lastIndexOf('/') + 1).replaceFirst("-\\d.*", "");
  }

  /** Whether there is one that can be used. */
  private boolean put(Upload upload, Subject subject, String practice, List<StagedFile> files)
      throws IOException {
    Optional<Archive> found = find(subject, practice);
    if (found.isEmpty()) {
      return false;
    }
    try {
      JarStore.Stored stored = upload.put(found.get().file(), found.get().sha256());
      files.add(ContainerFiles.staged(subject.link(), stored));
      return true;
    } catch (JarStore.ChangedException | NoSuchFileException e) {
      LOG.info("{} is damaged, and containers start without it", subject.link(), e);
      discard(found.get());
      return false;
    }
  }
}

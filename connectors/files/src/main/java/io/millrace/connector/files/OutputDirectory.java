package io.millrace.connector.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.api.connector.Sink;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Options.CreateOpts;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory that jobs write to: whose it is, what waits in it, what is shown.
 *
 * <pre>
 * _millrace-owner              lineage of the job it belongs to
 * _millrace-owner-&lt;lineage&gt;    one for each that appends
 * _millrace/&lt;lineage&gt;/&lt;sink&gt;/   files that wait
 * part-…                       what is shown, never changed again
 * _rolledback/part-…           what was shown and has been taken back
 * _rolledback/&lt;sink&gt;-after…    of which checkpoints that was
 * _settled/&lt;job&gt;-&lt;sink&gt;        that a job has ended, and what it had never shown then
 * _SUCCESS                     all input of a job was read and is shown
 * </pre>
 */
final class OutputDirectory {
  private static final Logger LOG = LoggerFactory.getLogger(OutputDirectory.class);
  private static final String OWNER = "_millrace-owner";
  private static final String WAITING = "_millrace";
  private static final String SUCCESS = "_SUCCESS";
  private static final String TAKEN_BACK = "_rolledback";
  private static final String SETTLED = "_settled";

  /** How names of files begin that are shown. */
  static final String PART = "part-";

  private static final int TAG_BYTES = 6;

  /** Of {@code _millrace/<lineage>/<job>/<sink>/<file>}. */
  private static final int WAITING_DEPTH = 5;

  private static final String REMEDY = "; choose another directory, delete it, or ask for append";
  private static final List<String> ACCEPTED = List.of("hdfs", "viewfs", "file");
  private static final int BUFFER = 64 << 10;

  private final Path directory;
  private final FileContext files;
  private final boolean local;

  /**
   * Asks no server.
   *
   * @throws OutputConflictException if the file system cannot rename atomically
   */
  OutputDirectory(String directory, Configuration conf) throws IOException {
    this.directory = new Path(directory);
    String scheme = this.directory.toUri().getScheme();
    if (!ACCEPTED.contains(scheme)) {
      throw new OutputConflictException(
          "output cannot be written exactly once to "
              + directory
              + ": renaming on '"
              + scheme
              + "' is not known to be atomic; write to hdfs, to viewfs over hdfs, or to the local"
              + " file system");
    }
    this.local = scheme.equals("file");
    this.files = FileContext.getFileContext(this.directory.toUri(), conf);
  }

  // ---- whose it is

  /** Reads only. */
  void check(String lineage, boolean append) throws IOException {
    checkNamespace();
    FileStatus there = find(directory);
    if (there == null) {
      return;
    }
    if (!there.isDirectory()) {
      throw new OutputConflictException(
          "the output path " + directory + " is a file; choose another directory or delete it");
    }
    if (append) {
      return;
    }
    String owner = owner();
    if (owner.equals(lineage) || find(at(appender(lineage))) != null) {
      return;
    }
    if (!owner.isEmpty()) {
      throw new OutputConflictException(
          "the output directory "
              + directory
              + " belongs to a job of another lineage, "
              + owner
              + REMEDY);
    }
    refuseForeign(lineage);
  }

  /** Atomic: of several who try, one gets a directory that none of them appends to. */
  void acquire(Sink.Scope scope, boolean append) throws IOException {
    takeFor(scope.lineage(), append);
    // Whoever slept until another had ended its job comes too late: the output stays complete. One
    // that goes back behind that end takes output back.
    if (find(at(settled(scope.job(), tag(scope)))) == null) {
      delete(at(SUCCESS));
    }
  }

  private void takeFor(String lineage, boolean append) throws IOException {
    check(lineage, append);
    files.mkdir(directory, null, true);
    if (append) {
      take(appender(lineage), lineage);
      return;
    }
    boolean mine = find(at(appender(lineage))) != null;
    String owner = mine ? lineage : take(OWNER, lineage);
    if (!owner.equals(lineage)) {
      throw new OutputConflictException(
          "the output directory "
              + directory
              + " belongs to a job of another lineage, "
              + owner
              + REMEDY);
    }
  }

  /**
   * Makes a marker unless there is one. It appears with its content: a marker that was created
   * first and written then would belong to nobody if its maker died in between.
   *
   * @return the lineage that the marker now names
   */
  private String take(String marker, String lineage) throws IOException {
    String present = content(at(marker));
    if (!present.isEmpty()) {
      return present;
    }
    appear(at(marker), lineage + "\n", WAITING + "/" + lineage);
    String there = content(at(marker));
    if (!there.equals(lineage)) {
      return there;
    }
    if (marker.equals(OWNER)) {
      giveUpIfForeign(lineage);
    }
    return lineage;
  }

  /**
   * Makes a small file all at once, unless somebody else does.
   *
   * @param folder in which it is written
   */
  private void appear(Path file, String content, String folder) throws IOException {
    Path draft = at(folder + "/" + UUID.randomUUID());
    try (FSDataOutputStream out =
        files.create(draft, EnumSet.of(CreateFlag.CREATE), CreateOpts.createParent())) {
      out.write(content.getBytes(UTF_8));
      out.hsync();
    }
    try {
      files.mkdir(file.getParent(), null, true);
      move(draft, file);
    } catch (IOException e) {
      if (find(file) == null) {
        throw e;
      }
    } finally {
      delete(draft);
    }
  }

  /** Somebody may have begun to append between the check and the marker. */
  private void giveUpIfForeign(String lineage) throws IOException {
    try {
      refuseForeign(lineage);
    } catch (OutputConflictException e) {
      delete(at(OWNER));
      throw e;
    }
  }

  private void refuseForeign(String lineage) throws IOException {
    for (FileStatus child : children(directory)) {
      String name = child.getPath().getName();
      boolean appended = name.startsWith(OWNER + "-") && !name.equals(appender(lineage));
      boolean visible = !name.startsWith("_") && !name.startsWith(".");
      if (appended || visible) {
        throw new OutputConflictException(
            "the output directory "
                + directory
                + " holds what this job did not write ("
                + name
                + ")"
                + REMEDY);
      }
    }
  }

  private String owner() throws IOException {
    return content(at(OWNER));
  }

  private static String appender(String lineage) {
    return OWNER + "-" + lineage;
  }

  /** Without the line's end; empty if there is no such file. */
  private String content(Path file) throws IOException {
    try (FSDataInputStream in = files.open(file)) {
      return new String(in.readAllBytes(), UTF_8).strip();
    } catch (FileNotFoundException e) {
      return "";
    }
  }

  /** A viewfs may lead anywhere. */
  private void checkNamespace() throws IOException {
    if (!directory.toUri().getScheme().equals("viewfs")) {
      return;
    }
    Path existing = directory;
    while (existing.getParent() != null && find(existing) == null) {
      existing = existing.getParent();
    }
    Path target = files.resolvePath(existing);
    if (!target.toUri().getScheme().equals("hdfs")) {
      throw new OutputConflictException(
          "output cannot be written exactly once to "
              + directory
              + ": viewfs leads to "
              + target
              + ", which is not one HDFS namespace; choose a directory below a mount of hdfs");
    }
  }

  // ---- what waits

  /** A few letters that stand for a sink of a lineage in file names. */
  static String tag(Sink.Scope scope) {
    try {
      byte[] names = (scope.lineage() + "/" + scope.uid()).getBytes(UTF_8);
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(names);
      return HexFormat.of().formatHex(hash, 0, TAG_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  /** Makes the folder in which a sink's files wait, and says its name. */
  String waitingFolder(Sink.Scope scope) throws IOException {
    String folder = waiting(scope);
    files.mkdir(at(folder), null, true);
    return folder;
  }

  /** In a folder that must exist: a writer that outlives its job makes nothing that stays. */
  FSDataOutputStream create(String name) throws IOException {
    return files.create(at(name), EnumSet.of(CreateFlag.CREATE), CreateOpts.donotCreateParent());
  }

  void discard(String name) throws IOException {
    delete(at(name));
  }

  @Override
  public String toString() {
    return directory.toString();
  }

  // ---- what is shown

  /**
   * Idempotent. What went wrong is found out by looking, exceptions do not tell it.
   *
   * @param file as a checkpoint describes it, which anybody may have written
   * @param scope whose output may be shown
   */
  void publish(PendingFile file, Sink.Scope scope) throws IOException {
    if (!isWaiting(file.pending(), scope.lineage()) || !isPart(file.target())) {
      throw new OutputConflictException(
          "a checkpoint asks to show '"
              + file.pending()
              + "' as '"
              + file.target()
              + "' in "
              + directory
              + ", which is not output of this job; resume only from checkpoints that you trust");
    }
    Path from = at(file.pending());
    Path to = at(file.target());
    try {
      move(from, to);
    } catch (IOException e) {
      // In this order: somebody else may be publishing the same file right now.
      boolean waiting = find(from) != null;
      FileStatus shown = find(to);
      if (shown == null && waiting) {
        throw e;
      }
      if (shown == null && isTakenBack(file.target(), tag(scope))) {
        return;
      }
      if (shown == null && wasShown(from)) {
        LOG.info("{} was shown before its job ended, and has been taken away since", to);
        return;
      }
      if (shown == null) {
        throw new OutputConflictException(
            "output is lost: neither "
                + from
                + " nor "
                + to
                + " exists; if the latter was moved or deleted before its job had ended, put it"
                + " back ("
                + file.length()
                + " bytes) and resume from the checkpoint");
      }
      if (shown.getLen() != file.length() || crcOf(to) != file.crc32c()) {
        throw new OutputConflictException(
            to
                + " is not what was written as "
                + from
                + ": "
                + shown.getLen()
                + " bytes instead of "
                + file.length()
                + ", or others; if it was changed, put the original back and resume from the"
                + " checkpoint");
      }
      delete(from);
    }
  }

  /**
   * Whether its job has shown a file that waits no more and is not shown either: when it ended, it
   * had shown whatever did not wait any longer.
   */
  private boolean wasShown(Path waited) throws IOException {
    Path sink = waited.getParent();
    Path ended = at(settled(sink.getParent().getName(), sink.getName()));
    return find(ended) != null && content(ended).lines().noneMatch(waited.getName()::equals);
  }

  private static String settled(String job, String tag) {
    return SETTLED + "/" + job + "-" + tag;
  }

  // ---- what is taken back

  /**
   * Idempotent. First it is written down, then what waits goes: a process that still believes in it
   * finds it gone and reads why, or has shown it before the files that are shown are looked at.
   *
   * @param kept names of files that wait and stay
   */
  void rollback(Sink.Scope scope, RolledBack what, Set<String> kept) throws IOException {
    files.mkdir(at(TAKEN_BACK), null, true);
    String marker = TAKEN_BACK + "/" + what.marker(tag(scope));
    if (find(at(marker)) == null) { // else it may be somebody who slept until the job had ended
      delete(at(SUCCESS));
      touch(marker);
    }
    String lineage = WAITING + "/" + scope.lineage();
    for (FileStatus job : children(at(lineage))) {
      String folder = lineage + "/" + job.getPath().getName() + "/" + tag(scope);
      for (FileStatus waiting : children(at(folder))) {
        String name = folder + "/" + waiting.getPath().getName();
        if (!kept.contains(name)) {
          delete(at(name));
        }
      }
    }
    for (FileStatus shown : children(directory)) {
      String name = shown.getPath().getName();
      if (name.startsWith(PART + tag(scope) + "-") && what.includes(name)) {
        takeBack(name);
      }
    }
  }

  private void takeBack(String name) throws IOException {
    Path to = at(TAKEN_BACK + "/" + name);
    try {
      move(at(name), to);
    } catch (IOException e) {
      if (find(to) == null) {
        throw e;
      }
      delete(at(name)); // a move that was broken off
    }
    LOG.warn("Took back {}: it now lies in {}", at(name), to);
  }

  private boolean isTakenBack(String shown, String tag) throws IOException {
    for (FileStatus child : children(at(TAKEN_BACK))) {
      var rolledBack = RolledBack.ofMarker(child.getPath().getName(), tag);
      if (rolledBack.isPresent() && rolledBack.get().includes(shown)) {
        return true;
      }
    }
    return false;
  }

  /** What the checkpoint counts as shown must not lie in the folder of what was taken back. */
  void refuseTakenBack(long checkpoint, Sink.Scope scope) throws IOException {
    for (FileStatus child : children(at(TAKEN_BACK))) {
      Optional<RolledBack> what = RolledBack.ofMarker(child.getPath().getName(), tag(scope));
      if (what.isPresent() && what.get().includes(checkpoint)) {
        throw new OutputConflictException(
            "what was written to "
                + directory
                + " after checkpoint "
                + what.get().after()
                + " was taken back when a job went back to it, and would be missing behind"
                + " checkpoint "
                + checkpoint
                + "; start from checkpoint "
                + what.get().after()
                + ", or from one that was taken later");
      }
    }
  }

  /** Of those that output of the sink was cut for, shown or taken back; 0 if there is none. */
  long highestCheckpoint(Sink.Scope scope) throws IOException {
    long highest = 0;
    for (Path folder : List.of(directory, at(TAKEN_BACK))) {
      for (FileStatus child : children(folder)) {
        String name = child.getPath().getName();
        if (name.startsWith(PART + tag(scope) + "-")) {
          highest = Math.max(highest, RolledBack.checkpointOf(name).orElse(0));
        }
        highest =
            Math.max(
                highest, RolledBack.ofMarker(name, tag(scope)).map(RolledBack::upTo).orElse(0L));
      }
    }
    return highest;
  }

  private void touch(String name) throws IOException {
    files
        .create(
            at(name),
            EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE),
            CreateOpts.createParent())
        .close();
  }

  private static String waiting(Sink.Scope scope) {
    return WAITING + "/" + scope.lineage() + "/" + scope.job() + "/" + tag(scope);
  }

  /** Whether the name is that of a file in which output of the lineage waits, nothing else. */
  private static boolean isWaiting(String name, String lineage) {
    String[] names = name.split("/", -1);
    return names.length == WAITING_DEPTH
        && names[0].equals(WAITING)
        && names[1].equals(lineage)
        && Stream.of(names).allMatch(OutputDirectory::isPlain);
  }

  private static boolean isPart(String name) {
    return name.startsWith(PART) && isPlain(name);
  }

  /** Whether it is the name of something in a folder, whoever reads it. */
  private static boolean isPlain(String name) {
    return !name.isEmpty()
        && !name.equals(".")
        && !name.equals("..")
        && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || c < ' ');
  }

  /** Deletes what this very job left waiting: a job that was resumed from it may be at work. */
  void settle(Sink.Scope scope, boolean finished) throws IOException {
    if (!finished && find(directory) == null) {
      return; // the job never came to write: it leaves no folder behind
    }
    Path mine = at(waiting(scope));
    rememberUnshown(scope);
    delete(mine);
    deleteIfEmpty(mine.getParent());
    deleteIfEmpty(mine.getParent().getParent());
    deleteIfEmpty(at(WAITING));
    if (finished) {
      touch(SUCCESS);
    }
  }

  /** Once, and before any of them goes: a settlement that is repeated may find fewer. */
  private void rememberUnshown(Sink.Scope scope) throws IOException {
    Path marker = at(settled(scope.job(), tag(scope)));
    if (find(marker) != null) {
      return;
    }
    var names = new StringBuilder();
    for (FileStatus unshown : children(at(waiting(scope)))) {
      names.append(unshown.getPath().getName()).append('\n');
    }
    appear(marker, names.toString(), waiting(scope));
  }

  private int crcOf(Path file) throws IOException {
    var crc = new CRC32C();
    var buffer = new byte[BUFFER];
    try (FSDataInputStream in = files.open(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        crc.update(buffer, 0, read);
      }
    }
    return (int) crc.getValue();
  }

  // ---- the file system

  /** To a name that does not exist, atomically; Hadoop's rename of local files would replace. */
  private void move(Path from, Path to) throws IOException {
    if (local) {
      java.nio.file.Path source = java.nio.file.Path.of(from.toUri().getPath());
      Files.createLink(java.nio.file.Path.of(to.toUri().getPath()), source);
      Files.delete(source);
    } else {
      files.rename(from, to, Rename.NONE);
    }
  }

  private FileStatus find(Path path) throws IOException {
    try {
      return files.getFileStatus(path);
    } catch (FileNotFoundException e) {
      return null;
    }
  }

  /** None if there is no such folder. */
  private List<FileStatus> children(Path folder) throws IOException {
    var found = new ArrayList<FileStatus>();
    try {
      RemoteIterator<FileStatus> statuses = files.listStatus(folder);
      while (statuses.hasNext()) {
        found.add(statuses.next());
      }
    } catch (FileNotFoundException e) {
      return List.of();
    }
    return found;
  }

  private void delete(Path path) throws IOException {
    try {
      files.delete(path, true);
    } catch (FileNotFoundException e) {
      return; // as wished
    }
  }

  private void deleteIfEmpty(Path folder) throws IOException {
    try {
      if (find(folder) != null && !files.listStatus(folder).hasNext()) {
        files.delete(folder, false);
      }
    } catch (FileNotFoundException e) {
      return; // as wished
    }
  }

  private Path at(String name) {
    return new Path(directory, name);
  }
}

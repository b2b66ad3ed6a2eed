package io.millrace.connector.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.connector.CommitConflictException;
import io.millrace.api.connector.Sink.Scope;
import io.millrace.api.connector.Sink.WriterContext;
import io.millrace.api.connector.SinkWriter;
import io.millrace.api.graph.UserCode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The life of a sink on whatever file system the subclass brings. */
abstract class TextFileSinkRules {
  private static final ClassLoader LOADER = TextFileSinkRules.class.getClassLoader();
  static final Scope SCOPE = new Scope("lines out/1", "job", "lineage-a", LOADER);
  private static int directories;

  Path out;
  TextFileSink sink;
  private int attempts;

  abstract FileSystem files() throws IOException;

  /** Where directories of output may lie. */
  abstract Path base() throws IOException;

  @BeforeEach
  void aNewDirectory() throws IOException {
    out = new Path(base(), "out-" + ++directories);
    sink = new TextFileSink(out.toString(), false);
  }

  @Test
  void nothingIsSeenBeforeTheCommitAndAllAfterIt() throws Exception {
    sink.validate(SCOPE);
    sink.acquire(SCOPE);
    var writer = writer();
    writer.write("one", 0);
    writer.write("zwei ü", 0);
    List<byte[]> first = writer.prepare(1).call();
    writer.write("three", 0);

    assertThat(visible()).isEmpty();
    sink.commit(SCOPE, first);
    assertThat(visible()).containsExactly("one", "zwei ü");
    sink.commit(SCOPE, first);
    assertThat(visible()).containsExactly("one", "zwei ü");

    sink.commit(SCOPE, writer.prepare(2).call());
    writer.close();
    sink.settle(SCOPE, true);
    assertThat(visible()).containsExactly("one", "zwei ü", "three");
    assertThat(names())
        .hasSize(5)
        .contains("_SUCCESS", "_millrace-owner", "_settled")
        .filteredOn(name -> name.startsWith("part-"))
        .allMatch(name -> name.matches("part-[0-9a-f]{12}-0-attempt-1-[01]-c[12]"));
  }

  @Test
  void anIntervalWithoutRecordsMakesNoFile() throws Exception {
    sink.acquire(SCOPE);
    var writer = writer();
    assertThat(writer.prepare(1).call()).isEmpty();
    assertThat(writer.prepare(2).call()).isEmpty();
    writer.close();
    sink.settle(SCOPE, true);
    assertThat(names()).containsExactly("_SUCCESS", "_millrace-owner", "_settled");
  }

  @Test
  void aJobThatNeverCameToWriteLeavesNoDirectory() throws Exception {
    sink.settle(SCOPE, false);
    assertThat(files().exists(out)).isFalse();

    sink.acquire(SCOPE);
    sink.settle(SCOPE, false);
    assertThat(names()).containsExactly("_millrace-owner", "_settled");
  }

  @Test
  void aLaterCheckpointCoversWhatAnEarlierOneNeverFinished() throws Exception {
    sink.acquire(SCOPE);
    var writer = writer();
    writer.write("of the aborted one", 0);
    Callable<List<byte[]>> aborted = writer.prepare(1);
    writer.write("of the next", 0);
    Callable<List<byte[]>> next = writer.prepare(2);
    writer.write("too late", 0);

    List<byte[]> both = next.call();
    assertThat(both).hasSize(2);
    assertThat(aborted.call()).isEmpty();
    sink.commit(SCOPE, both);
    assertThat(visible()).containsExactlyInAnyOrder("of the aborted one", "of the next");
  }

  @Test
  void nothingIsPromisedAfterAFlushFailed() throws Exception {
    sink.acquire(SCOPE);
    var writer = writer();
    writer.write("lost", 0);
    Callable<List<byte[]>> failing = writer.prepare(1);
    writer.write("after it", 0);
    Callable<List<byte[]>> behind = writer.prepare(2);
    sink.settle(SCOPE, false); // takes the folder away

    assertThatThrownBy(failing::call).isInstanceOf(IOException.class);
    assertThatThrownBy(behind::call).hasMessageContaining(out.toString());
    assertThatThrownBy(() -> writer.write("more", 0)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> writer.prepare(3)).isInstanceOf(IOException.class);
  }

  @Test
  void anotherProcessCommitsAfterACrash() throws Exception {
    sink.acquire(SCOPE);
    var dead = writer();
    dead.write("promised", 0);
    List<byte[]> promised = dead.prepare(1).call();
    dead.write("never promised " + "x".repeat(100_000), 0);
    dead.prepare(2).call(); // its checkpoint never completed

    var other = (TextFileSink) UserCode.of(sink, "sink").open(LOADER);
    other.acquire(SCOPE);
    other.commit(SCOPE, promised);
    other.commit(SCOPE, promised); // died after the commit, restored before it
    var writer = other.writer(new WriterContext(SCOPE, 0, 1, "attempt-2"));
    writer.write("again", 0);
    other.commit(SCOPE, writer.prepare(2).call());
    other.settle(SCOPE, true);

    assertThat(visible()).containsExactlyInAnyOrder("promised", "again");
    assertThat(files().exists(new Path(out, "_millrace"))).isFalse();
  }

  @Test
  void takesBackWhatWasCutForLaterCheckpoints() throws Exception {
    sink.acquire(SCOPE);
    var writer = writer();
    writer.write("one", 0);
    List<byte[]> first = writer.prepare(1).call();
    sink.commit(SCOPE, first);
    writer.write("kept, not shown yet", 0);
    List<byte[]> second = writer.prepare(2).call();
    writer.write("taken back", 0);
    List<byte[]> third = writer.prepare(3).call();
    sink.commit(SCOPE, third);
    writer.write("never shown", 0);
    List<byte[]> fourth = writer.prepare(4).call();
    var other = new Scope("lines out/2", "job", "lineage-a", LOADER);
    var neighbour = sink.writer(new WriterContext(other, 0, 1, "attempt-1"));
    neighbour.write("of another sink", 0);
    sink.commit(other, neighbour.prepare(3).call());

    for (int repeated = 0; repeated < 2; repeated++) {
      sink.rollback(SCOPE, 2, 4, second);
      assertThat(visible()).containsExactlyInAnyOrder("one", "of another sink");
      assertThat(Reading.all(new TextFileSource(out + "/_rolledback")))
          .containsExactly("taken back");
    }

    sink.resume(SCOPE, 2);
    sink.resume(other, 3);
    sink.resume(SCOPE, 5);
    for (long without = 3; without <= 4; without++) {
      long checkpoint = without;
      assertThatThrownBy(() -> sink.resume(SCOPE, checkpoint))
          .isInstanceOf(OutputConflictException.class)
          .hasMessageContaining("start from checkpoint 2");
    }
    sink.commit(SCOPE, first);
    sink.commit(SCOPE, second);
    sink.commit(SCOPE, third); // by somebody who slept
    sink.commit(SCOPE, fourth);
    var again = writer();
    again.write("written again", 0);
    sink.commit(SCOPE, again.prepare(5).call());
    sink.rollback(SCOPE, 2, 4, second); // by somebody who slept
    sink.settle(SCOPE, true);
    assertThat(visible())
        .containsExactlyInAnyOrder(
            "one", "kept, not shown yet", "of another sink", "written again");
  }

  /** Two that start from the same savepoint know nothing of each other's checkpoints. */
  @Test
  void saysUpToWhichCheckpointItHasOutput() throws Exception {
    sink.acquire(SCOPE);
    assertThat(sink.resume(SCOPE, 4)).isZero();
    var writer = writer();
    writer.write("shown", 0);
    sink.commit(SCOPE, writer.prepare(7).call());
    assertThat(sink.resume(SCOPE, 4)).isEqualTo(7);
    writer.write("taken back", 0);
    sink.commit(SCOPE, writer.prepare(10).call());
    sink.rollback(SCOPE, 7, 12, List.of());
    assertThat(sink.resume(SCOPE, 4)).isEqualTo(12);
    assertThat(sink.resume(new Scope("lines out/2", "job", "lineage-a", LOADER), 4)).isZero();
  }

  @Test
  void takesBackWhereTheJobWroteBeforeItWasResumedWithAnotherDirectory() throws Exception {
    sink.acquire(SCOPE);
    var writer = writer();
    writer.write("stays", 0);
    List<byte[]> first = writer.prepare(1).call();
    sink.commit(SCOPE, first);
    writer.write("taken back", 0);
    sink.commit(SCOPE, writer.prepare(2).call());

    var elsewhere = new TextFileSink(new Path(base(), "out-" + ++directories).toString(), false);
    elsewhere.acquire(SCOPE);
    elsewhere.rollback(SCOPE, 1, 2, first);
    assertThat(visible()).containsExactly("stays");
    elsewhere.rollback(SCOPE, 1, 2, List.of());
    elsewhere.commit(SCOPE, first);
    assertThat(visible()).containsExactly("stays");
  }

  @Test
  void settlingDeletesWhatWasNeverPromised() throws Exception {
    sink.acquire(SCOPE);
    var writer = writer();
    writer.write("shown", 0);
    sink.commit(SCOPE, writer.prepare(1).call());
    writer.write("pending", 0);
    writer.prepare(2).call();
    writer.write("open", 0);
    writer.close();

    sink.settle(SCOPE, false);
    sink.settle(SCOPE, false);
    assertThat(visible()).containsExactly("shown");
    assertThat(names()).hasSize(3).doesNotContain("_SUCCESS", "_millrace");
  }

  @Test
  void aChangedOrLostFileIsNamed() throws Exception {
    sink.acquire(SCOPE);
    var writer = writer();
    writer.write("good", 0);
    List<byte[]> one = writer.prepare(1).call();
    sink.commit(SCOPE, one);
    Path shown = new Path(out, PendingFile.fromBytes(one.get(0)).target());
    replace(shown, "evil\n");
    assertThatThrownBy(() -> sink.commit(SCOPE, one))
        .isInstanceOf(CommitConflictException.class)
        .hasMessageContaining(shown.toString())
        .hasMessageContaining(PendingFile.fromBytes(one.get(0)).pending());
    replace(shown, "longer than before\n");
    assertThatThrownBy(() -> sink.commit(SCOPE, one)).isInstanceOf(CommitConflictException.class);
    files().delete(shown, false);
    assertThatThrownBy(() -> sink.commit(SCOPE, one))
        .isInstanceOf(CommitConflictException.class)
        .hasMessageContaining("lost")
        .hasMessageContaining("put it back");
    assertThatThrownBy(() -> sink.commit(SCOPE, List.of(new byte[] {1, 2})))
        .isInstanceOf(CommitConflictException.class)
        .hasMessageContaining("no such description");
  }

  @Test
  void whatWasShownMayBeTakenAwayOnceItsJobHasSettled() throws Exception {
    sink.acquire(SCOPE);
    var writer = writer();
    writer.write("shown", 0);
    List<byte[]> shown = writer.prepare(1).call();
    sink.commit(SCOPE, shown);
    writer.write("in a savepoint that the job went back behind", 0);
    List<byte[]> neverShown = writer.prepare(2).call();
    writer.close();
    Path part = new Path(out, PendingFile.fromBytes(shown.get(0)).target());
    files().delete(part, false);
    assertThatThrownBy(() -> sink.commit(SCOPE, shown))
        .as("its job has not settled")
        .isInstanceOf(CommitConflictException.class);

    sink.settle(SCOPE, false);
    sink.settle(SCOPE, false); // by one who finds nothing left to delete
    var resumed = new Scope(SCOPE.uid(), "job-2", SCOPE.lineage(), LOADER);
    sink.validate(resumed);
    sink.acquire(resumed);
    sink.commit(resumed, shown);
    assertThatThrownBy(() -> sink.commit(resumed, neverShown))
        .isInstanceOf(CommitConflictException.class)
        .hasMessageContaining("lost");

    var next = sink.writer(new WriterContext(resumed, 0, 1, "attempt-9"));
    next.write("of the next job", 0);
    List<byte[]> waiting = next.prepare(3).call();
    sink.commit(resumed, waiting);
    sink.commit(resumed, waiting);
    assertThat(visible()).containsExactly("of the next job");
    replace(part, "something else\n");
    assertThatThrownBy(() -> sink.commit(resumed, shown))
        .isInstanceOf(CommitConflictException.class)
        .hasMessageContaining("is not what was written");
  }

  @Test
  void aForeignDirectoryIsRefused() throws Exception {
    var other = new Scope("out", "job", "lineage-b", LOADER);
    sink.acquire(SCOPE);
    assertRefused(other, "lineage-a");
    sink.validate(SCOPE);
    sink.acquire(SCOPE);

    var appending = new TextFileSink(out.toString(), true);
    appending.validate(other);
    appending.acquire(other);
    appending.acquire(other);
    sink.acquire(SCOPE);
    var mine = writer();
    var theirs = appending.writer(new WriterContext(other, 0, 1, "attempt-9"));
    mine.write("mine", 0);
    theirs.write("theirs", 0);
    sink.commit(SCOPE, mine.prepare(1).call());
    sink.settle(SCOPE, true);
    appending.commit(other, theirs.prepare(1).call());
    appending.settle(other, true);
    assertThat(visible()).containsExactlyInAnyOrder("mine", "theirs");
    assertRefused(new Scope("out", "job", "lineage-c", LOADER), "lineage-a");
  }

  @Test
  void aDirectoryIsNotCompleteWhileSomebodyAppends() throws Exception {
    sink.acquire(SCOPE);
    sink.settle(SCOPE, true);
    assertThat(names()).contains("_SUCCESS");

    var other = new Scope("out", "job", "lineage-b", LOADER);
    var appending = new TextFileSink(out.toString(), true);
    appending.acquire(other);
    assertThat(names()).doesNotContain("_SUCCESS");
    appending.settle(other, true);
    assertThat(names()).contains("_SUCCESS");
  }

  @Test
  void outputStaysCompleteIfSomebodyWhoSleptTakesThePlaceOfTheEndedJob() throws Exception {
    sink.acquire(SCOPE);
    var writer = writer();
    writer.write("one", 0);
    sink.commit(SCOPE, writer.prepare(1).call());
    sink.settle(SCOPE, true);
    sink.acquire(SCOPE);
    assertThat(names()).contains("_SUCCESS");

    sink.rollback(SCOPE, 0, 1, List.of());
    assertThat(names()).as("its output was taken back").doesNotContain("_SUCCESS");
    sink.settle(SCOPE, true);
    sink.acquire(SCOPE);
    sink.rollback(SCOPE, 0, 1, List.of());
    assertThat(names()).contains("_SUCCESS");
  }

  @Test
  void aDirectoryWithFilesOfUnknownOriginIsRefused() throws Exception {
    replace(new Path(out, "data.csv"), "x\n");
    assertRefused(SCOPE, "data.csv");
    files().delete(new Path(out, "data.csv"), false);
    replace(new Path(out, "_logs"), "x\n");
    sink.validate(SCOPE);

    var onFile = new TextFileSink(new Path(out, "_logs").toString(), true);
    assertThatThrownBy(() -> onFile.validate(SCOPE)).hasMessageContaining("is a file");
    var onS3 = new TextFileSink("s3a://bucket/out", false);
    assertThatThrownBy(() -> onS3.validate(SCOPE))
        .hasMessageContaining("s3a://bucket/out")
        .hasMessageContaining("not known to be atomic");
  }

  private void assertRefused(Scope scope, String because) {
    assertThatThrownBy(() -> sink.validate(scope))
        .isInstanceOf(OutputConflictException.class)
        .hasMessageContaining(out.toString())
        .hasMessageContaining(because)
        .hasMessageContaining("choose another directory, delete it, or ask for append");
    assertThatThrownBy(() -> sink.acquire(scope)).isInstanceOf(OutputConflictException.class);
  }

  @Test
  void ofManyJobsOneGetsTheDirectory() throws Exception {
    int racers = 6;
    var threads = Executors.newFixedThreadPool(racers);
    var together = new CyclicBarrier(racers);
    try {
      for (int round = 0; round < 5; round++) {
        var runs = new ArrayList<Callable<Boolean>>();
        String place = out + "/race-" + round;
        for (int i = 0; i < racers; i++) {
          var scope = new Scope("out", "job", "lineage-" + i, LOADER);
          runs.add(
              () -> {
                together.await();
                try {
                  new TextFileSink(place, false).acquire(scope);
                  return true;
                } catch (OutputConflictException e) {
                  return false;
                }
              });
        }
        int winners = 0;
        for (var run : threads.invokeAll(runs)) {
          winners += run.get() ? 1 : 0;
        }
        assertThat(winners).isEqualTo(1);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void readersNeverSeeAPartOfAFileOrALineTwice() throws Exception {
    sink.acquire(SCOPE);
    var done = new AtomicBoolean();
    var thread = Executors.newSingleThreadExecutor();
    try {
      var looks =
          thread.submit(
              () -> {
                int count = 0;
                for (int seen = 0; !done.get(); count++) {
                  List<String> lines = visible();
                  assertThat(new HashSet<>(lines)).hasSameSizeAs(lines);
                  assertThat(lines.size() % 1000).isZero();
                  assertThat(lines).allMatch(line -> line.matches("line [0-9]{6} x{60}"));
                  assertThat(lines.size()).isGreaterThanOrEqualTo(seen);
                  seen = lines.size();
                }
                return count;
              });
      var writer = writer();
      for (int checkpoint = 0; checkpoint < 10; checkpoint++) {
        for (int i = 0; i < 1000; i++) {
          writer.write(String.format("line %06d %s", checkpoint * 1000 + i, "x".repeat(60)), 0);
        }
        List<byte[]> files = writer.prepare(checkpoint).call();
        sink.commit(SCOPE, files);
        sink.commit(SCOPE, files);
      }
      done.set(true);
      assertThat(looks.get()).isPositive();
      assertThat(visible()).hasSize(10_000);
    } finally {
      done.set(true);
      thread.shutdownNow();
    }
  }

  SinkWriter<String> writer() throws Exception {
    return sink.writer(new WriterContext(SCOPE, 0, 1, "attempt-" + ++attempts));
  }

  /** What a reader of the directory gets. */
  List<String> visible() throws Exception {
    return Reading.all(new TextFileSource(out.toString()));
  }

  List<String> names() throws IOException {
    var names = new ArrayList<String>();
    try {
      for (var status : files().listStatus(out)) {
        names.add(status.getPath().getName());
      }
    } catch (FileNotFoundException e) {
      return List.of();
    }
    names.sort(null);
    return names;
  }

  /** A checkpoint may come from somebody else: what it promises must not reach other files. */
  @Test
  void aPromiseThatLeadsElsewhereTouchesNothing() throws Exception {
    sink.acquire(SCOPE);
    var mine = new Path(base(), "mine-" + directories);
    replace(new Path(mine, "data"), "precious");
    replace(new Path(out, "_millrace/lineage-b/job/tag/other"), "of another job");
    replace(new Path(out, "part-there"), "bait");
    String waiting = "_millrace/lineage-a/job/tag/";
    replace(new Path(out, waiting + "fine"), "fine");
    int crc = crcOf("bait");
    var hostile =
        List.of(
            promise("../" + mine.getName() + "/data", "part-stolen", 0, 0),
            promise("../" + mine.getName(), "part-there", 4, crc),
            promise(new Path(mine, "data").toString(), "part-stolen", 0, 0),
            promise(waiting + "../../../../../" + mine.getName(), "part-there", 4, crc),
            promise(waiting + "./fine", "part-stolen", 4, crc),
            promise("_millrace/lineage-b/job/tag/other", "part-stolen", 0, 0),
            promise("part-there", "part-stolen", 0, 0),
            promise("_millrace-owner", "part-stolen", 0, 0),
            promise(waiting + "fine", "../" + mine.getName() + "/new", 0, 0),
            promise(waiting + "fine", "_SUCCESS", 0, 0),
            promise(waiting + "fine", "part-/../_millrace-owner", 0, 0),
            promise(waiting + "fine", "", 0, 0),
            promise("", "part-stolen", 0, 0));
    for (byte[] promise : hostile) {
      assertThatThrownBy(() -> sink.commit(SCOPE, List.of(promise)))
          .as(PendingFile.fromBytes(promise).toString())
          .isInstanceOf(CommitConflictException.class)
          .hasMessageContaining("not output of this job");
    }
    assertThat(files().exists(new Path(mine, "data"))).isTrue();
    assertThat(files().exists(new Path(out, waiting + "fine"))).isTrue();
    assertThat(files().exists(new Path(out, "_millrace/lineage-b/job/tag/other"))).isTrue();
    assertThat(names()).doesNotContain("part-stolen").contains("_millrace-owner", "part-there");
  }

  private byte[] promise(String pending, String target, long length, int crc) {
    return new PendingFile(out.toString(), pending, target, length, crc).toBytes();
  }

  private static int crcOf(String content) {
    var crc = new java.util.zip.CRC32C();
    crc.update(content.getBytes(UTF_8));
    return (int) crc.getValue();
  }

  private void replace(Path file, String content) throws IOException {
    try (var stream = files().create(file, true)) {
      stream.write(content.getBytes(UTF_8));
    }
  }
}

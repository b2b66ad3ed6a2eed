package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.cache.DistributedCache;
import io.millrace.api.graph.CachedFile;
import io.millrace.runtime.protocol.FileRef;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.task.FileUnusableException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CachedFilesTest {
  private static final JobId JOB = new JobId("0123456789abcdef0123456789abcdef");
  private static final JobId OTHER = new JobId("fedcba9876543210fedcba9876543210");

  @TempDir Path scratch;

  private final AtomicInteger opened = new AtomicInteger();

  /** The threads that have come further, once for each time. */
  private final Queue<Thread> further = new ConcurrentLinkedQueue<>();

  private Path source;
  private CachedFiles files;

  /** Counts. */
  private final class Counted implements FileOrigin {
    private final FileOrigin local = new LocalOrigin();

    @Override
    public InputStream open(String location) throws IOException {
      opened.incrementAndGet();
      return local.open(location);
    }

    @Override
    public State state(String location) throws IOException {
      return local.state(location);
    }
  }

  /** Gives byte after byte until it is told that this was the last. */
  private record Trickling(CountDownLatch last) implements FileOrigin {
    @Override
    public InputStream open(String location) {
      return new InputStream() {
        @Override
        public int read() throws IOException {
          return await(last) ? -1 : ' ';
        }

        @Override
        public int read(byte[] into, int from, int most) throws IOException {
          int read = read();
          into[from] = (byte) read;
          return read < 0 ? -1 : 1;
        }
      };
    }

    @Override
    public State state(String location) throws IOException {
      return new LocalOrigin().state(location);
    }
  }

  private static boolean await(CountDownLatch latch) throws IOException {
    try {
      return latch.await(1, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new InterruptedIOException();
    }
  }

  @BeforeEach
  void write() throws IOException {
    source = Files.writeString(scratch.resolve("words.txt"), "to be or not");
    files = filesOf(new Counted());
  }

  @Test
  void filesAreFetchedOnceForAJobAndGoWithIt() throws Exception {
    FileRef travels = travelling("words", false);
    FileRef runs = travelling("tool", true);
    FileRef stays = staying();

    DistributedCache cache = files.open(JOB, List.of(travels, runs, stays));
    assertThat(files.open(JOB, List.of(travels, runs, stays))).isSameAs(cache);
    assertThat(opened).hasValue(3);
    for (String name : List.of("words", "tool", "table")) {
      File copy = cache.getFile(name);
      assertThat(copy).hasContent("to be or not").hasName("words.txt");
      assertThat(permissions(copy.toPath()))
          .isEqualTo(name.equals("tool") ? "r-x------" : "r--------");
      for (Path each = copy.toPath().getParent(); !each.equals(scratch); each = each.getParent()) {
        assertThat(permissions(each)).as(each.toString()).isEqualTo("rwx------");
      }
    }
    DistributedCache others = files.open(OTHER, List.of(travels));
    assertThat(others.getFile("words")).isNotEqualTo(cache.getFile("words")).exists();

    files.release(JOB);
    assertThat(cache.getFile("words")).doesNotExist();
    assertThat(cache.getFile("words").getParentFile().getParentFile()).doesNotExist();
    assertThat(others.getFile("words")).exists();
    assertThat(source).exists();
    files.release(JOB);

    assertThat(files.open(JOB, List.of(travels)).getFile("words")).exists();
  }

  @Test
  void manyTasksThatStartTogetherFetchOnce() throws Exception {
    var together = new CountDownLatch(1);
    var threads = Executors.newFixedThreadPool(8);
    try {
      var calls = new ArrayList<Callable<DistributedCache>>();
      for (int i = 0; i < 8; i++) {
        calls.add(
            () -> {
              together.await();
              return files.open(JOB, List.of(travelling("words", false)));
            });
      }
      var answers = calls.stream().map(threads::submit).toList();
      together.countDown();
      for (var answer : answers) {
        assertThat(answer.get().getFile("words")).hasContent("to be or not");
      }
      assertThat(opened).hasValue(1);
    } finally {
      threads.shutdownNow();
    }
  }

  /** A file of any size may come over a slow line: a deadline must see that it comes. */
  @Test
  void whoeverFetchesOrWaitsComesFurtherAsBytesCome() throws Exception {
    files.open(OTHER, List.of(travelling("words", false)));
    assertThat(further).contains(Thread.currentThread());

    var last = new CountDownLatch(1);
    files = filesOf(new Trickling(last));
    var answers = new ConcurrentLinkedQueue<DistributedCache>();
    Thread fetching = opening(staying(), answers);
    Eventually.holds("it comes", () -> further.contains(fetching));
    Thread waiting = opening(staying(), answers);
    Eventually.holds("who waits comes further", () -> further.contains(waiting));
    last.countDown();
    fetching.join();
    waiting.join();
    assertThat(answers).hasSize(2);
  }

  @Test
  void aDamagedCopyIsRefusedAndNothingOfItStays() throws Exception {
    FileRef ref = travelling("words", false);
    byte[] bytes = Files.readAllBytes(source);
    bytes[3] ^= 1;
    Files.write(source, bytes);

    assertThatThrownBy(() -> files.open(JOB, List.of(ref)))
        .isInstanceOf(FileUnusableException.class)
        .hasMessageContaining("the cached file 'words' at " + source)
        .hasMessageContaining("is not the one that was submitted: expected SHA-256 ")
        .hasMessageContaining("submit the job again");
    assertThat(scratch.resolve("work").resolve(JOB.hex())).doesNotExist();

    Files.writeString(source, "to be or not");
    assertThat(files.open(JOB, List.of(ref)).getFile("words")).hasContent("to be or not");
  }

  @Test
  void whatStaysMustNotChange() throws Exception {
    FileRef ref = staying();
    Files.writeString(source, "to be or not to be");
    assertThatThrownBy(() -> files.open(JOB, List.of(ref)))
        .isInstanceOf(FileUnusableException.class)
        .hasMessageContaining("the cached file 'table' at " + source)
        .hasMessageContaining("has changed since the job was submitted: it had 12 bytes of ")
        .hasMessageContaining("and has 18 bytes of ");
  }

  @Test
  void whatIsGoneIsNamed() throws Exception {
    FileRef ref = travelling("words", false);
    Files.delete(source);
    assertThatThrownBy(() -> files.open(JOB, List.of(ref)))
        .isInstanceOf(FileUnusableException.class)
        .hasMessage(
            "the cached file 'words' at "
                + source
                + " is not there any more; put it back, or submit the job again");
  }

  @Test
  void aNameThatNobodyRegisteredIsRefusedWithThoseThatThereAre() throws Exception {
    DistributedCache cache = files.open(JOB, List.of(travelling("words", false)));
    assertThatThrownBy(() -> cache.getFile("wrods"))
        .hasMessage(
            "no file is registered as 'wrods', only as [words]; register it with"
                + " env.registerCachedFile(path, name)");
    assertThatThrownBy(() -> files.open(OTHER, List.of()).getFile("words"))
        .hasMessage(
            "no file is registered as 'words'; register it with env.registerCachedFile(path,"
                + " name)");
  }

  private CachedFiles filesOf(FileOrigin origin) {
    return new CachedFiles(
        scratch.resolve("work"), origin, () -> further.add(Thread.currentThread()));
  }

  private Thread opening(FileRef ref, Queue<DistributedCache> answers) {
    var thread =
        new Thread(
            () -> {
              try {
                answers.add(files.open(JOB, List.of(ref)));
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    thread.start();
    return thread;
  }

  private FileRef travelling(String name, boolean executable) throws IOException {
    var file = new CachedFile(name, source.toString(), JarClasses.sha256(source), executable);
    return new FileRef(file, source.toString(), Files.size(source), 0);
  }

  private FileRef staying() throws IOException {
    var file = new CachedFile("table", source.toString(), "", false);
    return new FileRef(
        file, source.toString(), Files.size(source), Files.getLastModifiedTime(source).toMillis());
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}

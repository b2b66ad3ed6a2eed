package io.millrace.connector.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.connector.SourceReader.ReadClock;
import io.millrace.api.executor.FileConnector;
import io.millrace.api.graph.UserCode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextFileSourceTest {
  private static final List<String> CORPORA =
      List.of(
          "",
          "\n",
          "\n\n\n",
          "one line without end",
          "a\nbb\nccc\n",
          "a\r\nbb\r\n\r\nccc",
          "\r\n\r\n",
          "mixed\r\nends\n\n\r\nand lone \r inside\nlast\n",
          "grüße\n日本語\r\n😀 and 😀\n\nö");

  @TempDir Path folder;

  @Test
  void namesTheFileSystemThatNoJarBrings() {
    for (String scheme : List.of("s3a", "nosuch")) {
      assertThatThrownBy(() -> new TextFileSource(scheme + "://bucket/in").validate())
          .hasMessageStartingWith(
              scheme
                  + "://bucket/in cannot be opened: no jar on the class path brings the file"
                  + " system '"
                  + scheme
                  + "'; add it");
    }
  }

  @Test
  void everyCutGivesExactlyTheLines() throws Exception {
    for (String corpus : CORPORA) {
      Path file = write("corpus.txt", corpus.getBytes(UTF_8));
      for (int size = 1; size <= corpus.getBytes(UTF_8).length + 1; size++) {
        assertThat(Reading.all(new TextFileSource(file.toString(), size)))
            .as("%s in splits of %d", corpus, size)
            .isEqualTo(lines(corpus));
      }
    }
  }

  @Test
  void aCrashAfterAnyPollLosesAndRepeatsNothing() throws Exception {
    for (String corpus : CORPORA) {
      byte[] bytes = corpus.getBytes(UTF_8);
      for (Path file : List.of(write("corpus.txt", bytes), write("corpus.gz", gzip(bytes)))) {
        for (int size : new int[] {1, 2, 5, 1000}) {
          var reading = new Reading(new TextFileSource(file.toString(), size));
          boolean more = true;
          while (more) {
            more = reading.step(1);
            Reading next = reading.restored();
            reading.close();
            reading = next;
          }
          assertThat(reading.lines).as("%s by %d", file, size).isEqualTo(lines(corpus));
          reading.close();
        }
      }
    }
  }

  /** As after a restore with fewer readers; none is idle only because others are longer. */
  @Test
  void splitsOfOneReaderTakeTurns() throws Exception {
    for (String name : List.of("a", "b", "c")) {
      String more = name.equals("c") ? "" : name + "2\n" + name + "3\n";
      write(name + ".txt", (name + "1\n" + more).getBytes(UTF_8));
    }
    try (var reading = new Reading(new TextFileSource(folder + "/*.txt", 1_000))) {
      reading.takeAll();
      while (reading.step(1)) {}
      assertThat(reading.lines).containsExactly("a1", "b1", "c1", "a2", "b2", "a3", "b3");
    }
  }

  @Test
  void aSplitThatIsPausedGoesOnWhereItStood() throws Exception {
    for (String kind : List.of("txt", "gz")) {
      for (String name : List.of("a", "b")) {
        byte[] text = (name + "1\n" + name + "2\n" + name + "3\n").getBytes(UTF_8);
        write(name + "." + kind, kind.equals("gz") ? gzip(text) : text);
      }
      var reading = new Reading(new TextFileSource(folder + "/*." + kind, 1_000));
      reading.takeAll();
      String a = reading.left().get(0).splitId();
      String b = reading.left().get(1).splitId();
      reading.step(2);
      reading.pauseOrResume(List.of(a), List.of());
      reading.step(1);
      reading.pauseOrResume(List.of(b), List.of(a));
      assertThat(reading.lines).containsExactly("a1", "a2", "b1");

      try (Reading restored = reading.restored()) {
        while (restored.step(1)) {}
        assertThat(restored.lines).containsExactly("a1", "a2", "b1", "a3", "b2", "b3");
      }
      reading.step(5);
      reading.pauseOrResume(List.of(), List.of(b));
      while (reading.step(5)) {}
      assertThat(reading.lines).containsExactly("a1", "a2", "b1", "a3", "b2", "b3");
      reading.close();
    }
  }

  @Test
  void longAndShortLinesPassAnyBuffer() throws Exception {
    var random = new Random(1);
    var text = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      int length = i % 40 == 0 ? random.nextInt(400_000) : random.nextInt(200);
      for (int j = 0; j < length; j++) {
        text.append((char) ('a' + random.nextInt(26)));
      }
      text.append(random.nextBoolean() ? "\n" : "\r\n");
    }
    byte[] bytes = text.toString().getBytes(UTF_8);
    List<String> lines = lines(text.toString());

    Path plain = write("big.txt", bytes);
    assertThat(Reading.all(new TextFileSource(plain.toString(), 100_000))).isEqualTo(lines);
    assertThat(Reading.all(new TextFileSource(plain.toString()))).isEqualTo(lines);

    var twoParts = new ByteArrayOutputStream();
    twoParts.write(gzip(java.util.Arrays.copyOf(bytes, bytes.length / 2)));
    twoParts.write(gzip(java.util.Arrays.copyOfRange(bytes, bytes.length / 2, bytes.length)));
    Path compressed = write("big.gz", twoParts.toByteArray());
    assertThat(Reading.all(new TextFileSource(compressed.toString(), 1000))).isEqualTo(lines);
    var reading = new Reading(new TextFileSource(compressed.toString()));
    int restoredAt = 0;
    while (reading.step(50)) {
      if (reading.lines.size() >= restoredAt + 50) {
        Reading next = reading.restored();
        reading.close();
        reading = next;
        restoredAt = reading.lines.size();
      }
    }
    assertThat(reading.lines).isEqualTo(lines);
    reading.close();
  }

  @Test
  void bytesMayComeOneByOne() throws IOException {
    String corpus = "a\r\nbb\n\nlast";
    InputStream dribble =
        new ByteArrayInputStream(corpus.getBytes(UTF_8)) {
          @Override
          public int read(byte[] bytes, int from, int length) {
            return super.read(bytes, from, Math.min(1, length));
          }
        };
    var found = new ArrayList<String>();
    try (var cutter = new LineCutter(dribble, 0, Long.MAX_VALUE, 100)) {
      for (String line = cutter.next(); line != null; line = cutter.next()) {
        found.add(line);
      }
      assertThat(cutter.offset()).isEqualTo(corpus.length());
    }
    assertThat(found).isEqualTo(lines(corpus));
  }

  @Test
  void aLineWithoutEndIsNamed() throws Exception {
    Path file = write("binary", ("ok\n" + "x".repeat(500_000)).getBytes(UTF_8));
    var reader = new TextFileReader(Hadoop.configuration(), 200_000);
    reader.add(FileSplit.range(file.toUri().toString(), 500_003, 0, 500_003));
    assertThatThrownBy(() -> reader.poll(new NoOutput(), 100, new ReadClock(0, 0)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("at byte 3")
        .hasMessageContaining("200000 bytes");
    reader.close();
  }

  @Test
  void damagedInputIsNamed() throws Exception {
    byte[] whole = gzip("some text\n".repeat(1000).getBytes(UTF_8));
    Path cut = write("cut.gz", java.util.Arrays.copyOf(whole, whole.length - 20));
    assertThatThrownBy(() -> Reading.all(new TextFileSource(cut.toString())))
        .hasMessageContaining("cut.gz")
        .hasMessageContaining("ends in the middle");

    Path shrinking = write("shrinking.txt", "a\nb\nc\nd\n".getBytes(UTF_8));
    var reading = new Reading(new TextFileSource(shrinking.toString(), 4));
    reading.step(1);
    write("shrinking.txt", "a\n".getBytes(UTF_8));
    assertThatThrownBy(
            () -> {
              while (reading.step(1)) {}
            })
        .hasMessageContaining("shrinking.txt")
        .hasMessageContaining("must not change");
  }

  @Test
  void directoriesAndGlobsSkipWhatIsHidden() throws Exception {
    write("in/b.txt", "b\n".getBytes(UTF_8));
    write("in/a.txt", "a\n".getBytes(UTF_8));
    write("in/c.log", "c".getBytes(UTF_8));
    write("in/_SUCCESS", "hidden".getBytes(UTF_8));
    write("in/.tmp.txt", "hidden".getBytes(UTF_8));
    write("in/deeper/d.txt", "d\n".getBytes(UTF_8));
    write("in/z.txt.gz", gzip("z\n".getBytes(UTF_8)));

    assertThat(Reading.all(source("in"))).containsExactly("a", "b", "c", "z");
    assertThat(Reading.all(source("in/"))).containsExactly("a", "b", "c", "z");
    assertThat(Reading.all(source("in/*.txt"))).containsExactly("a", "b");
    assertThat(Reading.all(source("in/*"))).containsExactly("a", "b", "c", "d", "z");
    assertThat(Reading.all(source("in/{a,c}.*"))).containsExactly("a", "c");
    assertThat(Reading.all(source("in/_SUCCESS"))).containsExactly("hidden");
    assertThat(Reading.all(new TextFileSource(folder.toUri() + "in/a.txt"))).containsExactly("a");
  }

  @Test
  void aMissingPathIsNamedBeforeAnythingStarts() throws Exception {
    Files.createDirectories(folder.resolve("empty"));
    source("empty").validate();
    assertThat(Reading.all(source("empty"))).isEmpty();
    assertThatThrownBy(() -> source("none.txt").validate())
        .isInstanceOf(FileNotFoundException.class)
        .hasMessageContaining(folder.resolve("none.txt").toString())
        .hasMessageContaining("does not exist");
    assertThatThrownBy(() -> source("empty/*.txt").validate())
        .isInstanceOf(FileNotFoundException.class)
        .hasMessageContaining("matches no file");
  }

  @Test
  void theConnectorIsFoundAndTravels() throws Exception {
    write("a.txt", "a\nb\n".getBytes(UTF_8));
    FileConnector connector = ServiceLoader.load(FileConnector.class).findFirst().orElseThrow();
    var source = connector.textSource(folder.resolve("a.txt").toString());
    Object arrived = UserCode.of(source, "in").open(getClass().getClassLoader());
    assertThat(Reading.all((TextFileSource) arrived)).containsExactly("a", "b");
    assertThat(connector.textSink(folder.resolve("out").toString(), false).blocking()).isTrue();
  }

  private TextFileSource source(String name) {
    return new TextFileSource(folder + "/" + name);
  }

  private Path write(String name, byte[] bytes) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, bytes);
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    var packed = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  /** Said in another way than the code under test does. */
  private static List<String> lines(String text) {
    var lines = new ArrayList<>(List.of(text.split("\n", -1)));
    if (lines.get(lines.size() - 1).isEmpty()) {
      lines.remove(lines.size() - 1);
    }
    lines.replaceAll(line -> line.endsWith("\r") ? line.substring(0, line.length() - 1) : line);
    return lines;
  }

  private static final class NoOutput implements io.millrace.api.connector.ReaderOutput<String> {
    @Override
    public void collect(String value) {}

    @Override
    public void collect(String value, long timestamp) {}

    @Override
    public void emitWatermark(long watermark) {}

    @Override
    public void markIdle() {}

    @Override
    public void markActive() {}

    @Override
    public io.millrace.api.connector.ReaderOutput<String> createOutputForSplit(String splitId) {
      return this;
    }

    @Override
    public void releaseOutputForSplit(String splitId) {}
  }
}

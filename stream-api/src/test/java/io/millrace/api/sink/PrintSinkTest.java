package io.millrace.api.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.connector.Sink;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PrintSinkTest {
  @Test
  void theSubtaskStandsInFrontIfThereAreSeveral() throws Exception {
    assertThat(printed(new PrintSink<>(), 0, 1)).isEqualTo("x");
    assertThat(printed(new PrintSink<>(), 1, 2)).isEqualTo("2> x");
    assertThat(printed(new PrintSink<>("out"), 0, 1)).isEqualTo("out> x");
    assertThat(printed(new PrintSink<>("out"), 1, 2)).isEqualTo("out:2> x");
  }

  private static String printed(Sink<String> sink, int subtask, int parallelism) throws Exception {
    var bytes = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      var scope = new Sink.Scope("uid", "job", "lineage", PrintSinkTest.class.getClassLoader());
      sink.writer(new Sink.WriterContext(scope, subtask, parallelism, "attempt")).write("x", 0);
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8).strip();
  }
}

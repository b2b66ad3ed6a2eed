package io.millrace.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class WindowsTest {
  private static List<String> lines(Path directory) throws Exception {
    var lines = new ArrayList<String>();
    try (var files = Files.newDirectoryStream(directory, "part-*")) {
      for (Path file : files) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    return lines;
  }

  @Test
  void clicksThatFollowEachOtherAreOneVisit(@TempDir Path directory) throws Exception {
    SessionWindowing.main(new String[] {"--output", directory.toString()});

    assertThat(lines(directory))
        .containsExactlyInAnyOrder("anna 1000 45000 3", "anna 90000 90000 1", "ben 5000 8000 2");
  }

  @Test
  void topSpeedsAreToldEveryFiftyMetres(@TempDir Path directory) throws Exception {
    TopSpeedWindowing.main(new String[] {"--output", directory.toString(), "--count", "60"});

    // Half a minute of each car: fifty metres more than before at 11, 15, 19, 22, 25 and 28
    // seconds.
    var expected = new ArrayList<String>();
    for (int car = 0; car < 2; car++) {
      for (int second : List.of(11, 15, 19, 22, 25, 27, 29)) {
        expected.add(
            new TopSpeedWindowing.Measurement(car, second, second * second / 2.0, second * 1_000)
                .toString());
      }
    }
    assertThat(lines(directory)).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void pairsOfASecondAreJoined(@TempDir Path directory) throws Exception {
    WindowJoin.main(new String[] {"--output", directory.toString(), "--count", "100"});

    String[] names = {"tom", "jerry", "alice", "bob", "john"};
    var expected = new ArrayList<String>();
    for (int grade = 0; grade < 100; grade++) {
      for (int salary = 0; salary < 100; salary++) {
        if (grade / 10 == salary / 10 && grade % 5 == salary / 3 % 5) {
          expected.add(names[grade % 5] + " " + (grade % 5 + 1) + " " + salary);
        }
      }
    }
    assertThat(lines(directory)).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void wordsFromASocketAreCounted() throws Exception {
    var counted = new CountDownLatch(1);
    var printed =
        new ByteArrayOutputStream() {
          @Override
          public synchronized void write(byte[] bytes, int from, int length) {
            super.write(bytes, from, length);
            if (toString(StandardCharsets.UTF_8).contains("(not,")) {
              counted.countDown();
            }
          }
        };
    PrintStream before = System.out;
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var sender =
          new Thread(
              () -> {
                try (var socket = server.accept();
                    var out =
                        new PrintWriter(socket.getOutputStream(), true, StandardCharsets.UTF_8)) {
                  out.println("to be or not to be");
                  // The window is over before the input is: processing time does not end with it.
                  counted.await();
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      sender.start();
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      SocketWindowWordCount.main(
          new String[] {
            "--host",
            server.getInetAddress().getHostAddress(),
            "--port",
            Integer.toString(server.getLocalPort()),
            "--seconds",
            "1"
          });
      sender.join();
    } finally {
      System.setOut(before);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8).lines().filter(line -> line.contains(",")))
        .allMatch(line -> line.matches(".*\\((to|be|or|not),[12]\\)"))
        .hasSizeBetween(4, 6);
  }
}

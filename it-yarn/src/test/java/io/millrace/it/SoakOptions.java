package io.millrace.it;

import io.millrace.it.ledger.Book;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How to soak.
 *
 * @param time for which there is input, and for which processes are struck
 * @param mode where the job's main method runs, and so what its cluster is started for
 * @param strikeEvery time from one kill to the next, on average
 * @param pauseEvery the same for processes that stand still for a while
 * @param seed of the input and of the strikes
 * @param perSecond entries of each of the four partitions in a second
 * @param resume whether the job is stopped halfway and resumed with twice the parallelism and the
 *     other store
 * @param yarnDefaults whether YARN starts as many ApplicationMasters as it does when nobody tells
 *     it how many; the job ends when they are used up, and is resumed
 * @param settings further ones of the job, each as {@code key=value}
 */
record SoakOptions(
    Duration time,
    Mode mode,
    Duration strikeEvery,
    Duration pauseEvery,
    String backend,
    long seed,
    int perSecond,
    boolean resume,
    boolean yarnDefaults,
    List<String> settings) {
  static final String USAGE =
      "[--minutes n | --seconds n] [--mode per-job|application] [--kill-every seconds] [--pause-every seconds] [--backend rocksdb|hashmap]"
          + " [--seed n] [--rate entries per second and partition] [--resume | --yarn-defaults] [-D key=value]...";
  private static final int PARTITIONS = 4;
  private static final int ACCOUNTS = 1_000;

  /** In which way the job comes to its cluster. */
  enum Mode {
    PER_JOB("per-job", List.of("-m", "yarn-cluster")),
    APPLICATION("application", List.of("-t", "yarn-application"));

    private final String word;
    private final List<String> target;

    Mode(String word, List<String> target) {
      this.word = word;
      this.target = target;
    }

    /** What {@code millrace run} is told. */
    List<String> target() {
      return target;
    }

    @Override
    public String toString() {
      return word;
    }

    private static Mode of(String word) {
      for (Mode mode : values()) {
        if (mode.word.equals(word)) {
          return mode;
        }
      }
      throw new IllegalArgumentException("there is no mode " + word);
    }
  }

  SoakOptions {
    settings = List.copyOf(settings);
    require(time.toSeconds() >= 10, "a soak takes at least 10 seconds, not " + time.toSeconds());
    require(strikeEvery.toMillis() >= 1_000, "--kill-every wants at least 1 second");
    require(pauseEvery.toMillis() >= 1_000, "--pause-every wants at least 1 second");
    require(List.of("rocksdb", "hashmap").contains(backend), "there is no backend " + backend);
    require(perSecond >= 1, "--rate wants at least 1");
    require(!(resume && yarnDefaults), "--resume and --yarn-defaults exclude each other");
  }

  static SoakOptions seconds(long seconds, Mode mode, long seed) {
    return new SoakOptions(
        Duration.ofSeconds(seconds),
        mode,
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        "rocksdb",
        seed,
        500,
        false,
        false,
        // Less than the state, so that the store itself is met by every record.
        List.of("state.backend.rocksdb.object-cache.size=32kb"));
  }

  static SoakOptions parse(String[] words) {
    Map<String, String> said = new TreeMap<>();
    List<String> settings = new ArrayList<>();
    for (int i = 0; i < words.length; i += 2) {
      switch (words[i]) {
        case "--minutes",
            "--seconds",
            "--mode",
            "--kill-every",
            "--pause-every",
            "--backend",
            "--seed",
            "--rate" -> {
          require(i + 1 < words.length, words[i] + " wants a value");
          said.put(words[i], words[i + 1]);
        }
        case "--resume", "--yarn-defaults" -> {
          said.put(words[i], "");
          i--; // they take no value
        }
        case "-D" -> {
          require(i + 1 < words.length, "-D wants key=value");
          settings.add(words[i + 1]);
        }
        default -> throw new IllegalArgumentException("unknown option " + words[i]);
      }
    }
    require(
        !(said.containsKey("--minutes") && said.containsKey("--seconds")),
        "--minutes and --seconds exclude each other");
    double seconds =
        said.containsKey("--seconds")
            ? number(said, "--seconds", "60")
            : 60 * number(said, "--minutes", "1");
    return new SoakOptions(
        Duration.ofMillis((long) (seconds * 1_000)),
        Mode.of(said.getOrDefault("--mode", Mode.PER_JOB.word)),
        Duration.ofMillis((long) (number(said, "--kill-every", "6") * 1_000)),
        Duration.ofMillis((long) (number(said, "--pause-every", "30") * 1_000)),
        said.getOrDefault("--backend", "rocksdb"),
        (long) number(said, "--seed", "1"),
        (int) number(said, "--rate", "650"),
        said.containsKey("--resume"),
        said.containsKey("--yarn-defaults"),
        settings);
  }

  /** Strikes that such a time should hold: three hundred in half an hour. */
  long strikesWanted() {
    return Math.max(1, time.toMillis() / 6_000);
  }

  /** Records that sinks should write in such a time: twenty million in half an hour. */
  long recordsWanted() {
    return time.toMillis() * 100 / 9;
  }

  Book book() {
    return new Book(seed, PARTITIONS, time.toMillis() * perSecond / 1_000, perSecond, ACCOUNTS);
  }

  private static double number(Map<String, String> said, String name, String absent) {
    String text = said.getOrDefault(name, absent);
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " wants a number, not " + text);
    }
  }

  private static void require(boolean condition, String complaint) {
    if (!condition) {
      throw new IllegalArgumentException(complaint);
    }
  }
}

package acme;

import io.millrace.api.function.KeySelector;
import io.millrace.api.function.ReduceFunction;
import io.millrace.simulator.SimTest;
import io.millrace.simulator.SimulatedJob;
import java.util.Locale;

/** A user's job: none of its classes are in a package of ours, and nor is the test. */
class OwnPackageTest {
  record Word(String text, long count) {}

  /** Neither a record nor a POJO. */
  static final class Opaque {
    private final String text;

    Opaque(String text) {
      this.text = text;
    }
  }

  private static final class Upper implements KeySelector<Word, String> {
    @Override
    public String getKey(Word word) {
      return word.text();
    }
  }

  @SimTest(seeds = 10)
  void functionsRecordsAndOtherClassesAreTheJobs(SimulatedJob job) {
    job.env()
        .fromElements("a", "b", "A", "c")
        .map(text -> new Word(text.toUpperCase(Locale.ROOT), 1))
        .keyBy(new Upper())
        .reduce(
            new ReduceFunction<Word>() {
              @Override
              public Word reduce(Word one, Word other) {
                return new Word(one.text(), one.count() + other.count());
              }
            })
        .map(word -> new Opaque(word.text() + word.count()))
        .rebalance()
        .map(opaque -> opaque.text)
        .sinkTo(job.sink());
  }
}

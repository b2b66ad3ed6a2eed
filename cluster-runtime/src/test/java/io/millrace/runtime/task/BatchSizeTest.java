package io.millrace.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchSizeTest {
  private static final int MOST = 512;
  private static final int CHANNEL = 8;

  private final BatchSize size = new BatchSize(MOST, CHANNEL);

  @Test
  void beginsSmallAndNeverExceedsWhatIsAllowed() {
    assertThat(size.records()).isEqualTo(4);
    assertThat(new BatchSize(3, CHANNEL).records()).isEqualTo(3);

    passed(1_000);

    assertThat(size.records()).isEqualTo(MOST);
  }

  @Test
  void doesNotTakeAnEmptyChannelForAFastConsumer() {
    passed(CHANNEL);

    assertThat(size.records()).isEqualTo(4);
  }

  /** Whatever the consumer's pace, what stands in the channel is soon about a second of it. */
  @Test
  void findsThePaceOfTheConsumer() {
    for (double perRecord : new double[] {1_000, 100, 10, 3, 1, 0.3, 100, 0.01}) {
      for (int atATime : new int[] {1, CHANNEL / 2}) {
        double stands = standsAfter(perRecord, atATime);
        assertThat(stands <= 2 * BatchSize.CHANNEL_MILLIS || size.records() == 1)
            .as("%s ms at %s ms per record", stands, perRecord)
            .isTrue();
        assertThat(2 * stands >= BatchSize.CHANNEL_MILLIS || size.records() == MOST)
            .as("%s ms at %s ms per record", stands, perRecord)
            .isTrue();
      }
    }
  }

  /**
   * Its slot is busy with others for so long, and then it takes all there is, as fast as that
   * comes.
   *
   * @param atATime batches that are taken before the producer sees it
   */
  @ParameterizedTest
  @CsvSource({"150, 1", "150, 8", "500, 4", "1000, 1", "1000, 8"})
  void doesNotTakeAConsumerForSlowThatIsSeldomAsked(long roundMillis, int atATime) {
    for (boolean largeFirst : new boolean[] {false, true}) {
      passed(largeFirst ? 1_000 : 0);
      for (int round = 0; round < 100; round++) {
        size.full(roundMillis, atATime, (long) atATime * size.records());
        for (int taken = atATime; taken < 2 * CHANNEL; taken += atATime) {
          size.full(0, atATime, (long) atATime * size.records());
        }
      }
      assertThat(size.records()).isEqualTo(MOST);
    }
  }

  /** The channel was empty for some of the time, and nobody knows for how much. */
  @Test
  void doesNotTakeAProducerThatPausesForASlowConsumer() {
    passed(1_000);
    for (int burst = 0; burst < 100; burst++) {
      size.full(10_000, CHANNEL, CHANNEL * MOST);
    }

    assertThat(size.records()).isEqualTo(MOST);
  }

  /** Records are held up once, as where barriers are aligned. */
  @Test
  void isSoonAsLargeAsBeforeAfterAPause() {
    passed(1_000);
    size.full(30_000, 1, MOST);
    assertThat(size.records()).isEqualTo(MOST / 8);

    for (int batch = 0; batch < 3; batch++) {
      size.full(1, 1, size.records());
    }

    assertThat(size.records()).isEqualTo(MOST);
  }

  /**
   * Milliseconds of work in a full channel in front of a consumer that is always behind.
   *
   * @param atATime batches that are taken before credit is given for them
   */
  private double standsAfter(double millisPerRecord, int atATime) {
    var channel = new ArrayDeque<Integer>();
    for (int i = 0; i < CHANNEL; i++) {
      channel.add(size.records());
    }
    double now = 0;
    long told = 0;
    for (int round = 0; round < 100; round++) {
      int taken = 0;
      for (int i = 0; i < atATime; i++) {
        taken += channel.remove();
      }
      now += taken * millisPerRecord;
      for (int i = 0; i < atATime; i++) {
        channel.add(size.records());
      }
      size.full((long) now - told, atATime, taken);
      told = (long) now;
    }
    return channel.stream().mapToInt(Integer::intValue).sum() * millisPerRecord;
  }

  private void passed(int batches) {
    for (int batch = 0; batch < batches; batch++) {
      size.passed();
    }
  }
}

package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WordCountsTest {
  @Test
  void countsRunsOfLettersAndDigitsInLowerCase() {
    WordCounts counts = new WordCounts();
    counts.add("Blk_38 blk-38, Über ÜBER: 10.251");
    counts.add("");
    counts.add("\u0660 x");

    assertThat(counts.sortedLines())
        .containsExactly("1 10", "1 251", "1 x", "1 \u0660", "2 38", "2 blk", "2 über");
  }
}

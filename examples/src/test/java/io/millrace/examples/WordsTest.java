package io.millrace.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WordsTest {
  private static List<String> words(String line) {
    var words = new ArrayList<String>();
    new WordCount.Words().flatMap(line, words::add);
    return words;
  }

  @Test
  void aWordIsAMaximalRunOfLettersAndDigitsInLowerCase() {
    assertThat(words("It's 12 o'clock, ÉTÉ-time: blk_-42!"))
        .containsExactly("it", "s", "12", "o", "clock", "été", "time", "blk", "42");
    assertThat(words("𝐀𝐛 x\u0660y")).containsExactly("𝐀𝐛", "x\u0660y");
    assertThat(words(" ,; ")).isEmpty();
    assertThat(words("")).isEmpty();
  }
}

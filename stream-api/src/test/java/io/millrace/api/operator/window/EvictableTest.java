package io.millrace.api.operator.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class EvictableTest {
  @Test
  void isWhatAListWouldBe() {
    var chance = new SplittableRandom(3);
    for (int life = 0; life < 200; life++) {
      List<Integer> list = numbers(chance.nextInt(20));
      var same = new Evictable<>(new ArrayList<>(list));
      for (int pass = 0; pass < 3; pass++) {
        Iterator<Integer> one = list.iterator();
        Iterator<Integer> other = same.iterator();
        while (one.hasNext()) {
          assertThat(other.hasNext()).isTrue();
          assertThat(other.next()).isEqualTo(one.next());
          if (chance.nextInt(3) == 0) {
            one.remove();
            other.remove();
          }
        }
        assertThat(other.hasNext()).isFalse();
        assertThatThrownBy(other::next).isInstanceOf(NoSuchElementException.class);
        assertThat(same).containsExactlyElementsOf(list).hasSameSizeAs(list);
        assertThat(same).hasToString(list.toString());
      }
    }
  }

  @Test
  void removesNothingTwice() {
    var some = new Evictable<>(numbers(2));
    Iterator<Integer> each = some.iterator();
    assertThatThrownBy(each::remove).isInstanceOf(IllegalStateException.class);
    each.next();
    each.remove();
    assertThatThrownBy(each::remove).isInstanceOf(IllegalStateException.class);
    assertThat(some).containsExactly(1);
  }

  /** With a list that closes each gap this took minutes. */
  @Test
  @Timeout(60)
  void losesMillionsFromItsFrontOneByOne() {
    var many = new Evictable<>(numbers(3_000_000));
    Iterator<Integer> each = many.iterator();
    for (int i = 0; i < 2_999_990; i++) {
      each.next();
      each.remove();
    }
    assertThat(many).hasSize(10).startsWith(2_999_990);
  }

  private static List<Integer> numbers(int count) {
    return new ArrayList<>(IntStream.range(0, count).boxed().toList());
  }
}

package io.millrace.api.type;

import io.millrace.api.tuple.Tuple;
import io.millrace.api.tuple.Tuple0;
import io.millrace.api.tuple.Tuple1;
import io.millrace.api.tuple.Tuple2;
import io.millrace.api.tuple.Tuple25;
import io.millrace.api.tuple.Tuple3;
import io.millrace.api.tuple.Tuple4;
import io.millrace.api.tuple.Tuple5;
import io.millrace.api.tuple.Tuple7;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Period;
import java.time.Year;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.IntStream;

/** The types that programs use, and values of each. */
final class Samples {
  private Samples() {}

  enum Colour {
    RED,
    GREEN {
      @Override
      boolean warm() {
        return false;
      }
    };

    boolean warm() {
      return true;
    }
  }

  record Empty() {}

  record Numbers(
      boolean z, byte b, short s, char c, int i, long l, float f, double d, Integer boxed) {}

  record Person(String name, int age, Colour colour) {}

  record Pair<A, B>(A first, B second) {}

  record Node(int value, Node next) {}

  record Tree(String name, List<Tree> children) {}

  record Positive(int value) {
    Positive {
      if (value <= 0) {
        throw new IllegalArgumentException("not positive");
      }
    }
  }

  record WithArray(int[] values) {}

  record WithLists(List<String> names, Map<String, Pair<Integer, Long>> byName) {
    WithLists {
      names = List.copyOf(names);
      byName = Collections.unmodifiableMap(new LinkedHashMap<>(byName));
    }
  }

  sealed interface Shape permits Circle, Square, Group, Mark {}

  record Circle(double radius) implements Shape {}

  record Square(long side) implements Shape {}

  record Group(List<Shape> members) implements Shape {}

  enum Mark implements Shape {
    DOT,
    DASH
  }

  sealed interface Option<T> {}

  record Some<T>(T value) implements Option<T> {}

  record None<T>() implements Option<T> {}

  public static class Account {
    public String owner;
    public long balance;
    private List<String> notes;
    private boolean open;

    public Account() {}

    Account(String owner, long balance, List<String> notes, boolean open) {
      this.owner = owner;
      this.balance = balance;
      this.notes = notes;
      this.open = open;
    }

    public List<String> getNotes() {
      return notes;
    }

    public void setNotes(List<String> notes) {
      this.notes = notes;
    }

    public boolean isOpen() {
      return open;
    }

    public Account setOpen(boolean open) {
      this.open = open;
      return this;
    }

    @Override
    public boolean equals(Object other) {
      return other != null
          && other.getClass() == getClass()
          && other instanceof Account that
          && Objects.equals(owner, that.owner)
          && balance == that.balance
          && Objects.equals(notes, that.notes)
          && open == that.open;
    }

    @Override
    public int hashCode() {
      return Objects.hash(owner, balance);
    }
  }

  public static class Savings extends Account {
    public double rate;

    public Savings() {}

    Savings(String owner, double rate) {
      super(owner, 1, new ArrayList<>(), true);
      this.rate = rate;
    }

    @Override
    public boolean equals(Object other) {
      return super.equals(other) && other instanceof Savings that && rate == that.rate;
    }

    @Override
    public int hashCode() {
      return super.hashCode();
    }
  }

  public static class Box<T> {
    public T content;

    public Box() {}

    Box(T content) {
      this.content = content;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Box<?> that && Objects.equals(content, that.content);
    }

    @Override
    public int hashCode() {
      return Objects.hashCode(content);
    }
  }

  /** Neither record nor POJO: Kryo's. */
  static final class Secret {
    private final String word;
    private final List<Object> things;

    Secret(String word, List<Object> things) {
      this.word = word;
      this.things = things;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Secret that && word.equals(that.word) && things.equals(that.things);
    }

    @Override
    public int hashCode() {
      return word.hashCode();
    }
  }

  /** A declared type and a value of it. */
  record Sample(Type type, Object value) {
    Sample(TypeHint<?> hint, Object value) {
      this(hint.type(), value);
    }

    @SuppressWarnings("unchecked")
    Serializer<Object> serializer() {
      return (Serializer<Object>) Serializers.of(type, Samples.class.getClassLoader());
    }
  }

  static boolean same(Object a, Object b) {
    return Objects.deepEquals(a, b)
        || a instanceof ArrayDeque<?> left
            && b instanceof ArrayDeque<?> right
            && Arrays.equals(left.toArray(), right.toArray());
  }

  /** Values with a stable hash, equal in each process that makes them. */
  static List<Sample> hashable() {
    List<Sample> samples = new ArrayList<>();
    add(samples, Boolean.class, true, false);
    add(samples, Byte.class, (byte) 0, Byte.MIN_VALUE, Byte.MAX_VALUE);
    add(samples, Short.class, (short) 1, Short.MIN_VALUE);
    add(samples, Character.class, 'a', '\uFFFF');
    add(samples, Integer.class, 0, 1, -1, Integer.MIN_VALUE, Integer.MAX_VALUE);
    add(samples, Long.class, 0L, 1L, -1L, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 40);
    add(samples, Float.class, 0f, -1.5f, Float.NaN, Float.NEGATIVE_INFINITY);
    add(samples, Double.class, 0d, 1e300, Double.NaN, Double.MIN_VALUE);
    add(
        samples,
        String.class,
        "",
        "word",
        "Stra\u00dfe",
        "\u65e5\u672c",
        "\uD83D\uDE00",
        "\uD800x");
    add(samples, BigInteger.class, BigInteger.ZERO, BigInteger.TEN.pow(40).negate());
    add(samples, BigDecimal.class, new BigDecimal("1.50"), new BigDecimal("-7E+9"));
    add(samples, Instant.class, Instant.EPOCH, Instant.MAX, Instant.ofEpochSecond(-1, 5));
    add(samples, Duration.class, Duration.ofMillis(-1), Duration.ofDays(9));
    add(samples, LocalDate.class, LocalDate.of(2024, 2, 29), LocalDate.MIN);
    add(samples, LocalTime.class, LocalTime.MAX, LocalTime.NOON);
    add(samples, LocalDateTime.class, LocalDateTime.of(1999, 12, 31, 23, 59, 59, 7));
    add(samples, UUID.class, new UUID(1, 2), new UUID(-1, Long.MIN_VALUE));
    add(samples, Colour.class, Colour.RED, Colour.GREEN);
    samples.add(new Sample(new TypeHint<Optional<String>>() {}, Optional.of("x")));
    samples.add(new Sample(new TypeHint<Optional<String>>() {}, Optional.empty()));
    add(samples, Empty.class, new Empty());
    Numbers numbers = new Numbers(true, (byte) 1, (short) 2, 'c', 3, 4L, 5.5f, 6.5, null);
    add(samples, Numbers.class, numbers);
    add(samples, Person.class, new Person("Ada", 36, Colour.GREEN), new Person(null, 0, null));
    samples.add(new Sample(new TypeHint<Pair<String, Long>>() {}, new Pair<>("a", 1L)));
    samples.add(new Sample(new TypeHint<Pair<?, Pair<Integer, ?>>>() {}, nestedPair()));
    add(samples, Node.class, new Node(1, new Node(2, null)));
    add(samples, Tree.class, new Tree("a", List.of(new Tree("b", List.of()))));
    add(samples, Positive.class, new Positive(1));
    add(samples, Shape.class, new Circle(1), new Square(2), Mark.DASH);
    add(samples, Shape.class, new Group(List.of(new Circle(3), new Group(List.of()))));
    samples.add(new Sample(new TypeHint<Option<String>>() {}, new Some<>("x")));
    samples.add(new Sample(new TypeHint<Option<String>>() {}, new None<String>()));
    samples.add(new Sample(new TypeHint<Tuple2<String, Long>>() {}, Tuple2.of("a", 1L)));
    samples.add(new Sample(Tuple2.class, Tuple2.of("a", null)));
    samples.add(new Sample(Tuple3.class, Tuple3.of(1, 2L, Tuple2.of("x", 'y'))));
    samples.add(new Sample(Tuple4.class, Tuple4.of(1, "2", 3.0, Colour.RED)));
    samples.add(new Sample(Tuple5.class, Tuple5.of(1, 2, 3, 4, List.of(5))));
    samples.add(new Sample(Tuple0.class, Tuple0.INSTANCE));
    samples.add(new Sample(new TypeHint<Tuple1<String>>() {}, Tuple1.of("a")));
    samples.add(new Sample(Tuple7.class, Tuple7.of(1, "2", 3L, null, 5.0, '6', List.of(7))));
    Tuple widest = Tuple.newInstance(Tuple.MAX_ARITY);
    IntStream.range(0, Tuple.MAX_ARITY).forEach(i -> widest.setField(i, i));
    samples.add(new Sample(Tuple25.class, widest));
    samples.add(new Sample(new TypeHint<List<String>>() {}, List.of("a", "b")));
    samples.add(new Sample(new TypeHint<ArrayList<Long>>() {}, new ArrayList<>(List.of(1L))));
    samples.add(new Sample(new TypeHint<LinkedList<Long>>() {}, new LinkedList<>(List.of(1L))));
    samples.add(new Sample(List.class, Arrays.asList(1, "two", null)));
    add(samples, Account.class, new Account("Ada", 5, Arrays.asList("n", null), true));
    add(samples, Account.class, new Account(), new Savings("Bob", 0.5));
    samples.add(new Sample(new TypeHint<Box<String>>() {}, new Box<>("x")));
    samples.add(new Sample(new TypeHint<Box<Box<Long>>>() {}, new Box<>(new Box<>(1L))));
    add(samples, Object.class, new Date(7), Period.ofDays(3), Year.of(2024), Locale.GERMANY);
    add(samples, Object.class, ZonedDateTime.parse("2024-02-29T12:00:00+01:00[Europe/Berlin]"));
    add(samples, Object.class, new Timestamp(8), ZoneId.of("Europe/Berlin"), String.class);
    return samples;
  }

  private static Object nestedPair() {
    return new Pair<>("a", new Pair<>(1, List.of("z")));
  }

  private static Object listArray() {
    return new List<?>[] {List.of(new Pair<>("a", 1)), null};
  }

  static List<Sample> all() {
    List<Sample> samples = new ArrayList<>(hashable());
    add(samples, byte[].class, new byte[0], new byte[] {1, -1});
    add(samples, boolean[].class, new boolean[] {true, false});
    add(samples, short[].class, new short[] {1, 2});
    add(samples, char[].class, "chars".toCharArray());
    add(samples, int[].class, new int[] {1, -2, 3});
    add(samples, long[].class, new long[] {1L << 50});
    add(samples, float[].class, new float[] {1.5f});
    add(samples, double[].class, new double[] {2.5, -0.0});
    samples.add(new Sample(int[][].class, new int[][] {{1}, null, {}}));
    samples.add(new Sample(String[].class, new String[] {"a", null}));
    samples.add(new Sample(new TypeHint<List<Pair<String, Integer>>[]>() {}, listArray()));
    Map<String, Integer> map = new LinkedHashMap<>();
    map.put("z", 1);
    map.put("a", null);
    samples.add(new Sample(new TypeHint<Map<String, Integer>>() {}, map));
    samples.add(new Sample(new TypeHint<Map<String, Integer>>() {}, new TreeMap<>(map)));
    samples.add(new Sample(new TypeHint<Map<String, Integer>>() {}, Map.of("k", 1)));
    samples.add(new Sample(new TypeHint<HashMap<String, Integer>>() {}, new HashMap<>(map)));
    TreeMap<String, Integer> reverse = new TreeMap<>(Collections.reverseOrder());
    reverse.putAll(map);
    samples.add(new Sample(new TypeHint<TreeMap<String, Integer>>() {}, reverse));
    samples.add(new Sample(new TypeHint<Set<Long>>() {}, Set.of(1L, 2L)));
    samples.add(new Sample(new TypeHint<Set<Long>>() {}, new TreeSet<>(List.of(2L, 1L))));
    samples.add(new Sample(new TypeHint<HashSet<Colour>>() {}, new HashSet<>(Set.of(Colour.RED))));
    samples.add(new Sample(Set.class, new LinkedHashSet<>(List.of("b", 1))));
    samples.add(new Sample(Map.class, map.entrySet().isEmpty() ? null : Map.copyOf(reverse(map))));
    samples.add(new Sample(ArrayDeque.class, new ArrayDeque<>(List.of(1, 2))));
    samples.add(
        new Sample(WithLists.class, new WithLists(List.of("a"), Map.of("k", new Pair<>(1, 2L)))));
    samples.add(new Sample(Object.class, new Secret("s", new ArrayList<>(List.of(1, "a")))));
    add(
        samples,
        Secret.class,
        new Secret(
            "s",
            new ArrayList<>(
                List.of(UUID.fromString("00000000-0000-0001-0000-000000000002"), Colour.GREEN))));
    return samples;
  }

  private static Map<Integer, String> reverse(Map<String, Integer> map) {
    Map<Integer, String> reversed = new HashMap<>();
    map.forEach((key, value) -> reversed.put(value == null ? 0 : value, key));
    return reversed;
  }

  private static void add(List<Sample> samples, Class<?> type, Object... values) {
    for (Object value : values) {
      samples.add(new Sample(type, value));
    }
  }
}

package io.millrace.api.type;

import io.millrace.api.type.Samples.Colour;
import io.millrace.api.type.Samples.Person;
import java.io.File;
import java.lang.reflect.Type;
import java.math.MathContext;
import java.math.RoundingMode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URL;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Time;
import java.sql.Timestamp;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.chrono.ChronoLocalDate;
import java.time.chrono.HijrahDate;
import java.time.chrono.JapaneseDate;
import java.time.chrono.MinguoDate;
import java.time.chrono.ThaiBuddhistDate;
import java.time.temporal.ChronoField;
import java.time.temporal.WeekFields;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Calendar;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Currency;
import java.util.Date;
import java.util.Deque;
import java.util.DoubleSummaryStatistics;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.GregorianCalendar;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.IntSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.PriorityQueue;
import java.util.Properties;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.Stack;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.Vector;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Values of the classes of the JDK that hold data, and what makes one the same as another. */
final class JdkSamples {
  /**
   * A declared type and a value of it.
   *
   * @param told all that a program can see of such a value, to be compared
   */
  record Sample(Type type, Object value, Function<Object, Object> told) {
    /** Whether it comes back as the same class, which views of collections do not. */
    Object seen(Object value) {
      return told.apply(value);
    }

    @Override
    public String toString() {
      return type.getTypeName() + " " + value.getClass().getName() + " " + value;
    }
  }

  /** By length, then as they are. */
  enum ByLength implements Comparator<String> {
    UP;

    @Override
    public int compare(String one, String other) {
      return Comparator.comparing(String::length)
          .thenComparing(Comparator.naturalOrder())
          .compare(one, other);
    }
  }

  record Modulo(int by) implements Comparator<Integer> {
    @Override
    public int compare(Integer one, Integer other) {
      return Integer.compare(one % by, other % by);
    }
  }

  static final class Backwards implements Comparator<String> {
    @Override
    public int compare(String one, String other) {
      return other.compareTo(one);
    }
  }

  enum None {}

  /** More constants than a long has bits. */
  enum Many {
    A0,
    A1,
    A2,
    A3,
    A4,
    A5,
    A6,
    A7,
    A8,
    A9,
    B0,
    B1,
    B2,
    B3,
    B4,
    B5,
    B6,
    B7,
    B8,
    B9,
    C0,
    C1,
    C2,
    C3,
    C4,
    C5,
    C6,
    C7,
    C8,
    C9,
    D0,
    D1,
    D2,
    D3,
    D4,
    D5,
    D6,
    D7,
    D8,
    D9,
    E0,
    E1,
    E2,
    E3,
    E4,
    E5,
    E6,
    E7,
    E8,
    E9,
    F0,
    F1,
    F2,
    F3,
    F4,
    F5,
    F6,
    F7,
    F8,
    F9,
    G0,
    G1,
    G2,
    G3,
    G4,
    G5,
    G6,
    G7,
    G8,
    G9
  }

  private final List<Sample> samples = new ArrayList<>();

  private JdkSamples() {}

  static List<Sample> all() {
    var all = new JdkSamples();
    try {
      all.times();
      all.names();
      all.numbers();
      all.collections();
      all.maps();
      all.views();
    } catch (UnknownHostException | java.net.MalformedURLException e) {
      throw new AssertionError(e);
    }
    return all.samples;
  }

  /** Of values that are equal when they are the same. */
  private void add(Class<?> declared, Object... values) {
    for (Object value : values) {
      samples.add(new Sample(declared, value, each -> each));
    }
  }

  private void hint(TypeHint<?> declared, Object... values) {
    for (Object value : values) {
      samples.add(new Sample(declared.type(), value, each -> each));
    }
  }

  @SuppressWarnings("unchecked") // the value is one of the class
  private <T> void add(Class<T> declared, Function<T, Object> told, Object... values) {
    for (Object value : values) {
      samples.add(new Sample(declared, value, each -> told.apply((T) each)));
    }
  }

  private void times() {
    var late = new Timestamp(-1);
    late.setNanos(123_456_789);
    add(Timestamp.class, new Timestamp(0), late, Timestamp.valueOf("2024-02-29 12:00:00.1"));
    add(Date.class, new Date(5), new java.sql.Date(6), late);
    add(java.sql.Date.class, new java.sql.Date(86_400_000));
    add(Time.class, new Time(1_000));
    add(ZoneId.class, ZoneId.of("Europe/Berlin"), ZoneOffset.ofHours(2), ZoneId.of("UTC+3"));
    add(ZoneOffset.class, ZoneOffset.UTC);
    add(ZonedDateTime.class, ZonedDateTime.parse("2024-02-29T12:00:00+01:00[Europe/Berlin]"));
    add(OffsetDateTime.class, OffsetDateTime.parse("2024-02-29T12:00:00+01:00"));
    add(Period.class, Period.of(1, 2, 3));
    add(WeekFields.class, WeekFields.ISO, WeekFields.of(DayOfWeek.SATURDAY, 3));
    add(ChronoLocalDate.class, LocalDate.of(2024, 2, 29), HijrahDate.of(1445, 8, 19));
    add(JapaneseDate.class, JapaneseDate.of(2024, 2, 29));
    add(MinguoDate.class, MinguoDate.of(113, 2, 29));
    add(ThaiBuddhistDate.class, ThaiBuddhistDate.of(2567, 2, 29));
    add(ChronoField.class, ChronoField.DAY_OF_YEAR);
    add(
        TimeZone.class,
        TimeZone.getTimeZone("America/New_York"),
        TimeZone.getTimeZone("GMT+05:30"));
    var calendar = new GregorianCalendar(TimeZone.getTimeZone("Asia/Tokyo"), Locale.GERMANY);
    calendar.setTimeInMillis(1_700_000_000_123L);
    calendar.setGregorianChange(new Date(77));
    calendar.setLenient(false);
    add(Calendar.class, calendar);
    add(GregorianCalendar.class, new GregorianCalendar(2024, Calendar.FEBRUARY, 29));
    add(TimeUnit.class, TimeUnit.DAYS);
  }

  private void names() throws UnknownHostException, java.net.MalformedURLException {
    add(
        Pattern.class,
        pattern -> pattern.pattern() + pattern.flags(),
        Pattern.compile("(a+)*b"),
        Pattern.compile("x|y", Pattern.CASE_INSENSITIVE | Pattern.MULTILINE),
        Pattern.compile("a(?i)b(?x) c"));
    add(Locale.class, Locale.GERMANY, Locale.forLanguageTag("zh-Hant-TW-u-ca-roc"));
    add(Locale.class, new Locale("ja", "JP", "JP"), new Locale("de", "DE", "x y"), Locale.ROOT);
    add(Currency.class, Currency.getInstance("EUR"));
    add(Charset.class, StandardCharsets.UTF_8, StandardCharsets.ISO_8859_1);
    add(File.class, new File("a/../b"), new File("/tmp"));
    add(Path.class, Path.of("a", "b"), Path.of("/"), Path.of(""));
    add(URI.class, URI.create("hdfs://host/path#x"));
    add(
        URL.class,
        url -> url.toExternalForm() + url.getDefaultPort(),
        new URL("https://u:p@host.invalid:8443/a/b?q=%20#ref"),
        new URL("file:/a/b"),
        new URL("http://[::1]/"));
    add(
        InetAddress.class,
        address -> address + "|" + address.getClass(),
        InetAddress.getByAddress(new byte[] {10, 0, 0, -1}),
        InetAddress.getByAddress("name.invalid", new byte[] {10, 0, 0, 2}),
        InetAddress.getByAddress(
            "six", new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 1, 1, 1, 1, 1}));
    add(
        InetSocketAddress.class,
        InetSocketAddress.createUnresolved("host.invalid", 80),
        new InetSocketAddress(InetAddress.getByAddress(new byte[] {10, 0, 0, 3}), 81));
    add(Class.class, String.class, int.class, void.class, Person.class, int[][].class, List.class);
    add(StackTraceElement.class, new StackTraceElement("a.B", "c", "D.java", 5));
    add(StackTraceElement.class, new AssertionError().getStackTrace()[0]);
    add(Optional.class, Optional.of(new Timestamp(3)), Optional.empty());
    add(OptionalDouble.class, OptionalDouble.of(2.5));
  }

  private void numbers() {
    add(MathContext.class, MathContext.DECIMAL64, new MathContext(3, RoundingMode.UP));
    add(RoundingMode.class, RoundingMode.HALF_EVEN);
    var ints = new IntSummaryStatistics();
    ints.accept(3);
    ints.accept(-4);
    add(IntSummaryStatistics.class, Object::toString, ints, new IntSummaryStatistics());
    var longs = new LongSummaryStatistics();
    longs.accept(1L << 40);
    add(LongSummaryStatistics.class, Object::toString, longs, new LongSummaryStatistics());
    var doubles = new DoubleSummaryStatistics();
    doubles.accept(0.1);
    doubles.accept(1e100);
    var nan = new DoubleSummaryStatistics();
    nan.accept(Double.NaN);
    add(
        DoubleSummaryStatistics.class,
        one -> List.of(one.getCount(), one.getSum(), one.getMin(), one.getMax()),
        doubles,
        nan,
        new DoubleSummaryStatistics());
    var adder = new LongAdder();
    adder.add(5);
    add(LongAdder.class, LongAdder::sum, adder);
    var sum = new DoubleAdder();
    sum.add(5.5);
    add(DoubleAdder.class, DoubleAdder::sum, sum);
    add(AtomicInteger.class, AtomicInteger::get, new AtomicInteger(3));
    add(AtomicLong.class, AtomicLong::get, new AtomicLong(4));
    add(AtomicBoolean.class, AtomicBoolean::get, new AtomicBoolean(true));
    add(
        AtomicReference.class,
        one -> ((AtomicReference<?>) one).get(),
        new AtomicReference<>(Colour.GREEN));
    add(AtomicIntegerArray.class, Object::toString, new AtomicIntegerArray(new int[] {1, 2}));
    add(AtomicLongArray.class, Object::toString, new AtomicLongArray(new long[] {1, 2}));
    add(
        AtomicReferenceArray.class,
        Object::toString,
        new AtomicReferenceArray<>(new Object[] {"a", null, 3}));
    var buffer = ByteBuffer.wrap(new byte[] {1, 2, 3, 4}, 1, 2);
    add(ByteBuffer.class, buffer, ByteBuffer.allocateDirect(3), buffer.asReadOnlyBuffer());
    add(BitSet.class, BitSet.valueOf(new long[] {5, 1L << 60}));
  }

  private static <C extends Collection<Object>> C filled(C collection, Object... elements) {
    collection.addAll(Arrays.asList(elements));
    return collection;
  }

  /** Queues are equal to nothing but themselves. */
  private static List<Object> elements(Collection<?> collection) {
    return new ArrayList<>(collection);
  }

  private void collections() {
    hint(
        new TypeHint<EnumSet<Colour>>() {},
        EnumSet.of(Colour.GREEN),
        EnumSet.noneOf(Colour.class),
        EnumSet.allOf(Colour.class));
    add(EnumSet.class, EnumSet.of(Many.A0, Many.G9), EnumSet.noneOf(Many.class));
    add(EnumSet.class, EnumSet.noneOf(None.class));
    hint(new TypeHint<Set<Colour>>() {}, EnumSet.of(Colour.RED));
    add(Vector.class, filled(new Vector<>(), 1, "a", null));
    add(Stack.class, filled(new Stack<>(), 1, "a"));
    add(CopyOnWriteArrayList.class, filled(new CopyOnWriteArrayList<>(), 1, null));
    add(CopyOnWriteArraySet.class, filled(new CopyOnWriteArraySet<>(), "z", "a"));
    add(Set.class, filled(ConcurrentHashMap.newKeySet(), "z"));
    var order =
        Set.<Comparator<? super String>>of(
            Collections.reverseOrder(),
            String.CASE_INSENSITIVE_ORDER,
            ByLength.UP,
            new Backwards());
    for (Comparator<? super String> each : order) {
      var texts = List.of("b", "aaa", "C", "dd");
      var tree = new TreeSet<String>(each);
      tree.addAll(texts);
      var skip = new ConcurrentSkipListSet<String>(each);
      skip.addAll(texts);
      add(TreeSet.class, JdkSamples::sorted, tree);
      add(SortedSet.class, JdkSamples::sorted, tree, skip);
      hint(new TypeHint<TreeSet<String>>() {}, tree);
      add(ConcurrentSkipListSet.class, JdkSamples::sorted, skip);
      var queue = new PriorityQueue<String>(each);
      queue.addAll(texts);
      add(PriorityQueue.class, one -> elements(one) + ordering(one.comparator()), queue);
      var blocking = new PriorityBlockingQueue<String>(2, each);
      blocking.addAll(texts);
      add(PriorityBlockingQueue.class, one -> elements(one) + ordering(one.comparator()), blocking);
    }
    var modulo = new TreeSet<Integer>(new Modulo(10));
    modulo.addAll(List.of(19, 20));
    hint(new TypeHint<TreeSet<Integer>>() {}, modulo);
    var natural = new PriorityQueue<Object>();
    hint(new TypeHint<SortedSet<String>>() {}, new ConcurrentSkipListSet<>(List.of("b", "a")));
    add(Queue.class, JdkSamples::elements, filled(natural, 5, 1, 4, 2), filled(natural, 0));
    add(
        Queue.class,
        JdkSamples::elements,
        filled(new ConcurrentLinkedQueue<>(), 2, 1),
        filled(new LinkedTransferQueue<>(), 2, 1));
    add(
        ConcurrentLinkedQueue.class,
        JdkSamples::elements,
        filled(new ConcurrentLinkedQueue<>(), 1));
    add(Deque.class, JdkSamples::elements, filled(new ConcurrentLinkedDeque<>(), 2, 1));
    add(
        BlockingQueue.class,
        queue -> elements(queue) + " " + queue.remainingCapacity(),
        filled(new LinkedBlockingQueue<>(), 2, 1),
        filled(new LinkedBlockingQueue<>(7), 2, 1),
        filled(new LinkedBlockingDeque<>(7), 2, 1));
    add(LinkedBlockingDeque.class, JdkSamples::elements, filled(new LinkedBlockingDeque<>(), 2, 1));
  }

  private static Object sorted(SortedSet<?> set) {
    return List.of(elements(set), ordering(set.comparator()));
  }

  private static Object sorted(SortedMap<?, ?> map) {
    return List.of(new ArrayList<>(map.entrySet()), ordering(map.comparator()));
  }

  /** One is the same as another if it has the same class, which those here have. */
  private static String ordering(Comparator<?> comparator) {
    return comparator == null ? "natural" : comparator.getClass().getName();
  }

  private void maps() {
    var byColour = new EnumMap<Colour, Object>(Colour.class);
    hint(new TypeHint<EnumMap<Colour, Object>>() {}, new EnumMap<>(byColour));
    byColour.put(Colour.GREEN, new Person("Ada", 36, Colour.RED));
    byColour.put(Colour.RED, null);
    hint(new TypeHint<EnumMap<Colour, Object>>() {}, byColour);
    hint(new TypeHint<Map<Colour, Object>>() {}, byColour);
    add(EnumMap.class, new EnumMap<>(Map.of(Many.G9, 1)), new EnumMap<>(None.class));
    add(Hashtable.class, new Hashtable<>(Map.of("a", 1)));
    var defaults = new Properties();
    defaults.setProperty("a", "default");
    defaults.setProperty("b", "default");
    var properties = new Properties(defaults);
    properties.setProperty("a", "own");
    add(
        Properties.class,
        one -> List.of(new HashMap<>(one), "" + one.getProperty("a"), "" + one.getProperty("b")),
        properties,
        defaults);
    var insensitive = new TreeMap<String, Object>(String.CASE_INSENSITIVE_ORDER);
    insensitive.put("b", 1);
    insensitive.put("A", null);
    var byLength = new TreeMap<String, Object>(ByLength.UP);
    byLength.putAll(insensitive);
    var skip = new ConcurrentSkipListMap<String, Object>(new Backwards());
    skip.putAll(Map.of("x", 1, "y", 2));
    add(TreeMap.class, JdkSamples::sorted, insensitive, byLength);
    add(SortedMap.class, JdkSamples::sorted, insensitive, byLength, skip);
    add(ConcurrentMap.class, skip, new ConcurrentHashMap<>(Map.of(1, 2)));
    add(ConcurrentSkipListMap.class, JdkSamples::sorted, skip);
    var linked = new LinkedHashMap<Object, Object>();
    linked.put("z", 1);
    linked.put("a", 2);
    add(LinkedHashMap.class, Object::toString, linked);
    hint(
        new TypeHint<Map.Entry<String, Integer>>() {},
        Map.entry("a", 1),
        new AbstractMap.SimpleEntry<>("a", null),
        new AbstractMap.SimpleImmutableEntry<>("b", 2),
        new HashMap<>(Map.of("c", 3)).entrySet().iterator().next(),
        new TreeMap<>(Map.of("c", 3)).firstEntry(),
        new TreeMap<>(Map.of("c", 3)).entrySet().iterator().next());
    add(AbstractMap.SimpleEntry.class, new AbstractMap.SimpleEntry<>("a", List.of(1)));
    add(AbstractMap.SimpleImmutableEntry.class, new AbstractMap.SimpleImmutableEntry<>(null, 1));
  }

  /** Classes that no program names; what comes back is equal. */
  private void views() {
    var list = new ArrayList<Object>(List.of("b", "a", "c"));
    var map = new TreeMap<Object, Object>(Map.of("k", 1, "l", 2));
    add(
        List.class,
        list.subList(1, 3),
        new LinkedList<>(list).subList(0, 1),
        Arrays.asList(1, null, "x"),
        Collections.unmodifiableList(list),
        Collections.synchronizedList(list),
        Collections.checkedList(list, Object.class),
        Collections.emptyList(),
        Collections.singletonList(null),
        Collections.nCopies(3, "n"),
        List.of(),
        List.of(1),
        List.of(1, 2, 3),
        List.of(1, 2, 3).subList(1, 2));
    add(
        Collection.class,
        JdkSamples::elements,
        Collections.unmodifiableCollection(list),
        Collections.synchronizedCollection(list),
        map.values(),
        Map.of("k", 1).values());
    add(
        Set.class,
        Collections.unmodifiableSet(new HashSet<>(list)),
        Collections.synchronizedSet(new HashSet<>(list)),
        Collections.emptySet(),
        Collections.singleton("s"),
        filled(Collections.newSetFromMap(new HashMap<>()), "x"),
        Set.of(),
        Set.of(1),
        Set.of(1, 2, 3),
        map.keySet(),
        map.entrySet(),
        Map.of("k", 1).entrySet(),
        new HashMap<>(map).entrySet());
    add(
        Map.class,
        Collections.unmodifiableMap(map),
        Collections.synchronizedMap(map),
        Collections.emptyMap(),
        Collections.singletonMap("k", null),
        Map.of(),
        Map.of(1, 2),
        Map.of(1, 2, 3, 4));
    var reversed = map.descendingMap();
    add(
        SortedMap.class,
        JdkSamples::sorted,
        Collections.unmodifiableSortedMap(map),
        Collections.synchronizedSortedMap(map),
        Collections.emptySortedMap(),
        map.headMap("l"),
        reversed);
    add(
        NavigableMap.class,
        JdkSamples::sorted,
        Collections.unmodifiableNavigableMap(map),
        reversed);
    var set = new TreeSet<Object>(list);
    add(
        NavigableSet.class,
        JdkSamples::sorted,
        Collections.unmodifiableNavigableSet(set),
        Collections.emptyNavigableSet(),
        set.descendingSet(),
        set.tailSet("b", true),
        map.navigableKeySet());
    add(SortedSet.class, JdkSamples::sorted, Collections.unmodifiableSortedSet(set));
  }
}

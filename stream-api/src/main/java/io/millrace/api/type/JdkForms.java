package io.millrace.api.type;

import io.millrace.api.type.JdkForm.Making;
import io.millrace.api.type.JdkForm.Part;
import io.millrace.api.type.JdkForm.Taking;
import io.millrace.api.type.JdkForm.Traits;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.math.MathContext;
import java.math.RoundingMode;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.sql.Time;
import java.sql.Timestamp;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.chrono.ChronoLocalDate;
import java.time.chrono.HijrahDate;
import java.time.chrono.JapaneseDate;
import java.time.chrono.MinguoDate;
import java.time.chrono.ThaiBuddhistDate;
import java.time.temporal.WeekFields;
import java.util.AbstractMap;
import java.util.Date;
import java.util.DoubleSummaryStatistics;
import java.util.GregorianCalendar;
import java.util.HashMap;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.TimeZone;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The forms that there are. The names of a form's parts, their types and their order are part of
 * stored data: they never change.
 */
final class JdkForms {
  private static final Map<Class<?>, JdkForm<?>> ALL = new HashMap<>();
  private static final Map<String, JdkForm<?>> BY_NAME = new HashMap<>();

  static {
    times();
    calendars();
    names();
    addresses();
    numbers();
    holders();
    ALL.forEach((type, form) -> BY_NAME.put(type.getName(), form));
  }

  private JdkForms() {}

  /** The form of values of exactly that class, or of that family; null if there is none. */
  @SuppressWarnings("unchecked") // registered under its own type
  static <T> JdkForm<T> of(Class<T> type) {
    return (JdkForm<T>) ALL.get(type);
  }

  static boolean isNamed(String type) {
    return BY_NAME.containsKey(type);
  }

  private static <T> void add(
      Class<T> type, Traits traits, Taking<T> taking, Making<T> making, Part... parts) {
    ALL.put(type, new JdkForm<>(type, List.of(parts), taking, making, traits));
  }

  /** Of a single part. */
  private static <T, P> void add(
      Class<T> type, Traits traits, Class<P> part, Function<T, P> taking, Single<P, T> making) {
    add(
        type,
        traits,
        (value, loader) -> new Object[] {taking.apply(value)},
        (values, loader) -> making.of(part.cast(values[0])),
        Part.of("value", part));
  }

  private interface Single<P, T> {
    T of(P part) throws Exception;
  }

  @SuppressWarnings("unchecked") // a class has no type arguments
  private static <T> Class<T> generic(Class<?> type) {
    return (Class<T>) type;
  }

  private static NoSerializerException refused(Object value, String reason, String remedy) {
    return new NoSerializerException(value.getClass().getName(), "", reason, remedy);
  }

  private static void times() {
    add(
        Timestamp.class,
        Traits.KEYED,
        (value, loader) -> new Object[] {value.getTime(), value.getNanos()},
        (parts, loader) -> {
          var made = new Timestamp((Long) parts[0]);
          made.setNanos((Integer) parts[1]);
          return made;
        },
        Part.of("millis", Long.class),
        Part.of("nanos", Integer.class));
    add(java.sql.Date.class, Traits.KEYED, Long.class, Date::getTime, java.sql.Date::new);
    add(Time.class, Traits.KEYED, Long.class, Date::getTime, Time::new);
    add(ZoneId.class, Traits.FROZEN_AND_KEYED, String.class, ZoneId::getId, ZoneId::of);
    add(
        WeekFields.class,
        Traits.FROZEN_AND_KEYED,
        (value, loader) ->
            new Object[] {value.getFirstDayOfWeek().getValue(), value.getMinimalDaysInFirstWeek()},
        (parts, loader) -> WeekFields.of(DayOfWeek.of((Integer) parts[0]), (Integer) parts[1]),
        Part.of("first", Integer.class),
        Part.of("minimal", Integer.class));
    addDate(HijrahDate.class, HijrahDate::from);
    addDate(JapaneseDate.class, JapaneseDate::from);
    addDate(MinguoDate.class, MinguoDate::from);
    addDate(ThaiBuddhistDate.class, ThaiBuddhistDate::from);
  }

  private static <T extends ChronoLocalDate> void addDate(
      Class<T> type, Function<LocalDate, T> making) {
    add(type, Traits.FROZEN_AND_KEYED, LocalDate.class, LocalDate::from, making::apply);
  }

  private static void calendars() {
    add(TimeZone.class, Traits.PLAIN, String.class, JdkForms::zoneName, JdkForms::zone);
    add(
        GregorianCalendar.class,
        Traits.PLAIN,
        (value, loader) ->
            new Object[] {
              ((GregorianCalendar) value.clone()).getTimeInMillis(),
              zoneName(value.getTimeZone()),
              value.isLenient(),
              value.getFirstDayOfWeek(),
              value.getMinimalDaysInFirstWeek(),
              value.getGregorianChange().getTime()
            },
        (parts, loader) -> {
          var made = new GregorianCalendar(zone((String) parts[1]));
          made.setLenient((Boolean) parts[2]);
          made.setFirstDayOfWeek((Integer) parts[3]);
          made.setMinimalDaysInFirstWeek((Integer) parts[4]);
          made.setGregorianChange(new Date((Long) parts[5]));
          made.setTimeInMillis((Long) parts[0]);
          return made;
        },
        Part.of("millis", Long.class),
        Part.of("zone", String.class),
        Part.of("lenient", Boolean.class),
        Part.of("first", Integer.class),
        Part.of("minimal", Integer.class),
        Part.of("change", Long.class));
  }

  private static String zoneName(TimeZone zone) {
    // One of the program's own making may have rules that its name does not say.
    if (!zone.equals(TimeZone.getTimeZone(zone.getID()))) {
      throw refused(zone, "it has rules of its own", "use a ZoneId, or a zone that has a name");
    }
    return zone.getID();
  }

  private static TimeZone zone(String name) {
    TimeZone zone = TimeZone.getTimeZone(name);
    if (!zone.getID().equals(name)) {
      throw new CorruptDataException("there is no time zone " + name);
    }
    return zone;
  }

  private static void names() {
    add(File.class, Traits.FROZEN_AND_KEYED, String.class, File::getPath, File::new);
    add(Path.class, Traits.FROZEN_AND_KEYED, String.class, JdkForms::pathName, Path::of);
    // The tag says all of a locale that is well-formed; one of another time says the rest.
    add(
        Locale.class,
        Traits.FROZEN_AND_KEYED,
        (value, loader) -> {
          String tag = value.toLanguageTag();
          return Locale.forLanguageTag(tag).equals(value)
              ? new Object[] {tag, null, null, null}
              : new Object[] {null, value.getLanguage(), value.getCountry(), value.getVariant()};
        },
        (parts, loader) ->
            parts[0] == null
                ? new Locale((String) parts[1], (String) parts[2], (String) parts[3])
                : Locale.forLanguageTag((String) parts[0]),
        Part.of("tag", String.class),
        Part.of("language", String.class),
        Part.of("country", String.class),
        Part.of("variant", String.class));
    add(Charset.class, Traits.FROZEN_AND_KEYED, String.class, Charset::name, Charset::forName);
    add(URL.class, Traits.FROZEN, String.class, UnresolvedUrls::written, UnresolvedUrls::of);
    add(
        Pattern.class,
        Traits.FROZEN,
        (value, loader) -> new Object[] {value.pattern(), flags(value)},
        (parts, loader) -> {
          int flags = (Integer) parts[1];
          if ((flags & Pattern.CANON_EQ) != 0) {
            throw new CorruptDataException("a pattern for canonical equivalence");
          }
          return Pattern.compile((String) parts[0], flags);
        },
        Part.of("pattern", String.class),
        Part.of("flags", Integer.class));
    add(
        JdkForms.<Class<?>>generic(Class.class),
        Traits.FROZEN_AND_KEYED,
        (value, loader) -> new Object[] {className(value, loader)},
        (parts, loader) -> AllowedClasses.namedOrPrimitive((String) parts[0], loader),
        Part.of("name", String.class));
    add(
        StackTraceElement.class,
        Traits.FROZEN_AND_KEYED,
        (value, loader) ->
            new Object[] {
              value.getClassLoaderName(),
              value.getModuleName(),
              value.getModuleVersion(),
              value.getClassName(),
              value.getMethodName(),
              value.getFileName(),
              value.getLineNumber()
            },
        (parts, loader) ->
            new StackTraceElement(
                (String) parts[0],
                (String) parts[1],
                (String) parts[2],
                (String) parts[3],
                (String) parts[4],
                (String) parts[5],
                (Integer) parts[6]),
        Part.of("loader", String.class),
        Part.of("module", String.class),
        Part.of("version", String.class),
        Part.of("class", String.class),
        Part.of("method", String.class),
        Part.of("file", String.class),
        Part.of("line", Integer.class));
  }

  private static String className(Class<?> type, ClassLoader loader) {
    if (AllowedClasses.namedOrPrimitive(type.getName(), loader) != type) {
      throw new NoSerializerException(
          type.getName(), "", "its name stands for another class", "keep its name in a String");
    }
    return type.getName();
  }

  private static String pathName(Path path) {
    if (path.getFileSystem() != FileSystems.getDefault()) {
      throw refused(path, "it is not of the default file system", "keep its URI");
    }
    return path.toString();
  }

  /**
   * Those that it was compiled with. What {@link Pattern#flags} answers has those in it, too, that
   * the expression itself switches on somewhere; only its serialised form tells.
   */
  private static int flags(Pattern pattern) {
    int flags = pattern.pattern().contains("(?") ? flagsIn(pattern) : pattern.flags();
    if ((flags & Pattern.CANON_EQ) != 0) {
      throw refused(
          pattern,
          "compiling it may take forever for canonical equivalence, and data must not do that",
          "keep the expression in a String");
    }
    return flags;
  }

  /** An int, then the text: behind what is the same for all patterns. */
  private static int flagsIn(Pattern pattern) {
    int emptyText = 3;
    int at = serialised(Pattern.compile("")).length - emptyText - Integer.BYTES;
    return ByteBuffer.wrap(serialised(pattern)).getInt(at);
  }

  private static byte[] serialised(Pattern pattern) {
    var bytes = new ByteArrayOutputStream();
    try (var out = new ObjectOutputStream(bytes)) {
      out.writeObject(pattern);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void addresses() {
    add(
        Inet4Address.class,
        Traits.FROZEN,
        (value, loader) -> new Object[] {hostName(value), value.getAddress()},
        (parts, loader) ->
            (Inet4Address) InetAddress.getByAddress((String) parts[0], (byte[]) parts[1]),
        Part.of("host", String.class),
        Part.of("address", byte[].class));
    add(
        Inet6Address.class,
        Traits.FROZEN,
        (value, loader) -> new Object[] {hostName(value), value.getAddress(), value.getScopeId()},
        (parts, loader) ->
            Inet6Address.getByAddress(
                (String) parts[0], (byte[]) parts[1], scope((Integer) parts[2])),
        Part.of("host", String.class),
        Part.of("address", byte[].class),
        Part.of("scope", Integer.class));
    add(
        InetSocketAddress.class,
        Traits.FROZEN,
        (value, loader) ->
            new Object[] {
              value.isUnresolved() ? value.getHostString() : null,
              value.getAddress(),
              value.getPort()
            },
        (parts, loader) ->
            parts[1] == null
                ? InetSocketAddress.createUnresolved((String) parts[0], (Integer) parts[2])
                : new InetSocketAddress((InetAddress) parts[1], (Integer) parts[2]),
        Part.of("host", String.class),
        Part.of("address", InetAddress.class),
        Part.of("port", Integer.class));
  }

  /** Its name if it has one already; to ask for it would look it up. */
  private static String hostName(InetAddress address) {
    String text = address.toString();
    String name = text.substring(0, text.lastIndexOf('/'));
    return name.isEmpty() ? null : name;
  }

  /** None is 0 where it is asked for, and negative where it is set. */
  private static int scope(int id) {
    return id == 0 ? -1 : id;
  }

  private static void numbers() {
    add(
        MathContext.class,
        Traits.FROZEN_AND_KEYED,
        (value, loader) -> new Object[] {value.getPrecision(), value.getRoundingMode()},
        (parts, loader) -> new MathContext((Integer) parts[0], (RoundingMode) parts[1]),
        Part.of("precision", Integer.class),
        Part.of("rounding", RoundingMode.class));
    add(
        IntSummaryStatistics.class,
        Traits.PLAIN,
        (value, loader) ->
            new Object[] {value.getCount(), value.getMin(), value.getMax(), value.getSum()},
        (parts, loader) ->
            new IntSummaryStatistics(
                (Long) parts[0], (Integer) parts[1], (Integer) parts[2], (Long) parts[3]),
        Part.of("count", Long.class),
        Part.of("min", Integer.class),
        Part.of("max", Integer.class),
        Part.of("sum", Long.class));
    add(
        LongSummaryStatistics.class,
        Traits.PLAIN,
        (value, loader) ->
            new Object[] {value.getCount(), value.getMin(), value.getMax(), value.getSum()},
        (parts, loader) ->
            new LongSummaryStatistics(
                (Long) parts[0], (Long) parts[1], (Long) parts[2], (Long) parts[3]),
        Part.of("count", Long.class),
        Part.of("min", Long.class),
        Part.of("max", Long.class),
        Part.of("sum", Long.class));
    add(
        DoubleSummaryStatistics.class,
        Traits.PLAIN,
        (value, loader) -> {
          boolean few = Double.isNaN(value.getMin()) != Double.isNaN(value.getSum());
          if (few) {
            throw refused(
                value,
                "it has summed up both infinities",
                "keep count, sum, least and greatest in a record");
          }
          return new Object[] {value.getCount(), value.getMin(), value.getMax(), value.getSum()};
        },
        (parts, loader) ->
            new DoubleSummaryStatistics(
                (Long) parts[0], (Double) parts[1], (Double) parts[2], (Double) parts[3]),
        Part.of("count", Long.class),
        Part.of("min", Double.class),
        Part.of("max", Double.class),
        Part.of("sum", Double.class));
    add(
        LongAdder.class,
        Traits.PLAIN,
        Long.class,
        LongAdder::sum,
        sum -> {
          var made = new LongAdder();
          made.add(sum);
          return made;
        });
    add(
        DoubleAdder.class,
        Traits.PLAIN,
        Double.class,
        DoubleAdder::sum,
        sum -> {
          var made = new DoubleAdder();
          made.add(sum);
          return made;
        });
  }

  private static void holders() {
    add(
        AtomicIntegerArray.class,
        Traits.PLAIN,
        int[].class,
        value -> {
          var all = new int[value.length()];
          for (int i = 0; i < all.length; i++) {
            all[i] = value.get(i);
          }
          return all;
        },
        AtomicIntegerArray::new);
    add(
        AtomicLongArray.class,
        Traits.PLAIN,
        long[].class,
        value -> {
          var all = new long[value.length()];
          for (int i = 0; i < all.length; i++) {
            all[i] = value.get(i);
          }
          return all;
        },
        AtomicLongArray::new);
    add(
        JdkForms.<AtomicReferenceArray<?>>generic(AtomicReferenceArray.class),
        Traits.PLAIN,
        Object[].class,
        value -> {
          var all = new Object[value.length()];
          for (int i = 0; i < all.length; i++) {
            all[i] = value.get(i);
          }
          return all;
        },
        AtomicReferenceArray::new);
    add(
        ByteBuffer.class,
        Traits.PLAIN,
        (value, loader) -> {
          var all = new byte[value.remaining()];
          value.duplicate().get(all);
          return new Object[] {all, value.order() == ByteOrder.BIG_ENDIAN};
        },
        (parts, loader) ->
            ByteBuffer.wrap((byte[]) parts[0])
                .order((Boolean) parts[1] ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN),
        Part.of("bytes", byte[].class),
        Part.of("big", Boolean.class));
    addEntry(AbstractMap.SimpleEntry.class, Traits.PLAIN, AbstractMap.SimpleEntry::new);
    addEntry(
        AbstractMap.SimpleImmutableEntry.class,
        Traits.FROZEN,
        AbstractMap.SimpleImmutableEntry::new);
    addEntry(
        Map.Entry.class,
        Traits.FROZEN,
        (key, value) ->
            key == null || value == null
                ? new AbstractMap.SimpleImmutableEntry<>(key, value)
                : Map.entry(key, value));
  }

  private interface Pairing {
    Map.Entry<?, ?> of(Object key, Object value);
  }

  @SuppressWarnings({"rawtypes", "unchecked"}) // the pairing makes what the type says
  /** No keys: entries of several classes are equal to each other, and their bytes are not. */
  private static void addEntry(Class<? extends Map.Entry> type, Traits traits, Pairing pairing) {
    add(
        JdkForms.<Map.Entry<?, ?>>generic(type),
        traits,
        (value, loader) -> new Object[] {value.getKey(), value.getValue()},
        (parts, loader) -> pairing.of(parts[0], parts[1]),
        Part.argument("key", 0),
        Part.argument("value", 1));
  }
}

package io.millrace.api.type;

import java.io.File;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URL;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.sql.Time;
import java.sql.Timestamp;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Month;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.chrono.ChronoLocalDate;
import java.time.chrono.ChronoLocalDateTime;
import java.time.chrono.ChronoPeriod;
import java.time.chrono.ChronoZonedDateTime;
import java.time.chrono.HijrahDate;
import java.time.chrono.IsoEra;
import java.time.chrono.JapaneseDate;
import java.time.chrono.MinguoDate;
import java.time.chrono.ThaiBuddhistDate;
import java.time.format.FormatStyle;
import java.time.format.ResolverStyle;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.Temporal;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalAmount;
import java.time.temporal.TemporalField;
import java.time.temporal.TemporalUnit;
import java.time.temporal.WeekFields;
import java.util.AbstractCollection;
import java.util.AbstractList;
import java.util.AbstractMap;
import java.util.AbstractQueue;
import java.util.AbstractSet;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Calendar;
import java.util.Collection;
import java.util.Currency;
import java.util.Date;
import java.util.Deque;
import java.util.Dictionary;
import java.util.DoubleSummaryStatistics;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.GregorianCalendar;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.IntSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Properties;
import java.util.Queue;
import java.util.RandomAccess;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.Stack;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.Vector;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TransferQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Classes of the JDK that hold data, which data may therefore name: Kryo can write them, or we know
 * their {@link JdkForm} or {@link ContainerKind}.
 */
final class JdkClasses {
  /** Those that a value may have, or stand for, by their names. */
  static final Map<String, Class<?>> LISTED =
      Stream.<Class<?>>of(
              Boolean.class,
              Byte.class,
              Short.class,
              Character.class,
              Integer.class,
              Long.class,
              Float.class,
              Double.class,
              String.class,
              Object.class,
              Class.class,
              StackTraceElement.class,
              StringBuilder.class,
              StringBuffer.class,
              BigInteger.class,
              BigDecimal.class,
              MathContext.class,
              RoundingMode.class,
              Instant.class,
              Duration.class,
              LocalDate.class,
              LocalTime.class,
              LocalDateTime.class,
              OffsetDateTime.class,
              OffsetTime.class,
              ZonedDateTime.class,
              ZoneId.class,
              ZoneOffset.class,
              Year.class,
              YearMonth.class,
              MonthDay.class,
              Period.class,
              DayOfWeek.class,
              Month.class,
              HijrahDate.class,
              JapaneseDate.class,
              MinguoDate.class,
              ThaiBuddhistDate.class,
              IsoEra.class,
              FormatStyle.class,
              ResolverStyle.class,
              TextStyle.class,
              ChronoField.class,
              ChronoUnit.class,
              WeekFields.class,
              TimeUnit.class,
              UUID.class,
              Optional.class,
              OptionalInt.class,
              OptionalLong.class,
              OptionalDouble.class,
              Date.class,
              java.sql.Date.class,
              Time.class,
              Timestamp.class,
              TimeZone.class,
              GregorianCalendar.class,
              BitSet.class,
              Currency.class,
              Locale.class,
              IntSummaryStatistics.class,
              LongSummaryStatistics.class,
              DoubleSummaryStatistics.class,
              Pattern.class,
              URI.class,
              URL.class,
              Inet4Address.class,
              Inet6Address.class,
              InetSocketAddress.class,
              File.class,
              ByteBuffer.class,
              Charset.class,
              Path.class,
              AtomicInteger.class,
              AtomicLong.class,
              AtomicBoolean.class,
              AtomicReference.class,
              AtomicIntegerArray.class,
              AtomicLongArray.class,
              AtomicReferenceArray.class,
              LongAdder.class,
              DoubleAdder.class,
              List.class,
              ArrayList.class,
              LinkedList.class,
              Vector.class,
              Stack.class,
              CopyOnWriteArrayList.class,
              ArrayDeque.class,
              PriorityQueue.class,
              ConcurrentLinkedQueue.class,
              ConcurrentLinkedDeque.class,
              LinkedTransferQueue.class,
              LinkedBlockingQueue.class,
              LinkedBlockingDeque.class,
              PriorityBlockingQueue.class,
              Set.class,
              HashSet.class,
              LinkedHashSet.class,
              TreeSet.class,
              EnumSet.class,
              ConcurrentSkipListSet.class,
              CopyOnWriteArraySet.class,
              ConcurrentHashMap.KeySetView.class,
              Map.class,
              HashMap.class,
              LinkedHashMap.class,
              TreeMap.class,
              EnumMap.class,
              Hashtable.class,
              Properties.class,
              ConcurrentHashMap.class,
              ConcurrentSkipListMap.class,
              Map.Entry.class,
              AbstractMap.SimpleEntry.class,
              AbstractMap.SimpleImmutableEntry.class)
          .collect(Collectors.toUnmodifiableMap(Class::getName, type -> type));

  /** Open types that may be declared: the value's own class decides. */
  static final List<Class<?>> OPEN =
      List.of(
          Object.class,
          Number.class,
          Comparable.class,
          CharSequence.class,
          Serializable.class,
          Cloneable.class,
          Iterable.class,
          RandomAccess.class,
          Collection.class,
          Queue.class,
          Deque.class,
          BlockingQueue.class,
          BlockingDeque.class,
          TransferQueue.class,
          SortedSet.class,
          NavigableSet.class,
          SortedMap.class,
          NavigableMap.class,
          ConcurrentMap.class,
          ConcurrentNavigableMap.class,
          Dictionary.class,
          AbstractCollection.class,
          AbstractList.class,
          AbstractSet.class,
          AbstractQueue.class,
          AbstractMap.class,
          EnumSet.class,
          Map.Entry.class,
          Enum.class,
          Record.class,
          ZoneId.class,
          ChronoLocalDate.class,
          ChronoLocalDateTime.class,
          ChronoZonedDateTime.class,
          ChronoPeriod.class,
          Temporal.class,
          TemporalAccessor.class,
          TemporalAmount.class,
          TemporalField.class,
          TemporalUnit.class,
          TimeZone.class,
          Calendar.class,
          InetAddress.class,
          SocketAddress.class,
          Buffer.class,
          ByteBuffer.class,
          Charset.class,
          Path.class);

  /** Classes of which whatever extends them has no state but its own. */
  static final List<Class<?>> BARE = List.of(Object.class, Number.class, Enum.class, Record.class);

  /** Listed, for all their subclasses that are not: classes that only the JDK itself names. */
  static final List<Class<?>> FAMILIES =
      List.of(
          ZoneId.class,
          Charset.class,
          Path.class,
          TimeZone.class,
          ByteBuffer.class,
          EnumSet.class,
          Map.Entry.class);

  private JdkClasses() {}
}

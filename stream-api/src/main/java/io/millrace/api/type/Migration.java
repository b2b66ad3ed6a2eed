package io.millrace.api.type;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How values that were written when their type had one shape are read into what the type is now.
 * Made once from both; a value costs no comparison.
 *
 * <p>Fields are found by their names: those that were added get 0, false or null (in a POJO what
 * its constructor leaves there), those that are gone are read over, others may have changed places.
 * Primitives may become wider where that loses nothing, or their box; members of sealed families
 * and constants of enums may come and go, and are refused only where a value has one that is gone.
 *
 * @param <T> what the type is now
 */
public final class Migration<T> {
  private static final int MAX_REPORTED = 5;

  private final Serializer<T> serializer;
  private final List<String> changes;
  private final List<String> refusals;
  private final List<String> losses;

  private Migration(
      Serializer<T> serializer, List<String> changes, List<String> refusals, List<String> losses) {
    this.serializer = serializer;
    this.changes = List.copyOf(changes);
    this.refusals = List.copyOf(refusals);
    this.losses = List.copyOf(losses);
  }

  /** What a value is for, which says how much of it must stay. */
  public enum Use {
    /** Read, and never compared. */
    VALUE,
    /** Found by being equal: no two values that differ may become the same. */
    MAP_KEY,
    /** Says which key group it belongs to: its hash must stay as well. */
    KEY
  }

  /** Compares the shapes and makes the plan. */
  public static <T> Migration<T> of(Shape written, Serializer<T> now, Use use) {
    return new MigrationPlan(written).whole(now, use);
  }

  /** The same for entries that {@link Shape#of(Serializer, Serializer)} describes. */
  public static <K, V> Entries<K, V> ofEntries(
      Shape written, Serializer<K> keys, Serializer<V> values) {
    return new MigrationPlan(written).entries(keys, values);
  }

  /**
   * @param reading null if the type reads what was written as it is
   */
  static <T> Migration<T> planned(
      Serializer<T> now,
      Reading reading,
      List<String> changes,
      List<String> refusals,
      List<String> losses) {
    Serializer<T> serializer = reading == null ? now : new Migrated<>(now, reading);
    return new Migration<>(refusals.isEmpty() ? serializer : null, changes, refusals, losses);
  }

  /** Keys and values that were written in turn. */
  public record Entries<K, V>(Migration<K> keys, Migration<V> values) {
    /** As {@link Migration#refusal}. */
    public Optional<String> refusal() {
      return inWords(joined(keys.refusals, values.refusals));
    }

    /** As {@link Migration#changes}. */
    public List<String> changes() {
      return joined(keys.changes, values.changes);
    }

    /** As {@link Migration#losses}. */
    public List<String> losses() {
      return joined(keys.losses, values.losses);
    }

    private static List<String> joined(List<String> some, List<String> more) {
      var all = new ArrayList<>(some);
      more.stream().filter(one -> !all.contains(one)).forEach(all::add);
      return all;
    }
  }

  /** In words, what makes the old values unreadable; empty if they can be read. */
  public Optional<String> refusal() {
    return inWords(refusals);
  }

  private static Optional<String> inWords(List<String> refusals) {
    return refusals.isEmpty()
        ? Optional.empty()
        : Optional.of(
            String.join("; ", refusals.subList(0, Math.min(refusals.size(), MAX_REPORTED))));
  }

  /** In words, how the type is another one now; empty if it is the same. */
  public List<String> changes() {
    return changes;
  }

  /**
   * Those of the changes that a value may be in the way of: members and constants that are gone.
   * Whether one is shows only when all are read.
   */
  public List<String> losses() {
    return losses;
  }

  /**
   * Reads what was written then; writes, copies and hashes as the type does now.
   *
   * @throws IllegalStateException if the old values cannot be read
   */
  public Serializer<T> serializer() {
    if (serializer == null) {
      throw new IllegalStateException("what cannot be migrated is not read: " + refusals);
    }
    return serializer;
  }
}

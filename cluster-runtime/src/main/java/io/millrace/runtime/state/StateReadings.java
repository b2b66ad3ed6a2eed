package io.millrace.runtime.state;

import io.millrace.api.state.StateMigrationException;
import io.millrace.api.type.Shape;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How the blocks of one state are read: as they were written, into what the program declares now.
 * Each shape is compared once, before any of its bytes is read.
 */
final class StateReadings {
  private final String state;
  private final StateKind declared;
  private final Map<Shape, StateKind> readings = new LinkedHashMap<>();
  private Shape last;
  private StateKind lastReading;

  StateReadings(String state, StateKind declared) {
    this.state = state;
    this.declared = declared;
  }

  /**
   * @throws StateMigrationException if the program declares what cannot be made of it
   */
  StateKind of(Portable.Block block) {
    if ((block.kind() & ~StateKind.TIMED) != (declared.code() & ~StateKind.TIMED)) {
      throw new StateMigrationException(
          "state '"
              + state
              + "' is "
              + StateKind.nameOf(block.kind())
              + " in the checkpoint, but the program declares "
              + StateKind.nameOf(declared.code())
              + "; give the new state another name");
    }
    // Blocks of one part share one shape.
    if (block.shape() != last) {
      if (!Meaning.agree(block.types(), declared.types())) {
        throw anotherMeaning(block.types());
      }
      lastReading = readings.computeIfAbsent(block.shape(), shape -> reading(block));
      last = block.shape();
    }
    return lastReading;
  }

  private StateKind reading(Portable.Block block) {
    StateKind.Plan plan = declared.reading(block.shape());
    plan.refusal()
        .ifPresent(
            changes -> {
              throw declared.types().equals(block.types())
                  ? changed(block.types(), changes)
                  : another(block.types());
            });
    return plan.kind();
  }

  private StateMigrationException anotherMeaning(String types) {
    return new StateMigrationException(
        "state '"
            + state
            + "' holds "
            + Meaning.of(types)
            + " in the checkpoint, but the program has "
            + Meaning.of(declared.types())
            + "; let it have what it had, or give the operator another uid and drop the old state"
            + " with --allowNonRestoredState");
  }

  private StateMigrationException another(String types) {
    return new StateMigrationException(
        "state '"
            + state
            + "' holds "
            + types
            + " in the checkpoint, but the program declares "
            + declared.types()
            + "; declare what it was, or give the new state another name");
  }

  private StateMigrationException changed(String types, String changes) {
    return new StateMigrationException(
        "state '"
            + state
            + "' holds "
            + types
            + ", which has changed since the checkpoint: "
            + changes
            + "; restore the fields, or give the changed class or the state a new name");
  }
}

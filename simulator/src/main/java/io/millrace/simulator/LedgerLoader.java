package io.millrace.simulator;

import java.util.Optional;

/**
 * The job's class loader in a simulated process; the way by which the code of simulated jobs finds
 * the ledger and the outside of its world.
 */
final class LedgerLoader extends ClassLoader {
  private final Ledger ledger;
  private final Outside outside;

  /**
   * @param parent finds the job's classes
   */
  LedgerLoader(Ledger ledger, Outside outside, ClassLoader parent) {
    super(parent);
    this.ledger = ledger;
    this.outside = outside;
  }

  static Ledger ledgerOf(ClassLoader loader) {
    return mine(loader).ledger;
  }

  /** Empty where nobody simulates anything. */
  static Optional<Outside> outsideIn(ClassLoader loader) {
    return loader instanceof LedgerLoader mine ? Optional.of(mine.outside) : Optional.empty();
  }

  private static LedgerLoader mine(ClassLoader loader) {
    if (loader instanceof LedgerLoader mine) {
      return mine;
    }
    throw new IllegalStateException("this job runs only in the simulator");
  }
}

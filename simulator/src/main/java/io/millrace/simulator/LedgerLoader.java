package io.millrace.simulator;

/**
 * The job's class loader in a simulated process; the way by which a simulated sink finds the ledger
 * of its world.
 */
final class LedgerLoader extends ClassLoader {
  private final Ledger ledger;

  LedgerLoader(Ledger ledger) {
    super(LedgerLoader.class.getClassLoader());
    this.ledger = ledger;
  }

  static Ledger ledgerOf(ClassLoader loader) {
    if (loader instanceof LedgerLoader mine) {
      return mine.ledger;
    }
    throw new IllegalStateException("this job runs only in the simulator");
  }
}

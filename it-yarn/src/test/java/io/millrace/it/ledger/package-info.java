/**
 * The ledger: a job whose every line of output can be recomputed from a seed, and the verifier that
 * does so without any part of the engine. What {@link io.millrace.it.ledger.LedgerJob} needs at run
 * time travels in a jar made of this package.
 */
package io.millrace.it.ledger;

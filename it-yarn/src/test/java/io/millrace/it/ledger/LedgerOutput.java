package io.millrace.it.ledger;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;

/** Where a verifier finds what the job has shown. */
public interface LedgerOutput {
  /**
   * @param name of the output, such as {@code entries}
   * @return its files, in any order
   */
  List<String> files(String name) throws IOException;

  BufferedReader open(String file) throws IOException;
}

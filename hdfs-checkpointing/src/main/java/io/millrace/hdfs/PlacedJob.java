package io.millrace.hdfs;

import io.millrace.runtime.protocol.JobSpec;

/**
 * A job whose jars and files lie where its cluster fetches them.
 *
 * @param uploadedBytes what had to travel
 * @param knownBytes what the cluster had already
 */
public record PlacedJob(JobSpec spec, long uploadedBytes, long knownBytes) {
  /** For people. */
  public String described() {
    return described(uploadedBytes, knownBytes);
  }

  public static String described(long uploaded, long known) {
    return "Uploaded " + uploaded + " bytes; " + known + " bytes were there already";
  }
}

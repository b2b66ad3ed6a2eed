package io.millrace.it;

import io.millrace.runtime.checkpoint.DeploymentRecord;
import io.millrace.runtime.checkpoint.Facts;
import io.millrace.runtime.checkpoint.Manifest;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/** What a job has made durable, read from the outside while the job goes on writing it. */
final class JobDirectoryView {
  private static final Pattern MANIFEST = Pattern.compile("epochs/([^/]+)/manifest-(\\d+)$");
  private static final Pattern DEPLOYMENT = Pattern.compile("epochs/[^/]+/deployment-(\\d+)$");

  private final Hdfs hdfs;
  private final String directory;

  JobDirectoryView(Hdfs hdfs, String jobId) {
    this.hdfs = hdfs;
    this.directory = hdfs.home() + "/.millrace/checkpoints/" + jobId;
  }

  String directory() {
    return directory;
  }

  /** Id of the newest completed checkpoint; 0 if there is none. */
  long newestCheckpoint() throws IOException {
    return manifests().stream().mapToLong(JobDirectoryView::checkpointOf).max().orElse(0);
  }

  /** Address of the newest completed checkpoint, for {@code run -s}. */
  String newestCheckpointUri() throws IOException {
    return hdfs.uri(newestManifestFile().orElseThrow());
  }

  Optional<Manifest> newestManifest() throws IOException {
    Optional<String> file = newestManifestFile();
    if (file.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Facts.decode(Manifest.class, read(file.get())));
    } catch (FileNotFoundException e) {
      return Optional.empty(); // a newer one has taken its place
    }
  }

  /** Whether the newest completed checkpoint holds records on their way between the two. */
  boolean inFlight(String from, String to) throws IOException {
    return newestManifest().stream()
        .flatMap(manifest -> manifest.states().stream())
        .flatMap(state -> state.channels().stream())
        .anyMatch(channel -> channel.from().equals(from) && channel.to().equals(to));
  }

  private Optional<String> newestManifestFile() throws IOException {
    return manifests().stream().max(Comparator.comparingLong(JobDirectoryView::checkpointOf));
  }

  private List<String> manifests() throws IOException {
    return hdfs.allFiles(directory).stream().filter(path -> MANIFEST.matcher(path).find()).toList();
  }

  private static long checkpointOf(String path) {
    Matcher matcher = MANIFEST.matcher(path);
    return matcher.find() ? Long.parseLong(matcher.group(2)) : 0;
  }

  /** What was deployed last; empty while another epoch is being claimed. */
  Optional<DeploymentRecord> newestDeployment() throws IOException {
    var found = new ArrayList<DeploymentRecord>();
    for (String path : hdfs.allFiles(directory)) {
      if (DEPLOYMENT.matcher(path).find()) {
        try {
          found.add(Facts.decode(DeploymentRecord.class, read(path)));
        } catch (FileNotFoundException e) {
          continue; // sealed or cleaned up meanwhile
        }
      }
    }
    return found.stream().max(Comparator.comparingInt(DeploymentRecord::generation));
  }

  private byte[] read(String path) throws IOException {
    try (FSDataInputStream in = hdfs.fileSystem().open(new Path(path))) {
      return in.readAllBytes();
    }
  }
}

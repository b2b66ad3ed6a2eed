package io.millrace.yarn;

import org.apache.hadoop.fs.Path;
import org.apache.hadoop.yarn.api.records.LocalResource;
import org.apache.hadoop.yarn.api.records.LocalResourceType;
import org.apache.hadoop.yarn.api.records.LocalResourceVisibility;
import org.apache.hadoop.yarn.api.records.URL;

/**
 * A file that every container finds in its working directory. Named by its content where it lies,
 * so nodes that have fetched it once for this user need not fetch it again.
 *
 * @param link its name in the working directory
 */
record StagedFile(String link, String location, long length, long modifiedMillis) {
  LocalResource resource() {
    return LocalResource.newInstance(
        URL.fromPath(new Path(location)),
        LocalResourceType.FILE,
        LocalResourceVisibility.PRIVATE,
        length,
        modifiedMillis);
  }
}

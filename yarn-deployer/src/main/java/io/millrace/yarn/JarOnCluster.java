package io.millrace.yarn;

import io.millrace.runtime.protocol.JarRef;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A program's jar that lies where containers fetch it from, so that nothing of it is uploaded. It
 * is read once all the same: jars are known by their content everywhere.
 */
record JarOnCluster(JarRef ref, StagedFile file) {
  static JarOnCluster at(String location, Configuration conf) throws DeployRefusedException {
    try {
      var path = new Path(location);
      FileSystem files = path.getFileSystem(conf);
      FileStatus status = files.getFileStatus(path);
      if (!status.isFile()) {
        throw new DeployRefusedException("the program's jar is not a file: " + location);
      }
      String sha256 = sha256(files, path);
      String link = "jars/" + sha256 + ".jar";
      return new JarOnCluster(
          new JarRef(sha256, path.getName(), link),
          new StagedFile(
              link, status.getPath().toString(), status.getLen(), status.getModificationTime()));
    } catch (FileNotFoundException e) {
      throw new DeployRefusedException(
          "the program's jar does not exist: " + location + "; put it there, or correct the path");
    } catch (IOException | IllegalArgumentException e) {
      throw new DeployRefusedException("the program's jar cannot be read at " + location, e);
    }
  }

  private static String sha256(FileSystem files, Path path) throws IOException {
    try (InputStream in = files.open(path)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[1 << 16];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}

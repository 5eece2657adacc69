package dev.tenon.tune;

import dev.tenon.error.TuningFileException;
import dev.tenon.formats.AtomicFile;
import dev.tenon.formats.ModelFileException;
import dev.tenon.kernel.Caches;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * The file of measurements. A measurement has a CPU, a number of threads, a kernel and a shape, and the cache sizes
 * whose blocks were fastest.
 *
 * <p>It is a text file. The first line has the version. Each measurement is a line of fields with tabs between them.
 * The last line has the number of measurements and the checksum of everything before it. A file of another form is
 * refused as a whole.
 */
final class TuningFile {
    private static final String HEAD = "tenon tuning 1";
    private static final String END = "end";
    private static final long MOST_BYTES = 64L << 20;
    private static final int FIELDS = 5;

    private TuningFile() {}

    /**
     * Reads a file.
     *
     * @param path the file
     * @return its measurements; empty if the file does not exist
     * @throws TuningFileException if it can't be read, is damaged, or is another kind of file
     */
    static Map<TuningKey, Caches> read(Path path) {
        try {
            if (Files.exists(path) && Files.size(path) > MOST_BYTES) {
                throw refused(path, Files.size(path) + " bytes", null);
            }
            byte[] bytes = Files.readAllBytes(path);
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return parse(path, text);
        } catch (NoSuchFileException e) {
            return new TreeMap<>();
        } catch (CharacterCodingException e) {
            throw refused(path, "bytes that are no UTF-8", e);
        } catch (IOException e) {
            throw new TuningFileException(
                    path.toString(), e.toString(), "a file that can be read", "check path and permissions", e);
        }
    }

    private static Map<TuningKey, Caches> parse(Path path, String text) {
        int last = text.lastIndexOf('\n', Math.max(0, text.length() - 2)) + 1;
        String body = text.substring(0, last);
        String[] lines = body.split("\n", -1);
        if (!lines[0].equals(HEAD)) {
            throw refused(path, "another first line", null);
        }
        int count = lines.length - 2;
        if (!text.equals(body + end(count, body))) {
            throw refused(path, "another last line than its content has", null);
        }
        Map<TuningKey, Caches> found = new TreeMap<>();
        for (int i = 1; i <= count; i++) {
            String[] fields = lines[i].split("\t", -1);
            Caches caches = fields.length == FIELDS ? Caches.parse(fields[FIELDS - 1]) : null;
            if (caches == null || !fields[1].matches("[1-9][0-9]{0,8}")) {
                throw refused(path, "line " + (i + 1) + " of other fields", null);
            }
            found.put(new TuningKey(fields[0], Integer.parseInt(fields[1]), fields[2], fields[3]), caches);
        }
        return found;
    }

    private static TuningFileException refused(Path path, String found, Throwable cause) {
        return new TuningFileException(
                path.toString(),
                found,
                "a file that SessionOptions.tuning wrote, or none",
                "name another file, or delete this one to measure anew",
                cause);
    }

    /**
     * Writes a file.
     *
     * @param path the file, created or replaced
     * @param measured the measurements
     * @throws TuningFileException if it can't be written
     */
    static void write(Path path, Map<TuningKey, Caches> measured) {
        StringBuilder body = new StringBuilder(HEAD).append('\n');
        measured.forEach((key, caches) ->
                body.append(key.line()).append('\t').append(caches.property()).append('\n'));
        String text = body + end(measured.size(), body.toString());
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        try {
            AtomicFile.write(path, channel -> {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            });
        } catch (ModelFileException e) {
            throw new TuningFileException(e.thing(), e.found(), e.allowed(), e.cure(), e);
        }
    }

    private static String end(int count, String body) {
        CRC32C checksum = new CRC32C();
        checksum.update(body.getBytes(StandardCharsets.UTF_8));
        return END + "\t" + count + "\t" + String.format("%08x", checksum.getValue()) + "\n";
    }
}

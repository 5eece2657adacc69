package dev.tenon.compression;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.npy.NpyRows;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Arrays by the names of inputs, open for one pass. */
final class OpenArrays implements AutoCloseable {
    /** The end of the name of an array file. */
    static final String ENDING = ".npy";

    private final Map<String, NpyRows> arrays = new LinkedHashMap<>();

    /** Closed after the arrays. */
    private final Closeable archive;

    private OpenArrays(Closeable archive) {
        this.archive = archive;
    }

    /** Opens array files, by the names of their inputs. */
    static OpenArrays ofFiles(Map<String, Path> files) {
        OpenArrays arrays = new OpenArrays(() -> {});
        return arrays.filled(() -> files.forEach((name, file) -> arrays.add(name, NpyRows.open(file))));
    }

    /** Opens an archive as NumPy writes it: a ZIP file with an array file for each name. */
    static OpenArrays ofArchive(Path file, Samples.ArchiveLimits limits) {
        try {
            ZipFile zip = new ZipFile(file.toFile());
            OpenArrays arrays = new OpenArrays(zip);
            return arrays.filled(() -> {
                List<ZipEntry> entries = zip.stream()
                        .filter(entry -> !entry.isDirectory() && entry.getName().endsWith(ENDING))
                        .map(ZipEntry.class::cast)
                        .toList();
                check(file, entries, limits);
                for (ZipEntry entry : entries) {
                    arrays.add(file, zip, entry, limits);
                }
            });
        } catch (IOException | IllegalArgumentException e) {
            throw unreadable(file, e);
        }
    }

    /**
     * Counts what an archive says that it holds, before any of it is read. An array that is longer than the archive says is refused
     * when it is opened.
     */
    private static void check(Path file, List<ZipEntry> entries, Samples.ArchiveLimits limits) {
        if (entries.size() > limits.maxArrays()) {
            throw tooMuch(file.toString(), entries.size() + " arrays", "at most " + limits.maxArrays(), "maxArrays");
        }
        long sum = 0;
        for (ZipEntry entry : entries) {
            long bytes = entry.getSize();
            String thing = file + ", " + entry.getName();
            if (bytes < 0) {
                throw new CompressionException(thing, "an array of unknown size", "an array with its size", null);
            }
            if (bytes > limits.maxArrayBytes()) {
                throw tooMuch(thing, bytes + " bytes", "at most " + limits.maxArrayBytes(), "maxArrayBytes");
            }
            sum += bytes;
            if (sum > limits.maxBytes()) {
                throw tooMuch(
                        file.toString(), sum + " bytes or more in all", "at most " + limits.maxBytes(), "maxBytes");
            }
        }
        long stored = Math.max(1, size(file));
        if (sum > Samples.ArchiveLimits.ANY_RATIO_BYTES && sum / stored >= limits.maxRatio()) {
            throw tooMuch(
                    file.toString(),
                    sum + " bytes in a file of " + stored,
                    "less than " + limits.maxRatio() + " for each byte of the file",
                    "maxRatio");
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static ResourceLimitException tooMuch(String thing, String found, String allowed, String limit) {
        return new ResourceLimitException(
                thing, found, allowed, "raise Samples.ArchiveLimits." + limit + " if the source is trusted");
    }

    private void add(Path file, ZipFile zip, ZipEntry entry, Samples.ArchiveLimits limits) {
        String name = entry.getName();
        try {
            InputStream stream = zip.getInputStream(entry);
            add(
                    name.substring(0, name.length() - ENDING.length()),
                    NpyRows.open(file + ", " + name, stream, entry.getSize(), limits.ofArrays()));
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static CompressionException unreadable(Path file, Exception e) {
        return new CompressionException(
                file.toString(), e.toString(), "an archive that numpy.savez has written", null, e);
    }

    private void add(String name, NpyRows rows) {
        NpyRows other = arrays.put(name, rows);
        if (other != null) {
            other.close();
        }
    }

    /** This after it was filled. If filling fails, it is closed. */
    private OpenArrays filled(Runnable filling) {
        boolean isFilled = false;
        try {
            filling.run();
            isFilled = true;
            return this;
        } finally {
            if (!isFilled) {
                close();
            }
        }
    }

    Map<String, NpyRows> arrays() {
        return arrays;
    }

    @Override
    public void close() {
        arrays.values().forEach(NpyRows::close);
        try {
            archive.close();
        } catch (IOException e) {
            throw new CompressionException("samples", e.toString(), "files that can be closed", null, e);
        }
    }
}

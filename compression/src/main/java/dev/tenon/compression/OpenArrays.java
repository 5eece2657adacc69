package dev.tenon.compression;

import dev.tenon.formats.Limits;
import dev.tenon.formats.npy.NpyRows;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
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
    static OpenArrays ofArchive(Path file) {
        try {
            ZipFile zip = new ZipFile(file.toFile());
            OpenArrays arrays = new OpenArrays(zip);
            return arrays.filled(() -> {
                for (ZipEntry entry : Collections.list(zip.entries())) {
                    arrays.add(file, zip, entry);
                }
            });
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private void add(Path file, ZipFile zip, ZipEntry entry) {
        String name = entry.getName();
        if (entry.isDirectory() || !name.endsWith(ENDING)) {
            return;
        }
        try {
            InputStream stream = zip.getInputStream(entry);
            add(
                    name.substring(0, name.length() - ENDING.length()),
                    NpyRows.open(file + ", " + name, stream, entry.getSize(), Limits.defaults()));
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static CompressionException unreadable(Path file, IOException e) {
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
            throw new UncheckedIOException(e);
        }
    }
}

package dev.tenon.compression;

import dev.tenon.formats.npy.NpyRows;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Arrays by the names of inputs, open for one pass. */
final class OpenArrays implements AutoCloseable {
    private final Map<String, NpyRows> arrays = new LinkedHashMap<>();
    private final Closeable archive;

    /**
     * No arrays yet.
     *
     * @param archive is closed after them
     */
    OpenArrays(Closeable archive) {
        this.archive = archive;
    }

    void add(String name, NpyRows rows) {
        NpyRows other = arrays.put(name, rows);
        if (other != null) {
            other.close();
        }
    }

    /** This after it was filled. If filling fails, it is closed. */
    OpenArrays filled(Runnable filling) {
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

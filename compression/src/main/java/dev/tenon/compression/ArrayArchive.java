package dev.tenon.compression;

import dev.tenon.ValueInfo;
import dev.tenon.formats.Limits;
import dev.tenon.formats.npy.NpyRows;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** An archive of arrays, as NumPy writes it: a ZIP file with an array file for each name. */
record ArrayArchive(Path file) implements StoredSamples.Source {
    private static final String ENDING = ".npy";

    @Override
    public Samples.Calls bind(List<ValueInfo> inputs, Normalization normalization) {
        return new ArrayCalls(file.toString(), this::open, inputs, normalization);
    }

    private OpenArrays open() {
        try {
            ZipFile zip = new ZipFile(file.toFile());
            OpenArrays arrays = new OpenArrays(zip);
            return arrays.filled(() -> {
                for (ZipEntry entry : Collections.list(zip.entries())) {
                    add(zip, entry, arrays);
                }
            });
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private void add(ZipFile zip, ZipEntry entry, OpenArrays arrays) {
        String name = entry.getName();
        if (entry.isDirectory() || !name.endsWith(ENDING)) {
            return;
        }
        try {
            InputStream stream = zip.getInputStream(entry);
            arrays.add(
                    name.substring(0, name.length() - ENDING.length()),
                    NpyRows.open(file + ", " + name, stream, entry.getSize(), Limits.defaults()));
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private CompressionException unreadable(IOException e) {
        return new CompressionException(
                file.toString(), e.toString(), "an archive that numpy.savez has written", null, e);
    }
}

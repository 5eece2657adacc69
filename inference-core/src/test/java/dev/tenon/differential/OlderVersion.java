package dev.tenon.differential;

import dev.tenon.Model;
import dev.tenon.SaveOptions;
import dev.tenon.formats.UnsupportedModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A model that the library writes for an older operator set. It tests how the older operators are read.
 *
 * @param version the operator set
 * @param file the file
 */
record OlderVersion(int version, byte[] file) {
    private static final int OLDEST = 7;

    /** The model at a version that is derived from it, or null if the writer can't write it. */
    static OlderVersion of(OperatorModel tested, Model model) {
        if (tested.version() <= OLDEST) {
            return null;
        }
        int version =
                OLDEST + Math.floorMod(tested.toString().hashCode() * 0x9E3779B9 >>> 8, tested.version() - OLDEST);
        try {
            Path path = Files.createTempFile("older", ".onnx");
            try {
                model.save(path, SaveOptions.standard().operatorSet(version));
                return new OlderVersion(version, Files.readAllBytes(path));
            } catch (UnsupportedModelException e) {
                return null;
            } finally {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

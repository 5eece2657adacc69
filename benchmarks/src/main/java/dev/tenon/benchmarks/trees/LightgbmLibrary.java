package dev.tenon.benchmarks.trees;

import io.github.metarank.lightgbm4j.LGBMBooster;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Loads LightGBM's library once in a JVM. LightGBM writes it to a file of a fixed name below {@code java.io.tmpdir}: another JVM
 * that loads it would write over the library that this one runs. The tests of inference-core have the same class: a room for both
 * would be a module of its own that depends on LightGBM.
 */
final class LightgbmLibrary {
    private static final String FOLDER = "java.io.tmpdir";
    private static boolean loaded;

    private LightgbmLibrary() {}

    static synchronized void load() throws IOException {
        if (loaded) {
            return;
        }
        String shared = System.getProperty(FOLDER);
        Path own = Files.createTempDirectory("lightgbm");
        own.toFile().deleteOnExit();
        System.setProperty(FOLDER, own.toString());
        try {
            LGBMBooster.loadNative();
            loaded = true;
        } finally {
            System.setProperty(FOLDER, shared);
            File[] files = own.toFile().listFiles();
            for (File file : files == null ? new File[0] : files) {
                file.deleteOnExit();
            }
        }
    }
}

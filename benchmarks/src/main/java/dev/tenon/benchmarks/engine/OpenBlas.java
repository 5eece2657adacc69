package dev.tenon.benchmarks.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The functions of OpenBLAS that multiply float32 matrices, on one thread. The artifact {@code org.bytedeco:openblas}
 * on the class path contains the native library for Linux on x86-64. On other platforms OpenBLAS is absent.
 */
final class OpenBlas {
    private static final String PLATFORM = "linux-x86_64";
    private static final String FOLDER = "/org/bytedeco/openblas/" + PLATFORM + "/";

    /**
     * The native libraries. Each follows those that it depends on, because it finds them by name only after they are
     * loaded.
     */
    private static final List<String> LIBRARIES =
            List.of("libgcc_s.so.1", "libquadmath.so.0", "libgfortran.so.5", "libopenblas.so.0");

    private static final int ROW_MAJOR = 101;
    private static final int AS_IT_IS = 111;
    private static final int TRANSPOSED = 112;

    private static final long MOST_TEXT = 512;

    /** The linked library. It is loaded by the first call. */
    @SuppressWarnings("restricted")
    private static final class Library {
        private static final Linker LINKER = Linker.nativeLinker();
        private static final SymbolLookup SYMBOLS = load();

        private static final MethodHandle SGEMM = link(
                "cblas_sgemm",
                FunctionDescriptor.ofVoid(
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_FLOAT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_FLOAT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT));

        private static final MethodHandle SGEMV = link(
                "cblas_sgemv",
                FunctionDescriptor.ofVoid(
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_FLOAT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_FLOAT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT));

        static {
            try {
                link("openblas_set_num_threads", FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT))
                        .invokeExact(1);
            } catch (Throwable e) {
                throw failure(e);
            }
        }

        private static MethodHandle link(String name, FunctionDescriptor type) {
            return LINKER.downcallHandle(SYMBOLS.findOrThrow(name), type);
        }

        /** Unpacks the libraries, loads them, and deletes the files. */
        private static SymbolLookup load() {
            try {
                Path folder = Files.createTempDirectory("openblas");
                try {
                    SymbolLookup last = null;
                    for (String name : LIBRARIES) {
                        Path file = folder.resolve(name);
                        try (InputStream in = OpenBlas.class.getResourceAsStream(FOLDER + name)) {
                            Files.copy(in, file);
                        }
                        last = SymbolLookup.libraryLookup(file, Arena.global());
                    }
                    return last;
                } finally {
                    for (String name : LIBRARIES) {
                        Files.deleteIfExists(folder.resolve(name));
                    }
                    Files.delete(folder);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static String text(String name) {
            try {
                MemorySegment text = (MemorySegment)
                        link(name, FunctionDescriptor.of(ValueLayout.ADDRESS)).invokeExact();
                return text.reinterpret(MOST_TEXT).getString(0);
            } catch (Throwable e) {
                throw failure(e);
            }
        }
    }

    private OpenBlas() {}

    /**
     * The reason why OpenBLAS cannot be called on this machine.
     *
     * @return null if it can be called
     */
    static String absence() {
        String platform = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
        if (!platform.toLowerCase(Locale.ROOT).matches("linux on (amd64|x86_64)")) {
            return "the class path has its library for " + PLATFORM + " only; this is " + platform;
        }
        for (String name : LIBRARIES) {
            if (OpenBlas.class.getResource(FOLDER + name) == null) {
                return "the class path has no " + FOLDER.substring(1) + name
                        + "; it is in org.bytedeco:openblas with classifier " + PLATFORM;
            }
        }
        try {
            describe();
            return null;
        } catch (LinkageError e) {
            return "its library cannot be loaded: " + (e.getCause() == null ? e : e.getCause());
        }
    }

    /**
     * The description that OpenBLAS gives.
     *
     * @return its version, its build options, and the processor for which it chose its kernels
     */
    static String describe() {
        return Library.text("openblas_get_config") + ", one thread";
    }

    /**
     * The product of two row-major matrices, {@code c = a * b}.
     *
     * @param m rows of a and c
     * @param n columns of b and c
     * @param k columns of a, rows of b
     * @param a m * k floats of native memory
     * @param b k * n floats of native memory
     * @param c room for m * n floats in native memory
     */
    static void multiply(int m, int n, int k, MemorySegment a, MemorySegment b, MemorySegment c) {
        try {
            Library.SGEMM.invokeExact(ROW_MAJOR, AS_IT_IS, AS_IT_IS, m, n, k, 1f, a, k, b, n, 0f, c, n);
        } catch (Throwable e) {
            throw failure(e);
        }
    }

    /**
     * The product of a row and a row-major matrix, {@code c = a * b}.
     *
     * @param n columns of b and c
     * @param k columns of a, rows of b
     * @param a k floats of native memory
     * @param b k * n floats of native memory
     * @param c room for n floats in native memory
     */
    static void multiplyRow(int n, int k, MemorySegment a, MemorySegment b, MemorySegment c) {
        try {
            Library.SGEMV.invokeExact(ROW_MAJOR, TRANSPOSED, k, n, 1f, b, n, a, 1, 0f, c, 1);
        } catch (Throwable e) {
            throw failure(e);
        }
    }

    private static IllegalStateException failure(Throwable e) {
        return new IllegalStateException("OpenBLAS cannot be called: " + e, e);
    }
}

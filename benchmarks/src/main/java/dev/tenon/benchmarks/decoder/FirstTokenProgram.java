package dev.tenon.benchmarks.decoder;

import dev.tenon.benchmarks.engine.LlamaCpp;
import dev.tenon.benchmarks.forks.MemoryProfiler;
import dev.tenon.benchmarks.fresh.FreshJvm;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** A program that loads a decoder and writes a token. {@link FreshJvm} runs it in a new JVM. */
public final class FirstTokenProgram {
    /** The first line of the program. */
    static final String MAIN = "main";

    /** The decoder is loaded and ready. */
    static final String LOADED = "loaded";

    /** The first token is written. */
    static final String FIRST = "first";

    /** The resident memory at the end, in units of 1000 bytes. */
    static final String RESIDENT = "resident";

    private static final double KILO = 1000;
    private static final int PROMPT = 16;
    private static final int FIRST_ID = 300;

    private FirstTokenProgram() {}

    /**
     * Runs the program.
     *
     * @param arguments the engine, the file, the number of threads, and the folder of llama.cpp
     */
    public static void main(String[] arguments) {
        FreshJvm.tell(MAIN, FreshJvm.now());
        Path file = Path.of(arguments[1]);
        int threads = Integer.parseInt(arguments[2]);
        try (Writer writer = arguments[0].equals(LlamaCpp.NAME)
                ? new LlamaWriter(new LlamaCpp(Path.of(arguments[3])), file, threads, 1)
                : new TenonWriter(file, threads)) {
            FreshJvm.tell(LOADED, FreshJvm.now());
            writer.write(List.of(IntStream.range(FIRST_ID, FIRST_ID + PROMPT).toArray()), 1);
            FreshJvm.tell(FIRST, FreshJvm.now());
            FreshJvm.tell(RESIDENT, Math.round(KILO * MemoryProfiler.resident()));
        }
    }
}

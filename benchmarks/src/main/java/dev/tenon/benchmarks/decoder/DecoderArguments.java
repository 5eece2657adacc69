package dev.tenon.benchmarks.decoder;

import dev.tenon.benchmarks.engine.LlamaCpp;
import dev.tenon.samples.Arguments;
import dev.tenon.samples.Usage;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The arguments of the runs that measure decoders with random weights.
 *
 * @param folder where the files of weights are kept
 * @param threads the numbers of threads to measure with
 * @param quick whether fewer rounds are enough
 * @param cases the decoders
 */
record DecoderArguments(Path folder, List<Integer> threads, boolean quick, List<DecoderCase> cases) {
    private static final int ROUNDS = 5;
    private static final int QUICK_ROUNDS = 2;

    /** The usage of a run. */
    static Usage usage(String run, String summary) {
        return Usage.of("benchmarks/run " + run, summary)
                .spaced()
                .arguments(
                        "[DECODER...]",
                        "names such as " + DecoderCase.all().getFirst().name() + ", all if none is given")
                .flag("fetches llama.cpp by npm", "--llama")
                .option("--folder", "FOLDER", "where the random weights are kept, up to 2 GB each")
                .option("--threads", "N,..", "threads of a step, 1 if not given")
                .flag("fewer rounds", "--quick")
                .exit(1, "failure, or the engines differ")
                .example("benchmarks/run " + run, "benchmarks/run " + run + " --llama --threads 1,2 qwen2.5-0.5b-q4_0");
    }

    /**
     * Reads arguments.
     *
     * @param usage the usage of the run
     * @param words its name and its arguments
     * @throws IllegalArgumentException if one is wrong
     */
    static DecoderArguments parse(Usage usage, String... words) {
        Arguments given = usage.parse(Arrays.asList(words).subList(1, words.length));
        List<Integer> threads = Stream.of(given.value("--threads").orElse("1").split(",", -1))
                .map(Integer::valueOf)
                .toList();
        if (threads.stream().anyMatch(n -> n < 1)) {
            throw new IllegalArgumentException("--threads " + threads + ": 1 or more");
        }
        Path folder =
                given.path("--folder").orElse(Path.of(System.getProperty("tenon.root", "."), "target", "decoders"));
        return new DecoderArguments(folder, threads, given.has("--quick"), DecoderCase.of(given.rest()));
    }

    int rounds() {
        return quick ? QUICK_ROUNDS : ROUNDS;
    }

    /** {@return llama.cpp; null if it can't be called here, of which the reason is printed} */
    static LlamaCpp llama(PrintStream out) {
        String absence = LlamaCpp.absence(LlamaCpp.fetched());
        if (absence != null) {
            out.println("llama.cpp: left out, because it cannot run here: " + absence);
            return null;
        }
        LlamaCpp llama = new LlamaCpp(LlamaCpp.fetched());
        out.println(llama);
        return llama;
    }
}

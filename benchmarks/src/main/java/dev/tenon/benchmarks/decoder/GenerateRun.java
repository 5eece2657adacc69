package dev.tenon.benchmarks.decoder;

import dev.tenon.Tenon;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.engine.LlamaCpp;
import dev.tenon.benchmarks.fresh.FreshJvm;
import dev.tenon.samples.Usage;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * Measures whole texts of decoders beside llama.cpp: one text after a prompt of 512 tokens, eight texts at once, a prompt of which
 * a thousand tokens are in the cache, and a fresh JVM from its start to the first token. Weights are random, in real shapes. The
 * engines take turns, with loops between them that measure how fast memory is read and how fast the processor multiplies bytes.
 * The least time of each counts.
 */
public final class GenerateRun {
    /** The name of the run. */
    public static final String NAME = "generate";

    /** The tokens of the prompt of one text. */
    static final int PROMPT = 512;

    /** The tokens of a text. */
    static final int TOKENS = 64;

    /** The texts that are written at once. */
    static final int TEXTS = 8;

    /** The tokens of a prompt that are in the cache. */
    static final int CACHED = 1000;

    /** The tokens of the same prompt that are new. */
    static final int NEW = 20;

    private static final int SHORT_PROMPT = 16;
    private static final int CEILING_REPEATS = 8;
    private static final int FORKS = 3;
    private static final String SVG = "--svg";

    private final DecoderArguments arguments;
    private final LlamaCpp llama;
    private final SplittableRandom random = new SplittableRandom(NAME.hashCode());

    private GenerateRun(DecoderArguments arguments, LlamaCpp llama) {
        this.arguments = arguments;
        this.llama = llama;
    }

    /** {@return the usage of this run} */
    public static Usage usage() {
        return DecoderArguments.usage(
                        NAME, "Whole texts of decoders, and the first token of a fresh JVM, beside llama.cpp.")
                .option(SVG, "FILE", "a picture of the figures");
    }

    /**
     * Runs it.
     *
     * @param out receives the tables
     * @param progress is told what is written
     * @param words the name of the run and its options
     * @return whether all figures could be measured
     * @throws IOException if a file can't be written, or a fresh JVM fails
     * @throws IllegalArgumentException if an option is wrong
     */
    public static boolean run(PrintStream out, PrintStream progress, String... words) throws IOException {
        Usage usage = usage();
        DecoderArguments arguments = DecoderArguments.parse(usage, words);
        out.println(Machine.describe());
        out.println(Tenon.describe());
        GenerateRun run = new GenerateRun(arguments, DecoderArguments.llama(out));
        Path picture = usage.parse(Arrays.asList(words).subList(1, words.length))
                .path(SVG)
                .orElse(null);
        if (picture != null && run.llama == null) {
            throw new IllegalArgumentException(SVG + ": the picture shows Tenon beside llama.cpp, which is not here;"
                    + " leave it out, or see what --llama needs");
        }
        List<GenerateFigures> all = new ArrayList<>();
        for (DecoderCase c : arguments.cases()) {
            Path file = c.file(arguments.folder(), progress);
            for (int threads : arguments.threads()) {
                GenerateFigures figures = run.measure(c, file, threads);
                all.add(figures);
                out.println(figures.text());
                out.flush();
            }
        }
        if (picture != null) {
            Files.writeString(picture, GenerateSvg.draw(all));
        }
        return true;
    }

    private GenerateFigures measure(DecoderCase c, Path file, int threads) throws IOException {
        GenerateFigures figures = new GenerateFigures(c, threads, new Ceilings(threads));
        try (Writer ours = new TenonWriter(file, threads);
                Writer theirs = llama == null ? null : new LlamaWriter(llama, file, threads, 1);
                Writer theirTexts = llama == null ? null : new LlamaWriter(llama, file, threads, TEXTS)) {
            for (int round = 0; round < arguments.rounds(); round++) {
                figures.ceilings().run(CEILING_REPEATS);
                List<int[]> one = prompts(c, 1, PROMPT);
                figures.one().add(ours.write(one, TOKENS), theirs == null ? null : theirs.write(one, TOKENS));
                figures.ceilings().run(CEILING_REPEATS);
                List<int[]> several = prompts(c, TEXTS, SHORT_PROMPT);
                figures.several()
                        .add(
                                ours.write(several, TOKENS),
                                theirTexts == null ? null : theirTexts.write(several, TOKENS));
                figures.addPrefix(prefix(c, ours));
            }
        }
        figures.ceilings().end();
        start(figures, file);
        return figures;
    }

    /** The times to the first token of a prompt that is new, and of one that begins as it does. */
    private double[] prefix(DecoderCase c, Writer writer) {
        int[] prompt = prompts(c, 1, CACHED + NEW).getFirst();
        double uncached = writer.write(List.of(prompt), 1).first();
        int[] other = prompts(c, 1, CACHED + NEW).getFirst();
        System.arraycopy(prompt, 0, other, 0, CACHED);
        return new double[] {uncached, writer.write(List.of(other), 1).first()};
    }

    private List<int[]> prompts(DecoderCase c, int count, int length) {
        int most = c.decoder().vocabulary();
        return Stream.generate(() ->
                        random.ints(length, RandomDecoder.FIRST_WORD, most).toArray())
                .limit(count)
                .toList();
    }

    private void start(GenerateFigures figures, Path file) throws IOException {
        Path folder = Files.createTempDirectory("generate");
        try {
            FreshJvm jvm = new FreshJvm(folder);
            for (int fork = 0; fork < FORKS; fork++) {
                figures.addStart(
                        start(jvm, Engines.TENON, file, figures.threads()),
                        llama == null ? null : start(jvm, LlamaCpp.NAME, file, figures.threads()));
            }
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
    }

    /** Milliseconds from the first line of the program to the first token, and resident megabytes. */
    private static double[] start(FreshJvm jvm, String engine, Path file, int threads) throws IOException {
        Map<String, Long> told = jvm.run(
                FirstTokenProgram.class,
                FreshJvm.Flags.ALL,
                engine,
                file.toString(),
                Integer.toString(threads),
                LlamaCpp.fetched().toString());
        ToLongFunction<String> figure = told::get;
        return new double[] {
            (figure.applyAsLong(FirstTokenProgram.FIRST) - figure.applyAsLong(FirstTokenProgram.MAIN)) / 1e3,
            figure.applyAsLong(FirstTokenProgram.RESIDENT) / 1e3
        };
    }
}

package dev.tenon.benchmarks.decoder;

import com.sun.management.OperatingSystemMXBean;
import dev.tenon.Precision;
import dev.tenon.Tenon;
import dev.tenon.benchmarks.ceiling.Instruction;
import dev.tenon.benchmarks.ceiling.InstructionPeak;
import dev.tenon.benchmarks.ceiling.ReadPeak;
import dev.tenon.benchmarks.decoder.RandomDecoder.Mixture;
import dev.tenon.benchmarks.engine.LlamaCpp;
import dev.tenon.kernel.table.Tiers;
import dev.tenon.samples.Usage;
import dev.tenon.tensor.DType;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Measures single steps of decoders beside llama.cpp: 1 and 8 tokens after a past of 512, and 512 tokens without one. Weights are
 * random, in real shapes. The engines take turns with loops that measure how fast memory is read and how fast the processor
 * multiplies bytes, so that all are from the same minutes. The least time of each counts.
 */
public final class DecoderRun {
    /** The name of the run. */
    public static final String NAME = "decoder";

    private static final int PAST = 512;
    private static final int[] STEPS = {1, 8, 512};
    private static final int[] REPEATS = {8, 4, 1};
    private static final int CONTEXT = 1024;
    private static final int ROUNDS = 5;
    private static final int QUICK_ROUNDS = 2;
    private static final double LEAST_COSINE = 0.99;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double PERCENT = 100;

    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /** The arguments of a run. */
    private record Arguments(Path folder, Path llama, List<Integer> threads, boolean quick, List<String> names) {}

    /** An engine that runs a step. */
    @FunctionalInterface
    private interface Stepper {
        float[] step(int[] ids, int from);
    }

    /** The least time of a step, and the share of the processor time asked for that it had. */
    private record Time(double nanos, double share) {
        static final Time NONE = new Time(Double.MAX_VALUE, 0);

        Time least(Time other) {
            return other.nanos < nanos ? other : this;
        }
    }

    private final PrintStream out;
    private final Arguments arguments;
    private final LlamaCpp llama;
    private boolean agrees = true;

    private DecoderRun(PrintStream out, Arguments arguments, LlamaCpp llama) {
        this.out = out;
        this.arguments = arguments;
        this.llama = llama;
    }

    /** {@return the usage of this run} */
    public static Usage usage() {
        return Usage.of("benchmarks/run " + NAME, "One step of a decoder of 1, 8 and 512 tokens, beside llama.cpp.")
                .spaced()
                .arguments(
                        "[DECODER...]",
                        "names such as " + RandomDecoder.QWEN2_0_5B.title() + "-q4_0, all if none is given")
                .flag("fetches llama.cpp by npm", "--llama")
                .option("--folder", "FOLDER", "where the random weights are kept, up to 2 GB each")
                .option("--threads", "N,..", "threads of a step, 1 if not given")
                .flag("fewer rounds", "--quick")
                .exit(1, "failure, or logits differ")
                .example(
                        "benchmarks/run " + NAME,
                        "benchmarks/run " + NAME + " --llama --threads 1,2 qwen2.5-0.5b-q4_0");
    }

    /**
     * Runs it.
     *
     * @param out receives the table
     * @param progress is told what is written
     * @param words the name of the run and its options
     * @return whether the logits of both engines agree
     * @throws IOException if a file can't be written
     * @throws IllegalArgumentException if an option is wrong
     */
    public static boolean run(PrintStream out, PrintStream progress, String... words) throws IOException {
        Arguments arguments = arguments(words);
        List<RandomDecoder> decoders = new ArrayList<>();
        List<Mixture> mixtures = new ArrayList<>();
        for (RandomDecoder decoder : RandomDecoder.values()) {
            for (Mixture mixture : decoder.mixtures()) {
                if (arguments.names().isEmpty() || arguments.names().contains(name(decoder, mixture))) {
                    decoders.add(decoder);
                    mixtures.add(mixture);
                }
            }
        }
        if (decoders.size() < Math.max(1, arguments.names().size())) {
            throw new IllegalArgumentException("decoders " + arguments.names() + ": there are " + all());
        }
        out.println(Machine.describe());
        out.println(Tenon.describe());
        String absence = LlamaCpp.absence(arguments.llama());
        out.println(absence == null ? "" : "llama.cpp: left out, because it cannot run here: " + absence);
        DecoderRun run = new DecoderRun(out, arguments, absence == null ? new LlamaCpp(arguments.llama()) : null);
        if (run.llama != null) {
            out.println(run.llama);
        }
        for (int i = 0; i < decoders.size(); i++) {
            Path file = arguments.folder().resolve(decoders.get(i).file(mixtures.get(i)));
            if (!Files.isRegularFile(file)) {
                progress.println("writing " + file);
                Files.createDirectories(arguments.folder());
                decoders.get(i).write(mixtures.get(i), file);
            }
            for (int threads : arguments.threads()) {
                run.measure(decoders.get(i), mixtures.get(i), file, threads);
            }
        }
        return run.agrees;
    }

    private static String name(RandomDecoder decoder, Mixture mixture) {
        return decoder.title() + "-" + mixture.name().toLowerCase(Locale.ROOT);
    }

    private static List<String> all() {
        return Arrays.stream(RandomDecoder.values())
                .flatMap(d -> d.mixtures().stream().map(m -> name(d, m)))
                .toList();
    }

    private static Arguments arguments(String... words) {
        dev.tenon.samples.Arguments given = usage().parse(Arrays.asList(words).subList(1, words.length));
        String root = System.getProperty("tenon.root", ".");
        List<Integer> threads = Stream.of(given.value("--threads").orElse("1").split(",", -1))
                .map(Integer::valueOf)
                .toList();
        if (threads.stream().anyMatch(n -> n < 1)) {
            throw new IllegalArgumentException("--threads " + threads + ": 1 or more");
        }
        return new Arguments(
                given.path("--folder").orElse(Path.of(root, "target", "decoders")),
                LlamaCpp.fetched(),
                threads,
                given.has("--quick"),
                given.rest());
    }

    private void measure(RandomDecoder decoder, Mixture mixture, Path file, int threads) {
        long start = System.nanoTime();
        try (TenonDecoder own = new TenonDecoder(file, threads, CONTEXT, DType.FLOAT16, Precision.INT8_DYNAMIC)) {
            long loaded = System.nanoTime();
            LlamaCpp.Decoder peer = llama == null ? null : llama.load(file, threads, CONTEXT, false);
            long both = System.nanoTime();
            try {
                out.printf(
                        Locale.ROOT,
                        "%n%s, %d threads, %.0f MB a step; loaded in %.0f ms%s%n",
                        name(decoder, mixture),
                        threads,
                        decoder.weightBytes(mixture) / 1e6,
                        (loaded - start) / NANOS_PER_MILLI,
                        peer == null
                                ? ""
                                : String.format(Locale.ROOT, ", llama.cpp in %.0f", (both - loaded) / NANOS_PER_MILLI));
                measure(new Case(decoder, mixture, threads), own, peer);
            } finally {
                if (peer != null) {
                    peer.close();
                }
            }
        }
    }

    /** A decoder on some threads. */
    private record Case(RandomDecoder decoder, Mixture mixture, int threads) {}

    private void measure(Case c, TenonDecoder own, LlamaCpp.Decoder peer) {
        Stepper ours = (ids, from) -> own.step(ids, from, false);
        Stepper theirs = peer == null ? null : (ids, from) -> peer.step(ids, from, false);
        int[] prompt = tokens(c.decoder(), PAST);
        float[] logits = ours.step(prompt, 0);
        if (theirs != null) {
            double cosine = cosine(logits, theirs.step(prompt, 0));
            agrees &= cosine >= LEAST_COSINE;
            out.printf(Locale.ROOT, "cosine of the logits after %d tokens: %.5f%n", PAST, cosine);
        }
        ReadPeak read = new ReadPeak(c.threads());
        Instruction bytes = instruction();
        InstructionPeak dots = bytes == null ? null : new InstructionPeak(bytes);
        Time[] tenon = new Time[STEPS.length];
        Time[] llamas = new Time[STEPS.length];
        Arrays.fill(tenon, Time.NONE);
        Arrays.fill(llamas, Time.NONE);
        double bandwidth = 0;
        double peak = 0;
        for (int round = 0; round < (arguments.quick() ? QUICK_ROUNDS : ROUNDS); round++) {
            for (int i = 0; i < STEPS.length; i++) {
                for (int repeat = 0; repeat < REPEATS[i]; repeat++) {
                    bandwidth = Math.max(bandwidth, read.run());
                    peak = Math.max(peak, dots == null ? Double.NaN : gigaops(dots) * c.threads());
                }
                tenon[i] = tenon[i].least(time(ours, c, i));
                llamas[i] = theirs == null ? Time.NONE : llamas[i].least(time(theirs, c, i));
            }
        }
        out.printf(
                Locale.ROOT,
                "memory is read at %.1f GB/s; %s: %.0f GOP/s on %d threads%n",
                bandwidth,
                bytes == null ? "no product of bytes" : bytes.title(),
                peak,
                c.threads());
        print(c, tenon, llamas, bandwidth, peak);
    }

    private void print(Case c, Time[] tenon, Time[] llamas, double bandwidth, double peak) {
        out.println(
                "tokens      Tenon ms  tok/s  GB/s of read  GOP/s of peak  had   llama.cpp ms  tok/s  had   times as fast");
        for (int i = 0; i < STEPS.length; i++) {
            double gigabytes = c.decoder().weightBytes(c.mixture()) / tenon[i].nanos();
            double gigaops = c.decoder().operations(c.mixture(), STEPS[i]) / tenon[i].nanos();
            out.printf(
                    Locale.ROOT,
                    "%6d  %12.2f %6.1f %5.1f %5.0f %% %6.0f %4.0f %% %3.0f %%",
                    STEPS[i],
                    tenon[i].nanos() / NANOS_PER_MILLI,
                    STEPS[i] * 1e9 / tenon[i].nanos(),
                    gigabytes,
                    PERCENT * gigabytes / bandwidth,
                    gigaops,
                    PERCENT * gigaops / peak,
                    PERCENT * tenon[i].share());
            if (llama != null) {
                out.printf(
                        Locale.ROOT,
                        " %14.2f %6.1f %3.0f %% %15.2f",
                        llamas[i].nanos() / NANOS_PER_MILLI,
                        STEPS[i] * 1e9 / llamas[i].nanos(),
                        PERCENT * llamas[i].share(),
                        llamas[i].nanos() / tenon[i].nanos());
            }
            out.println();
        }
        out.flush();
    }

    /** The least time of some steps. */
    private static Time time(Stepper stepper, Case c, int index) {
        int[] ids = tokens(c.decoder(), STEPS[index]);
        Time least = Time.NONE;
        for (int repeat = 0; repeat < REPEATS[index]; repeat++) {
            long used = PROCESS.getProcessCpuTime();
            long start = System.nanoTime();
            stepper.step(ids, STEPS[index] == PAST ? 0 : PAST);
            double nanos = System.nanoTime() - start;
            double share = (PROCESS.getProcessCpuTime() - used) / nanos / c.threads();
            least = least.least(new Time(nanos, share));
        }
        return least;
    }

    private static double gigaops(InstructionPeak peak) {
        long start = System.nanoTime();
        double operations = peak.run();
        return operations / (System.nanoTime() - start);
    }

    /** The best product of bytes of this machine; null if it has none. */
    private static Instruction instruction() {
        return Stream.of(Instruction.TILE_BYTES, Instruction.BYTES_512, Instruction.BYTES_256)
                .filter(i -> i.isIn(Tiers.detect().capabilities().instructions()))
                .findFirst()
                .orElse(null);
    }

    private static int[] tokens(RandomDecoder decoder, int count) {
        SplittableRandom random = new SplittableRandom(count);
        return random.ints(count, 0, decoder.vocabulary()).toArray();
    }

    private static double cosine(float[] a, float[] b) {
        double dot = 0;
        double left = 0;
        double right = 0;
        for (int i = 0; i < a.length; i++) {
            dot += (double) a[i] * b[i];
            left += (double) a[i] * a[i];
            right += (double) b[i] * b[i];
        }
        return dot / Math.sqrt(left * right);
    }
}

package dev.tenon.benchmarks.decoder;

import com.sun.management.OperatingSystemMXBean;
import dev.tenon.Precision;
import dev.tenon.Tenon;
import dev.tenon.benchmarks.engine.LlamaCpp;
import dev.tenon.samples.Usage;
import dev.tenon.tensor.DType;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

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
    private static final double LEAST_COSINE = 0.99;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double PERCENT = 100;

    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

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
    private final DecoderArguments arguments;
    private final LlamaCpp llama;
    private boolean agrees = true;

    private DecoderRun(PrintStream out, DecoderArguments arguments, LlamaCpp llama) {
        this.out = out;
        this.arguments = arguments;
        this.llama = llama;
    }

    /** {@return the usage of this run} */
    public static Usage usage() {
        return DecoderArguments.usage(NAME, "One step of a decoder of 1, 8 and 512 tokens, beside llama.cpp.");
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
        DecoderArguments arguments = DecoderArguments.parse(usage(), words);
        out.println(Machine.describe());
        out.println(Tenon.describe());
        DecoderRun run = new DecoderRun(out, arguments, DecoderArguments.llama(out));
        for (DecoderCase c : arguments.cases()) {
            Path file = c.file(arguments.folder(), progress);
            for (int threads : arguments.threads()) {
                run.measure(c, file, threads);
            }
        }
        return run.agrees;
    }

    private void measure(DecoderCase c, Path file, int threads) {
        long start = System.nanoTime();
        try (TenonDecoder own = new TenonDecoder(file, threads, CONTEXT, DType.FLOAT16, Precision.INT8_DYNAMIC)) {
            long loaded = System.nanoTime();
            LlamaCpp.Decoder peer = llama == null ? null : llama.load(file, threads, CONTEXT, 1, false);
            long both = System.nanoTime();
            try {
                out.printf(
                        Locale.ROOT,
                        "%n%s, %d threads, %.0f MB a step; loaded in %.0f ms%s%n",
                        c.name(),
                        threads,
                        c.weightBytes() / 1e6,
                        (loaded - start) / NANOS_PER_MILLI,
                        peer == null
                                ? ""
                                : String.format(Locale.ROOT, ", llama.cpp in %.0f", (both - loaded) / NANOS_PER_MILLI));
                measure(c, threads, own, peer);
            } finally {
                if (peer != null) {
                    peer.close();
                }
            }
        }
    }

    private void measure(DecoderCase c, int threads, TenonDecoder own, LlamaCpp.Decoder peer) {
        Stepper ours = (ids, from) -> own.step(ids, from, false);
        Stepper theirs = peer == null ? null : (ids, from) -> peer.step(ids, from, false);
        int[] prompt = tokens(c.decoder(), PAST);
        float[] logits = ours.step(prompt, 0);
        if (theirs != null) {
            double cosine = cosine(logits, theirs.step(prompt, 0));
            agrees &= cosine >= LEAST_COSINE;
            out.printf(Locale.ROOT, "cosine of the logits after %d tokens: %.5f%n", PAST, cosine);
        }
        Ceilings ceilings = new Ceilings(threads);
        Time[] tenon = new Time[STEPS.length];
        Time[] llamas = new Time[STEPS.length];
        Arrays.fill(tenon, Time.NONE);
        Arrays.fill(llamas, Time.NONE);
        for (int round = 0; round < arguments.rounds(); round++) {
            for (int i = 0; i < STEPS.length; i++) {
                ceilings.run(REPEATS[i]);
                tenon[i] = tenon[i].least(time(ours, c, threads, i));
                llamas[i] = theirs == null ? Time.NONE : llamas[i].least(time(theirs, c, threads, i));
            }
        }
        out.println(ceilings);
        print(c, tenon, llamas, ceilings);
    }

    private void print(DecoderCase c, Time[] tenon, Time[] llamas, Ceilings ceilings) {
        out.println(
                "tokens      Tenon ms  tok/s  GB/s of read  GOP/s of peak  had   llama.cpp ms  tok/s  had   times as fast");
        for (int i = 0; i < STEPS.length; i++) {
            double nanos = tenon[i].nanos();
            double operations = c.operations(STEPS[i]);
            out.printf(
                    Locale.ROOT,
                    "%6d  %12.2f %6.1f %5.1f %5.0f %% %6.0f %4.0f %% %3.0f %%",
                    STEPS[i],
                    nanos / NANOS_PER_MILLI,
                    STEPS[i] * 1e9 / nanos,
                    c.weightBytes() / nanos,
                    PERCENT * ceilings.ofBandwidth(c.weightBytes(), nanos),
                    operations / nanos,
                    PERCENT * ceilings.ofPeak(operations, nanos),
                    PERCENT * tenon[i].share());
            if (llama != null) {
                out.printf(
                        Locale.ROOT,
                        " %14.2f %6.1f %3.0f %% %15.2f",
                        llamas[i].nanos() / NANOS_PER_MILLI,
                        STEPS[i] * 1e9 / llamas[i].nanos(),
                        PERCENT * llamas[i].share(),
                        llamas[i].nanos() / nanos);
            }
            out.println();
        }
        out.flush();
    }

    /** The least time of some steps. */
    private static Time time(Stepper stepper, DecoderCase c, int threads, int index) {
        int[] ids = tokens(c.decoder(), STEPS[index]);
        Time least = Time.NONE;
        for (int repeat = 0; repeat < REPEATS[index]; repeat++) {
            long used = PROCESS.getProcessCpuTime();
            long start = System.nanoTime();
            stepper.step(ids, STEPS[index] == PAST ? 0 : PAST);
            double nanos = System.nanoTime() - start;
            double share = (PROCESS.getProcessCpuTime() - used) / nanos / threads;
            least = least.least(new Time(nanos, share));
        }
        return least;
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
